"""Pure policy: TOML packs, their loader, and evaluators that answer with a rule and an article."""

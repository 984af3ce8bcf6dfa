"""Source profiles: how files of a city or platform are laid out, as TOML that a domain person can read."""

"""One example for every command, shown at the end of its ``--help`` and in ``docs/cli.md``.

Kept in one place, so that a test can demand one of every command and read them all by the side of each other.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

EXAMPLE = "example 示例:"
EXAMPLES: dict[str, str] = {
    "serve": "credit-hub serve --workers 2",
    "demo": "credit-hub demo --cities 2",
    "query": "credit-hub query --save answer.json '{ records(first: 5) { nodes { documentNumber until } } }'",
    "load": "credit-hub load city-files/ --dry-run --report report.json --quarantine quarantine.jsonl",
    "files": "credit-hub files --kind xzcf --template 行政处罚.xlsx",
    "migrate": "credit-hub migrate",
    "graph-hash": "credit-hub graph-hash",
    "person-token": "credit-hub person-token --client bank-1 < id-numbers.txt",
    "person-key rotate": "credit-hub person-key rotate",
    "client add": 'credit-hub client add "city platform" --scope "credit:public credit:mutual" --generate platform.jwk',
    "client list": "credit-hub client list --json",
    "client revoke": "credit-hub client revoke city-platform-1a2b3c",
    "user add": "credit-hub user add clerk-07 --role clerk",
    "user link": "credit-hub user link clerk-07",
    "user list": "credit-hub user list --json",
    "user disable": "credit-hub user disable clerk-07",
    "policy check": "credit-hub policy check my-packs/ --json",
    "policy new": "credit-hub policy new rule > my-packs/330305/piercing.toml",
    "policy simulate": "credit-hub policy simulate my-packs/330305/piercing.toml --as-of 2026-11-01",
    "keys list": "credit-hub keys list --json",
    "keys rotate": "credit-hub keys rotate --after 604800",
    "keys invalidate": "credit-hub keys invalidate KID --since 2026-03-01T08:00:00+08:00",
    "keys recipient": "credit-hub keys recipient backups.jwk > backups.pub.jwk",
    "backup": "credit-hub backup backup-2026-11-28 --recipient backups.pub.jwk",
    "restore": "credit-hub restore backup-2026-11-28 --key backups.jwk",
    "ledger export": "credit-hub ledger export --from 2026-03-01 --to 2026-03-31 march.json",
    "ledger erase": 'credit-hub ledger erase --client bank-1 --before 2024-01-01 --because "kept for two years"',
    "ledger looks": "credit-hub ledger looks --client investigator-1 --json",
    "ledger recover": 'credit-hub ledger recover --size 1234 --because "restored the backup of 1 March"',
    "ledger rotate-key": "credit-hub ledger rotate-key",
    "ledger verify": "credit-hub ledger verify --json",
    "gate check": "credit-hub gate check firms.xlsx --matter gov-procurement --stage registration",
    "acts list": "credit-hub acts list --kind gate-check --json",
    "acts show": "credit-hub acts show 0192f0c0-7b1a-7c3e-9a5d-2f6b8c1d4e70",
    "acts verify": "credit-hub acts verify --json",
    "acts replay": "credit-hub acts replay",
    "verify": "credit-hub verify answer.json --trust directory.json --json",
    "witness": "credit-hub witness --name witness.example.org --log hub.json",
    "directory init": "credit-hub directory init directory.json --anchor a.pub.jwk b.pub.jwk --threshold 2",
    "directory anchor": "credit-hub directory anchor jiangsu",
    "directory withdraw": "credit-hub directory withdraw directory.json --region 320583",
    "directory add": "credit-hub directory add directory.json https://hub.example.cn --region 320583 --name 昆山市",
    "directory sign": "credit-hub directory sign directory.json --key a.jwk",
    "directory verify": "credit-hub directory verify directory.json --trust a.pub.jwk --json",
    "directory diff": "credit-hub directory diff before.json after.json",
    "peers": "credit-hub peers --json",
    "peers probe": "credit-hub peers probe https://hub.example.cn",
    "schema": "credit-hub schema > schema.graphql",
    "completion": "credit-hub completion bash > ~/.local/share/bash-completion/completions/credit-hub",
}


def commands(parser: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run, as the words behind ``credit-hub``, with its parser."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if words and not any(group.required for group in groups):
        yield words, parser
    for group in groups:
        first = {id(child): name for name, child in reversed(group.choices.items())}  # aliases come later
        for name, child in group.choices.items():
            if first[id(child)] == name:
                yield from commands(child, f"{words} {name}".strip())


def add_examples(parser: argparse.ArgumentParser) -> None:
    """The example of each command at the end of its help, as it is to be typed."""
    for words, command in commands(parser):
        example = EXAMPLES.get(words)
        if example:
            command.epilog = f"{EXAMPLE} {example}"

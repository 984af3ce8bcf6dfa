"""A pack on trial: the policies of a hub as they would be with one more pack."""

from __future__ import annotations

from pathlib import Path

from policies.book import Policies, check_cases, join, read_files
from policies.packs import Written, pack_files, read_pack
from schema.errors import UsageError


def with_pack(region: str, folders: tuple[Path, ...], pack: Path) -> Policies:
    """What ``load_policies`` would give with ``pack`` put into a folder of HUB_POLICIES.

    A rule of the pack takes the place of every version of the same id, unless it says itself which one it supersedes.
    Raises PackError for a fault in the pack or a failing case, UsageError when the pack has no rule to try.
    """
    tried = Written()
    read_pack(pack, str(pack), region, tried)
    if not tried.rules:
        raise UsageError(f"{pack} has no [[rule]]", hint="simulate tries piercing rules; policy check reads the rest")
    files = [(file, shown) for file, shown in pack_files(region, folders) if file.resolve() != pack.resolve()]
    present = read_files(region, files)
    replaced = {written.rule.id for written in tried.rules if not written.supersedes}
    present.rules = [written for written in present.rules if written.rule.id not in replaced]
    read_pack(pack, str(pack), region, present)
    policies = join(region, present)
    check_cases(policies)
    return policies


def without_pack(region: str, folders: tuple[Path, ...], pack: Path) -> Policies:
    """The policies in force now, whether or not the pack already lies in a folder of HUB_POLICIES: without it."""
    files = [(file, shown) for file, shown in pack_files(region, folders) if file.resolve() != pack.resolve()]
    return join(region, read_files(region, files))

"""Which kind of file a row of headers belongs to, and which column is which. By content, never by file name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graph_loaders.sources.profile import UNITS, KindColumns, Profile
from schema.records import FileKind

AMOUNTS = ("fine", "confiscated", "amount")
_UNIT = re.compile(r"\((?:单位[::]?)?(元|千元|万元|百万元|亿元)\)$")


@dataclass(frozen=True, slots=True)
class Match:
    """A kind recognised in a row of headers. ``found`` counts the columns of the kind that are there; ``twins`` are
    further columns under the very same header."""

    kind: FileKind
    columns: Mapping[str, int]
    factors: Mapping[str, int]
    found: int
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def plain_header(text: object) -> str:
    """A header as it is compared: half width, upper case, without blanks and invisible characters."""
    wide = unicodedata.normalize("NFKC", "" if text is None else str(text)).upper()
    return "".join(c for c in wide if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


def match_headers(headers: Sequence[object], profile: Profile) -> Match | None:
    """The kind with all needed columns and the most columns found, or None."""
    positions: dict[str, int] = {}
    again: dict[int, list[int]] = {}
    units: dict[int, int] = {}
    for index, header in enumerate(headers):
        plain = plain_header(header)
        if not plain:
            continue
        if (first := positions.setdefault(plain, index)) != index:
            again.setdefault(first, []).append(index)
        if unit := _UNIT.search(plain):
            units[index] = UNITS[unit[1]]
            positions.setdefault(plain[: unit.start()], index)
    best: Match | None = None
    for kind, entry in profile.kinds.items():
        match = _match(kind, entry, positions, units, profile)
        if match and (best is None or match.found > best.found):
            best = match
    if best and again:
        twins = {column: tuple(again[index]) for column, index in best.columns.items() if index in again}
        return replace(best, twins=twins)
    return best


def known_headers(profile: Profile) -> frozenset[str]:
    """Every header by which a column goes, as it is compared."""
    names = (name for entry in profile.kinds.values() for column in entry.columns.values() for name in column)
    return frozenset(plain_header(name) for name in names if isinstance(name, str))


def without_unit(header: str) -> str:
    """A header as it is compared, without a unit at its end."""
    return _UNIT.sub("", plain_header(header))


def match_positions(width: int, profile: Profile) -> Match | None:
    """The kind of a file without headers: the one kind for which the profile gives positions."""
    for kind, entry in profile.kinds.items():
        places = {
            column: index - 1
            for column, names in entry.columns.items()
            for index in names[:1]
            if isinstance(index, int) and 0 < index <= width
        }
        if entry.own and all(column in places for column in entry.needed):
            factor = UNITS[profile.unit or "万元"]
            return Match(kind, places, {c: factor for c in AMOUNTS if c in places}, len(places))
    return None


def _match(
    kind: FileKind, entry: KindColumns, positions: Mapping[str, int], units: Mapping[int, int], profile: Profile
) -> Match | None:
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for column, names in entry.columns.items():
        for name in names:
            index = positions.get(plain_header(name)) if isinstance(name, str) else None
            if index is not None and index not in taken:
                columns[column] = index
                taken.add(index)
                break
    if any(column not in columns for column in entry.needed):
        return None
    default = UNITS[profile.unit or "万元"]
    factors = {column: units.get(columns[column], default) for column in AMOUNTS if column in columns}
    return Match(kind, columns, factors, len(columns))


def expected_headers(profile: Profile) -> str:
    """What a file of each kind must have, for the error about a file that is none of them."""
    parts = []
    for kind, entry in profile.kinds.items():
        names = (str(entry.columns[column][0]) for column in entry.needed)
        parts.append(f"{kind}: {', '.join(names)}")
    return "; ".join(parts)

"""The first reading of a file: which rows are the same, and which may contradict each other, in 8 bytes a row.

Only hashes are kept, so a file of any length fits. They may rarely be equal for different rows: what is found here are
candidates that the second reading compares in full.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

from graph_loaders.sources import Broken, Cells

PARTS = 64
PairOf = Callable[[Cells], tuple[str, str]]
"""What a row is about, and what must not differ among rows about the same."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Hashes of rows that occur twice, and of pair keys with different values. ``rows`` counts all data rows."""

    rows: int = 0
    same: frozenset[int] = field(default_factory=frozenset)
    clashing: frozenset[int] = field(default_factory=frozenset)


def row_key(cells: Cells) -> int:
    """Equal for equal cells; salted for each process, so nobody can make files that collide."""
    return hash(tuple(cells))


def find_repeats(rows: Iterator[Cells | Broken], pair_of: PairOf | None) -> Repeats:
    """Hashes lie in parts by their last bits, so that only a small part of them is ever a list of Python integers."""
    count = 0
    hashes = [array("q") for _ in range(PARTS)]
    keys = [array("q") for _ in range(PARTS)]
    values = [array("q") for _ in range(PARTS)]
    for cells in rows:
        count += 1
        if isinstance(cells, Broken):
            continue
        found = hash(tuple(cells))
        hashes[found % PARTS].append(found)
        if pair_of is not None:
            key, value = pair_of(cells)
            found = hash(key)
            keys[found % PARTS].append(found)
            values[found % PARTS].append(hash(value))
    same = frozenset(chain.from_iterable(map(_twice, hashes)))
    clashing = frozenset(chain.from_iterable(map(_clashing, keys, values)))
    return Repeats(count, same, clashing)


def _twice(hashes: array[int]) -> set[int]:
    """Values that occur more than once."""
    return {one for one, two in pairwise(sorted(hashes)) if one == two}


def _clashing(keys: array[int], values: array[int]) -> set[int]:
    repeated = _twice(keys)
    first: dict[int, int] = {}
    clashing = set()
    for key, value in zip(keys, values, strict=True):
        if key in repeated and first.setdefault(key, value) != value:
            clashing.add(key)
    return clashing


def pair_by(keys: tuple[tuple[int, Callable[[Any], str]], ...], value: int, text: Callable[[Any], str]) -> PairOf:
    """A pair of the texts of some columns, with the text of another one (-1: with the whole row)."""

    def pair(cells: Cells) -> tuple[str, str]:
        key = "\x1f".join([read(cells[column]) for column, read in keys])
        return key, text(cells[value]) if value >= 0 else repr(cells)

    return pair

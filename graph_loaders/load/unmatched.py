"""Endings and lifts of a load that match nothing held here: counted and listed, since nobody else would notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.steady import read_page
from graph_loaders.report import Unmatched
from graph_loaders.statements import statement
from schema.records import FileKind
from schema.times import OPEN_INSTANT

PAGE = 2_000
_KINDS: tuple[tuple[str, FileKind, str], ...] = (
    ("Ending", "repairs", "write/unmatched_endings"),
    ("Lift", "lifts", "write/unmatched_lifts"),
)


async def unmatched(engine: Engine, vids: Mapping[str, Collection[str]]) -> list[Unmatched]:
    """``vids``: ids of the versions that the load has read, by label."""
    found: list[Unmatched] = []
    for label, kind, name in _KINDS:
        ordered = sorted(vids.get(label, ()))
        for start in range(0, len(ordered), PAGE):
            values: dict[str, Any] = {"vids": ordered[start : start + PAGE], "open": OPEN_INSTANT}
            rows = await read_page(engine, statement(name), values)
            found += [Unmatched(kind=kind, **row) for row in rows]
    return sorted(found, key=lambda one: (one.kind, one.file, one.row))

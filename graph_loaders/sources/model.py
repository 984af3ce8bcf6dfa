"""What reading a file gives: a recognised source and its rows, or a place where no row could be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schema.records import FILE_KINDS, FileKind

Container = Literal["csv", "jsonl", "xlsx"]
Cells = Sequence[Any]
"""One row as it stands in the file, in the order of ``Source.headers``; what JSON adds to them comes after."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read, with the reason. ``detail`` never repeats what the row says."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is understood: its container, kind and columns.

    ``header_row`` counts lines or rows of the sheet from 1; 0: there is none. ``columns`` maps the columns of the kind
    to positions in ``headers``; ``factors`` gives the number of CNY in one unit of an amount column; ``values``
    replaces texts of a column; ``dates`` are further ``strptime`` formats.
    """

    path: Path
    kind: FileKind
    container: Container
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    header_row: int
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    sheet: str = ""
    dates: tuple[str, ...] = ()
    factors: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    profile: str = "standard"

    @property
    def order(self) -> int:
        """Registry files come first in one call: names in other files are checked against them."""
        return FILE_KINDS.index(self.kind)

    def header(self, column: str) -> str:
        """What the file itself calls a column of the kind (the column's own name where it has none)."""
        position = self.columns.get(column)
        return column if position is None else self.headers[position]

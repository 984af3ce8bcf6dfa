"""What reading a file gives: a recognised source and its rows, or a place where no row could be read."""

from __future__ import annotations

import os
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
    """A row that cannot be read, with the reason. ``detail`` never repeats what the row says; ``texts`` are what can
    still be told of its cells, wherever they belong."""

    reason: str
    detail: str = ""
    texts: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is understood: its container, kind and columns.

    ``header_row`` counts lines or rows of the sheet from 1; 0: there is none. ``columns`` maps the columns of the kind
    to positions in ``headers``; ``factors`` gives the number of CNY in one unit of an amount column; ``values``
    replaces texts of a column; ``dates`` are further ``strptime`` formats. ``twins`` are further positions of a column
    whose header the file has more than once. ``part`` names the sheet where a workbook gives several sources.
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
    part: str = ""
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    factors: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    profile: str = "standard"

    @property
    def place(self) -> str:
        """The path as reports show it, with the sheet where there are several."""
        return shown_path(self.path) + (f"#{self.part}" if self.part else "")

    @property
    def name(self) -> str:
        """The file's name as the graph keeps it."""
        return shown_path(Path(self.path.name)) + (f"#{self.part}" if self.part else "")

    @property
    def order(self) -> int:
        """Registry files come first in one call: names in other files are checked against them."""
        return FILE_KINDS.index(self.kind)

    def header(self, column: str) -> str:
        """What the file itself calls a column of the kind (the column's own name where it has none)."""
        position = self.columns.get(column)
        return column if position is None else self.headers[position]


def shown_path(path: Path) -> str:
    """A path as text. Names that were unpacked from another system's archive are read as what they were there."""
    raw = os.fsencode(path)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")

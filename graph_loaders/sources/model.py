"""What reading a file gives: a recognised source and its rows, or a place where no row could be read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

from graph_loaders.sources.archive import member_size, opened_member
from schema.records import FILE_KINDS, FileKind

Container = Literal["csv", "jsonl", "json", "xlsx", "xls", "html", "spreadsheetml", "ods"]
GRIDS: frozenset[Container] = frozenset(("xlsx", "xls", "html", "spreadsheetml", "ods"))
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
class Stored:
    """A file, or a member of a ZIP archive."""

    path: Path
    member: str = ""

    def open(self) -> BinaryIO:
        """Bytes to read; a member is unpacked to where nobody else sees it. Raises OSError and BadZipFile."""
        return opened_member(self.path, self.member) if self.member else self.path.open("rb")

    @property
    def size(self) -> int:
        return member_size(self.path, self.member) if self.member else self.path.stat().st_size

    @property
    def place(self) -> str:
        return shown_path(self.path) + (f"#{self.member}" if self.member else "")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or sheet that was met and not read, and what to do about it. ``data``: it looks like a table."""

    path: str
    reason: str
    hint: str
    data: bool = False

    def as_json(self) -> dict[str, str]:
        return {"path": self.path, "reason": self.reason, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is understood: its container, kind and columns.

    ``header_row`` counts lines or rows of the sheet from 1; 0: there is none. ``columns`` maps the columns of the kind
    to positions in ``headers``; ``factors`` gives the number of CNY in one unit of an amount column; ``values``
    replaces texts of a column; ``dates`` are further ``strptime`` formats. ``twins`` are further positions of a column
    whose header the file has more than once. ``part`` names the sheet where a workbook gives several sources,
    ``member`` the file in a ZIP archive. ``since_1904``: bare day numbers count from 1904-01-01. ``out_of_sight``: the
    sheet is hidden.
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
    member: str = ""
    since_1904: bool = False
    out_of_sight: bool = False
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    factors: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    profile: str = "standard"

    @property
    def stored(self) -> Stored:
        return Stored(self.path, self.member)

    @property
    def place(self) -> str:
        """The path as reports show it, with the member and the sheet where there are several."""
        return shown_path(self.path) + self._within

    @property
    def name(self) -> str:
        """The file's name as the graph keeps it."""
        return shown_path(Path(self.path.name)) + self._within

    @property
    def _within(self) -> str:
        return "".join(f"#{part}" for part in (self.member, self.part) if part)

    @property
    def order(self) -> int:
        """Registry files come first in one call: names in other files are checked against them."""
        return FILE_KINDS.index(self.kind)

    @property
    def read(self) -> list[str]:
        """The headers of the columns that are read, as the file has them."""
        places = {*self.columns.values(), *(place for places in self.twins.values() for place in places)}
        return [header for index, header in enumerate(self.headers) if index in places]

    @property
    def unread(self) -> list[str]:
        """The other headers; what stands under them is in no fact."""
        places = {*self.columns.values(), *(place for places in self.twins.values() for place in places)}
        return [header for index, header in enumerate(self.headers) if header and index not in places]

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

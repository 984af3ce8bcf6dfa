"""A spreadsheet, whatever its container: sheets of numbered rows, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from schema.errors import UsageError

Merge = tuple[int, int, int, int]
"""First row (from 1), first column (from 0), last row, last column."""

Row = tuple[int, list[Any], bool]
"""Number from 1, cells, and whether the row is hidden. Rows without cells may be left out."""

MOST_COLUMNS = 2_048
MOST_CELLS = 20_000_000  # of a sheet that is held in memory
LONGEST_CELL = 1 << 17  # characters
MOST_MERGES = 100_000  # merged cells of a sheet
DEEPEST = 64  # elements in each other


@dataclass(slots=True)
class Sheet:
    """``rows`` and ``merges`` read anew each time; ``done`` tells how far, from 0 to 1."""

    name: str
    rows: Callable[[], Iterator[Row]]
    merges: Callable[[], Sequence[Merge]] = tuple
    hidden: bool = False
    done: Callable[[], float] = lambda: 1.0


@dataclass(slots=True)
class Book:
    """``since_1904``: bare day numbers count from 1904-01-01."""

    sheets: list[Sheet] = field(default_factory=list)
    since_1904: bool = False

    def sheet(self, name: str) -> Sheet:
        return next(sheet for sheet in self.sheets if sheet.name == name)


class Grid:
    """Builds one sheet in memory, within bounds. Raises UsageError beyond them."""

    def __init__(self, name: str, hidden: bool = False) -> None:
        self.name = name
        self.hidden = hidden
        self.merged: list[Merge] = []
        self._rows: list[Row] = []
        self._cells = 0

    def add(self, number: int, cells: list[Any], hidden: bool = False) -> None:
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            return
        self._cells += len(cells)
        if self._cells > MOST_CELLS:
            raise too_much(self.name)
        self._rows.append((number, cells, hidden))

    def merge(self, row: int, column: int, down: int, across: int) -> None:
        """``down`` and ``across`` count the further rows and columns."""
        if (down > 0 or across > 0) and len(self.merged) < MOST_MERGES:
            self.merged.append((row, column, row + down, column + across))

    def sheet(self) -> Sheet:
        return Sheet(self.name, lambda: iter(self._rows), lambda: self.merged, self.hidden)


def too_much(what: str) -> UsageError:
    return UsageError(
        f"{what} holds more than a table can",
        hint="send it in several files, or as CSV",
        message_zh="表格过大，请拆分或另存为 CSV",
    )


def put(cells: list[Any], column: int, value: Any) -> None:
    """Sets a cell of a row; what stands further to the right than any table goes is kept as one more cell."""
    column = min(column, MOST_COLUMNS)
    if column >= len(cells):
        cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value

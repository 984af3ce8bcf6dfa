"""Merged cells: what such a cell shows holds for every row that it spans, and says nothing of its own columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from graph_loaders.sources.book import MOST_COLUMNS, Merge, Row
from graph_loaders.sources.cells import MERGED, Unreadable

_HIGHEST = 100_000  # rows; a merged cell that spans more is a fault of the export


def filled(rows: Iterable[Row], merges: Sequence[Merge]) -> Iterator[Row]:
    """Rows with what merged cells above them say. Rows of merged cells alone stay empty.

    Of a cell that is merged over several columns, the further ones cannot be told: they may be the same or nothing.
    """
    begins: dict[int, list[Merge]] = {}
    for merge in merges:
        if merge[2] - merge[0] < _HIGHEST:
            begins.setdefault(merge[0], []).append(merge)
    open_cells: dict[int, tuple[int, Any]] = {}
    waiting = sorted(begins)
    for number, row, hidden in rows:
        cells = row
        while waiting and waiting[0] < number:  # begun in a row that has no cells at all
            for _, left, _, _ in begins[waiting.pop(0)]:
                open_cells.pop(left, None)
        if open_cells:
            open_cells = {column: held for column, held in open_cells.items() if held[0] >= number}
            if open_cells and any(cell != "" for cell in row):
                cells = list(row) + [""] * (max(open_cells) + 1 - len(row))
                for column, (_, value) in open_cells.items():
                    cells[column] = value if cells[column] == "" else cells[column]
        if waiting and waiting[0] == number:
            cells = _begun(cells, begins[waiting.pop(0)], open_cells)
        yield number, cells, hidden


def _begun(row: list[Any], merges: list[Merge], open_cells: dict[int, tuple[int, Any]]) -> list[Any]:
    cells = list(row)
    for _, left, last, right in merges:
        value = cells[left] if left < len(cells) else ""
        if last > 0:
            open_cells[left] = (last, value)
        if value == "" or right <= left:
            continue
        right = min(right, MOST_COLUMNS)
        cells.extend([""] * (right + 1 - len(cells)))
        for column in range(left + 1, right + 1):
            if cells[column] == "":
                cells[column] = Unreadable(MERGED, str(value))
                if last > 0:
                    open_cells[column] = (last, cells[column])
    return cells


def header_texts(rows: Sequence[Row], merges: Sequence[Merge]) -> list[tuple[int, list[str]]]:
    """The first rows as texts, every cell of a merged one saying what it says, for finding the header."""
    found: dict[int, list[str]] = {number: [str(cell).strip() for cell in cells] for number, cells, _ in rows}
    last_row = max(found, default=0)
    for top, left, bottom, right in merges:
        said = found.get(top, [])
        text = said[left] if left < len(said) else ""
        if not text:
            continue
        for number in range(top, min(bottom, last_row) + 1):
            line = found.setdefault(number, [])
            for column in range(left, min(right, MOST_COLUMNS) + 1):
                line.extend([""] * (column + 1 - len(line)))
                line[column] = line[column] or text
    return sorted(found.items())

"""Cells of a workbook that are merged downwards: what such a cell shows holds for every row that it spans.

openpyxl leaves them out when it reads as a stream, so the rows below the first would look as if nothing was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

from openpyxl.utils import column_index_from_string

_CELLS = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_BLOCK = 1 << 20
_OVERLAP = 256  # bytes: longer than one element
_MOST = 100_000

Spans = dict[int, list[tuple[int, int]]]
"""By first row, from 1: positions of columns from 0, and last rows."""


def merged_down(sheet: IO[bytes]) -> Spans:
    """The merged cells of a sheet's XML that are one column wide."""
    spans: Spans = {}
    count, rest = 0, b""
    while (block := sheet.read(_BLOCK)) and count < _MOST:
        text = rest + block
        end = 0
        for found in _CELLS.finditer(text):
            end = found.end()
            first, last = int(found[2]), int(found[4])
            if found[1] == found[3] and last > first:
                spans.setdefault(first, []).append((column_index_from_string(found[1].decode()) - 1, last))
                count += 1
        rest = text[max(end, len(text) - _OVERLAP) :]
    return spans


def filled(rows: Iterable[tuple[Any, ...]], spans: Spans, number: int) -> Iterator[tuple[Any, ...]]:
    """Rows from that number on, with what merged cells above say. A row of merged cells alone stays empty."""
    open_cells: dict[int, tuple[int, Any]] = {}
    for at, row in enumerate(rows, number):
        if open_cells:
            open_cells = {column: held for column, held in open_cells.items() if held[0] >= at}
            if any(cell is not None for cell in row):
                cells = list(row) + [None] * (max(open_cells, default=-1) + 1 - len(row))
                for column, (_, value) in open_cells.items():
                    cells[column] = value if cells[column] is None else cells[column]
                row = tuple(cells)
        for column, last in spans.get(at, ()):
            open_cells[column] = (last, row[column] if column < len(row) else None)
        yield row

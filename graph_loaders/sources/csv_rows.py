"""Rows of a delimited text file (RFC 4180, as it is met in practice)."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator

from graph_loaders.sources.lines import Line, Lines
from graph_loaders.sources.model import Broken, Cells, Source

LONGEST_SPAN = 1_000  # physical lines that one quoted row may take
LONGEST_ROW = 1 << 17  # characters of them; csv's own field limit is the same


_DATES = frozenset(("on", "since", "until", "valid_until", "received_at"))
_KEYS = frozenset(("code", "document", "number", "party_a", "party_b", "person_number", "holder_number"))
_DATE = re.compile(r"^\s*(?:\d{4}\s*[-/.年]\s*\d|\d{8}|\d{5}(?:\.\d+)?\s*$|\d{10}|\d{13})")
_KEY = re.compile(r"\d{3}")
_AS_TEXT = re.compile('="([^"]*)"')


class _Runaway(Exception):
    """A quotation mark was opened and not closed within a row's bounds."""


class CsvRows:
    """Iterates over data rows; ``position`` counts bytes.

    A row that takes too many lines has a stray quotation mark: its first line is broken, and reading goes on with
    the second.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = Lines(source.stored, source.encoding, source.line_end)
        self._waiting: deque[Line] = deque()
        self._taken: list[Line] = []
        self._input: Iterator[Line] = iter(())

    @property
    def position(self) -> int:
        return self.lines.position

    def __iter__(self) -> Iterator[Cells | Broken]:
        delimiter = self.source.delimiter
        width = len(self.source.headers)
        waiting = self._waiting
        self._input = source = iter(self.lines)
        for _ in range(self.source.header_row):
            self._quoted(waiting.popleft() if waiting else next(source, ""))
        while (line := waiting.popleft() if waiting else next(source, None)) is not None:
            if isinstance(line, Broken):
                yield line
                continue
            if '"' in line:
                quoted = self._quoted(line)
                if isinstance(quoted, Broken):
                    yield quoted
                    continue
                cells = [found[1] if (found := _AS_TEXT.fullmatch(cell)) else cell for cell in quoted]
            else:
                self._taken.clear()
                cells = line.rstrip("\r").split(delimiter)
                if len(cells) > width and "\r" in line and (lines := _lines(line, delimiter, width)):
                    waiting.extendleft(reversed(lines))
                    continue
            if len(cells) != width:
                fitted = _fit(cells, width)
                if fitted is not None:
                    yield fitted
            elif "\0" in line or (len(self._taken) > 1 and any("\0" in cell for cell in cells)):
                yield Broken("broken_row", "NUL", tuple(cells))
            elif any(cells):
                yield cells

    def head(self, count: int) -> Iterator[list[str]]:
        """The first rows as they stand, whatever their width; what cannot be read is an empty row."""
        self._input = source = iter(self.lines)
        for _ in range(count):
            line = self._waiting.popleft() if self._waiting else next(source, None)
            if line is None:
                return
            cells = self._quoted(line)
            yield [] if isinstance(cells, Broken) else cells

    def _quoted(self, line: Line) -> list[str] | Broken:
        """One row that begins with this line; takes further lines while a quotation is open."""
        if isinstance(line, Broken):
            return line
        self._taken = [line]
        reader = csv.reader(self._feed(), delimiter=self.source.delimiter, strict=False)
        try:
            cells = next(reader)
        except StopIteration:
            return []
        except (_Runaway, csv.Error):
            self._waiting.extendleft(reversed(self._taken[1:]))
            return Broken("broken_row", "quotation mark", (line,))
        return cells

    def _feed(self) -> Iterator[str]:
        """The lines of one row for csv; raises _Runaway when it takes too many, or meets a broken one, the last one or
        one that is a row of its own."""
        first = self._taken[0]
        assert isinstance(first, str)
        yield first.rstrip("\r") + "\n"
        size = len(first)
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._input, None)
            if line is None:
                raise _Runaway
            self._taken.append(line)
            if isinstance(line, Broken):
                raise _Runaway
            size += len(line)
            if len(self._taken) > LONGEST_SPAN or size > LONGEST_ROW or self._whole_row(line):
                raise _Runaway
            yield line.rstrip("\r") + "\n"

    def _whole_row(self, line: str) -> bool:
        """True for a line within a quotation that is a row of this table: of its width, with a code, date or number
        where the table has them, and no quotation open but one that begins in it."""
        source = self.source
        width = len(source.headers)
        if width < 2 or line.count(source.delimiter) < width - 1:
            return False
        cells = own_cells(line.rstrip("\r"), source.delimiter)
        if cells is None or len(cells) != width:
            return False
        dates = [cells[place] for column, place in source.columns.items() if column in _DATES or column.endswith("_on")]
        if dates:
            return any(map(_DATE.search, dates))
        keys = [cells[place] for column, place in source.columns.items() if column in _KEYS]
        return not keys or any(map(_KEY.search, keys))


def own_cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line by itself; None where its first quotation mark ends a quotation instead of beginning one.

    A quotation that is begun and not ended is a stray mark: the line is split as if it was none.
    """
    cells: list[str] = []
    place = 0
    while True:
        if line.startswith('"', place):
            end = _end_of_quotation(line, place + 1)
            if end < 0:
                return (
                    [*cells, *line[place:].split(delimiter)]
                    if line[place + 1 : place + 2] not in ("", delimiter)
                    else None
                )
            if end < len(line) and not line.startswith(delimiter, end):
                return None
            cells.append(line[place + 1 : end - 1])
        else:
            end = line.find(delimiter, place)
            end = len(line) if end < 0 else end
            if '"' in line[place:end]:
                return None
            cells.append(line[place:end])
        if end >= len(line):
            return cells
        place = end + len(delimiter)


def _end_of_quotation(line: str, place: int) -> int:
    """Where a quotation ends, behind its mark; -1: not in this line."""
    while (mark := line.find('"', place)) >= 0:
        if not line.startswith('"', mark + 1):
            return mark + 1
        place = mark + 2
    return -1


def _lines(line: str, delimiter: str, width: int) -> list[str]:
    """The rows in a line where some rows of the file end with a lone carriage return; [] where they are no rows."""
    lines = line.rstrip("\r").split("\r")
    return lines if len(lines) > 1 and all(part.count(delimiter) == width - 1 for part in lines if part) else []


def _fit(cells: list[str], width: int) -> Cells | Broken | None:
    """A row of another width: more cells are fine if they are empty; blank lines are no rows (None)."""
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    return Broken("ragged_row", f"{len(cells)} / {width}", tuple(cells))

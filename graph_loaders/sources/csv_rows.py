"""Rows of a delimited text file (RFC 4180, as it is met in practice)."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from graph_loaders.sources.lines import Line, Lines
from graph_loaders.sources.model import Broken, Cells, Source

LONGEST_SPAN = 100  # physical lines that one quoted row may take
LONGEST_ROW = 1 << 17  # characters of them; csv's own field limit is the same


class _Runaway(Exception):
    """A quotation mark was opened and not closed within a row's bounds."""


class CsvRows:
    """Iterates over data rows; ``position`` counts bytes.

    A row that takes too many lines has a stray quotation mark: its first line is broken, and reading goes on with
    the second.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = Lines(source.path, source.encoding, source.line_end)
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
                cells = quoted
            else:
                cells = line.rstrip("\r").split(delimiter)
                if len(cells) > width and "\r" in line and (lines := _lines(line, delimiter, width)):
                    waiting.extendleft(reversed(lines))
                    continue
            if len(cells) != width:
                fitted = _fit(cells, width)
                if fitted is not None:
                    yield fitted
            elif "\0" in line:
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
        """The lines of one row for csv; raises _Runaway when it takes too many or meets a broken or the last one."""
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
            if len(self._taken) > LONGEST_SPAN or size > LONGEST_ROW:
                raise _Runaway
            yield line.rstrip("\r") + "\n"


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

"""OpenDocument spreadsheets (ISO/IEC 26300): the tables of ``content.xml``."""

from __future__ import annotations

import zipfile
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from graph_loaders.sources.book import LONGEST_CELL, MOST_COLUMNS, Book, Grid, put
from graph_loaders.sources.cells import ERROR, FORMULA, Unreadable, plain_cell
from graph_loaders.sources.xml_events import XmlFault, attribute, feed, whole_number

MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
LARGEST = 1 << 30  # bytes unpacked
_MOST_REPEATED = 1_000  # equal rows that say something
_LAST_ROW = 1 << 24


def ods_book(file: IO[bytes]) -> Book:
    """Raises XmlFault, KeyError or BadZipFile for what is no such spreadsheet (also where it has a password)."""
    with zipfile.ZipFile(file) as packed:
        if packed.getinfo("content.xml").file_size > LARGEST:
            raise XmlFault("it unpacks to too much")
        events = _Events()
        with packed.open("content.xml") as content:
            for _ in feed(content, events):
                pass
    return Book([grid.sheet() for grid in events.grids], events.since_1904)


class _Events:
    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.since_1904 = False
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = 0
        self._rows = 1
        self._cells: list[Any] = []
        self._hidden = False
        self._column = 0
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._size = 0
        self._inside = 0
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "null-date":
            self.since_1904 = attribute(attributes, "date-value").startswith("1904")
        elif name == "style":
            self._style = attribute(attributes, "name")
        elif name == "table-properties" and attribute(attributes, "display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table":
            hidden = attribute(attributes, "style-name") in self._hidden_styles
            self.grids.append(Grid(attribute(attributes, "name"), hidden))
            self._row = 0
        elif name == "table-row":
            self._row += 1
            self._rows = _count(attributes, "number-rows-repeated", _LAST_ROW)
            self._hidden = attribute(attributes, "visibility") in ("collapse", "filter")
            self._cells, self._column = [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._size = attributes, [], 0
        elif name == "p":
            if self._text:
                self._text.append("\n")
            self._inside += 1
        elif name == "annotation":
            self._aside += 1
        elif name in ("s", "tab", "line-break") and self._inside and not self._aside:
            self._text.append("\n" if name == "line-break" else " " * _count(attributes, "c", 1_000))

    def end(self, name: str) -> None:
        if name in ("table-cell", "covered-table-cell") and self._cell is not None and self.grids:
            given, self._cell = self._cell, None
            value = _said(given, "".join(self._text).strip()) if name == "table-cell" else ""
            times = _count(given, "number-columns-repeated", MOST_COLUMNS)
            down = _count(given, "number-rows-spanned", _LAST_ROW) - 1
            self.grids[-1].merge(self._row, self._column, down, _count(given, "number-columns-spanned", 9_999) - 1)
            if value != "":
                for column in range(self._column, min(self._column + times, MOST_COLUMNS)):
                    put(self._cells, column, value)
            self._column += times
        elif name == "table-row" and self.grids:
            if any(cell != "" for cell in self._cells):
                for number in range(min(self._rows, _MOST_REPEATED)):
                    self.grids[-1].add(self._row + number, list(self._cells), self._hidden)
            self._row += self._rows - 1
        elif name == "p":
            self._inside -= 1
        elif name == "annotation":
            self._aside -= 1

    def text(self, text: str) -> None:
        if self._inside and not self._aside and self._cell is not None and self._size < LONGEST_CELL:
            self._text.append(text)
            self._size += len(text)


def _count(attributes: dict[str, str], name: str, most: int) -> int:
    text = attribute(attributes, name)
    return max(1, whole_number(text, most)) if text else 1


def _said(given: dict[str, str], text: str) -> Any:
    kind = attribute(given, "value-type")
    if any(key.startswith("calcext:") and value == "error" for key, value in given.items()):
        return Unreadable(ERROR, text)
    if kind == "date":
        try:
            return datetime.fromisoformat(attribute(given, "date-value"))
        except ValueError:
            return text
    if kind in ("float", "currency", "percentage"):
        raw = attribute(given, "value")
        try:
            value = Decimal(raw)
            if kind == "percentage":
                shown = format((Decimal(f"{float(value):.15g}") * 100).normalize(), "f")
                return f"{shown}%"
            return plain_cell(float(value)) if not raw.lstrip("-").isdigit() else int(raw)
        except (InvalidOperation, ValueError, OverflowError):
            return Unreadable(ERROR, text)
    if kind == "boolean":
        return attribute(given, "boolean-value")
    if not text and not kind and attribute(given, "formula"):
        return Unreadable(FORMULA)
    return text

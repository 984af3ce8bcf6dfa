"""The cells of one sheet of an Office Open XML workbook (ECMA-376 part 1, 18.3.1), row by row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl.utils import column_index_from_string

from graph_loaders.sources.book import LONGEST_CELL, MOST_COLUMNS, Row, put
from graph_loaders.sources.cells import ERROR, FORMULA, NumberFormat, Unreadable, number_cell, unescaped
from graph_loaders.sources.xml_events import XmlFault, whole_number

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_GENERAL = NumberFormat()


class CellEvents:
    """Rows as they are completed, in ``rows``."""

    def __init__(
        self, strings: Sequence[str], formats: Sequence[NumberFormat], recalculated: bool, since_1904: bool
    ) -> None:
        self.rows: list[Row] = []
        self._strings = strings
        self._formats = formats
        self._recalculated = recalculated
        self._since_1904 = since_1904
        self._number = 0
        self._cells: list[Any] = []
        self._hidden = False
        self._column = -1
        self._kind = self._style = ""
        self._formula = self._stored = False
        self._value: list[str] = []
        self._size = 0
        self._open = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            place = attributes.get("r")
            self._column = _column(place) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._formula = self._stored = False
            self._value, self._size = [], 0
        elif name == "v":
            self._open = self._stored = True
        elif name == "t":
            self._open = not self._aside
        elif name == "f":
            self._formula = True
        elif name == "row":
            number = attributes.get("r")
            self._number = whole_number(number, 1 << 30) if number else self._number + 1
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._cells = []
            self._column = -1
        elif name == "rPh":
            self._aside += 1

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._open = False
        elif name == "c":
            value = self._said()
            if value != "":
                put(self._cells, self._column, value)
        elif name == "row":
            if self._cells:
                self.rows.append((self._number, self._cells, self._hidden))
        elif name == "rPh":
            self._aside -= 1

    def text(self, text: str) -> None:
        if self._open:
            self._value.append(text)
            self._size += len(text)
            if self._size > LONGEST_CELL:
                raise XmlFault(f"a cell of more than {LONGEST_CELL} characters")

    def _said(self) -> Any:
        text = "".join(self._value)
        kind = self._kind
        if kind == "s":
            return self._strings[whole_number(text, 1 << 30)] if text else ""
        if kind == "inlineStr" or (kind == "str" and (text or self._stored)):
            return unescaped(text)
        if kind == "e":
            return Unreadable(ERROR, text)
        if not text:
            return Unreadable(FORMULA) if self._formula else ""
        if kind == "b":
            return "true" if text in ("1", "true") else "false"
        if kind == "d":
            return _iso(text)
        return self._number_cell(text)

    def _number_cell(self, text: str) -> Any:
        try:
            value = float(text) if not text.lstrip("-").isdigit() else int(text)
        except ValueError:
            return Unreadable(ERROR, text)
        if self._formula and value == 0 and self._recalculated:
            return Unreadable(FORMULA, text)  # the placeholder of programs that cannot calculate
        form = self._formats[int(self._style)] if self._style and int(self._style) < len(self._formats) else _GENERAL
        return number_cell(value, form, self._since_1904)


def _column(place: str) -> int:
    found = _CELL.fullmatch(place)
    if found is None:
        raise XmlFault("a cell without a place")
    return min(int(column_index_from_string(found[1])) - 1, MOST_COLUMNS)


def _iso(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text

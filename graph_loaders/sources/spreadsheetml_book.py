"""XML spreadsheets of 2003 (namespace ``urn:schemas-microsoft-com:office:spreadsheet``)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import IO, Any

from graph_loaders.sources.book import LONGEST_CELL, MOST_COLUMNS, Book, Grid, put, too_much
from graph_loaders.sources.cells import ERROR, FORMULA, NumberFormat, Unreadable, number_cell, number_format
from graph_loaders.sources.xml_events import XmlFault, attribute, parse_text, whole_number

LARGEST = 128 << 20  # bytes
MARK = b"urn:schemas-microsoft-com:office:spreadsheet"
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w-]+)")
_NAMED = {"Percent": "0%", "Short Date": "yyyy/m/d", "General Date": "yyyy/m/d h:mm", "Long Date": "yyyy/m/d"}
_LAST_ROW = 1_048_576


def spreadsheetml_book(file: IO[bytes], place: str, encoding: str) -> Book:
    """Raises XmlFault for what is no such spreadsheet, UsageError when it is too large."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_much(place)
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200])
    name = declared[1].decode().lower() if declared else ""
    if name in ("gb2312", "gbk", "gb18030"):
        encoding = "gb18030"
    try:
        text = content.decode(encoding).removeprefix("\ufeff").lstrip()
    except UnicodeDecodeError:
        raise XmlFault(f"the text is not {encoding}") from None
    events = _Events()
    parse_text(text, events)
    return Book([grid.sheet() for grid in events.grids], events.since_1904)


class _Events:
    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.since_1904 = False
        self._formats: dict[str, NumberFormat] = {}
        self._style = ""
        self._row = self._column = 0
        self._cells: list[Any] = []
        self._hidden = False
        self._styled = ""
        self._row_style = ""
        self._formula = False
        self._kind = ""
        self._text: list[str] | None = None
        self._size = 0
        self._said: Any = ""
        self._within: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Worksheet":
            self.grids.append(Grid(attribute(attributes, "Name") or f"sheet {len(self.grids) + 1}"))
            self._row = 0
        elif name == "Style":
            self._style = attribute(attributes, "ID")
        elif name == "NumberFormat" and self._style:
            code = attribute(attributes, "Format")
            self._formats[self._style] = number_format(_NAMED.get(code, code or "General"))
        elif name == "Row" and self.grids:
            index = attribute(attributes, "Index")
            self._row = whole_number(index, _LAST_ROW) if index else self._row + 1
            self._hidden = attribute(attributes, "Hidden") == "1"
            self._row_style = attribute(attributes, "StyleID")
            self._cells, self._column = [], 0
        elif name == "Cell" and self.grids:
            index = attribute(attributes, "Index")
            if index:
                self._column = max(0, whole_number(index, MOST_COLUMNS + 1) - 1)
            self._styled = attribute(attributes, "StyleID") or self._row_style
            self._formula = attribute(attributes, "Formula") != ""
            self._said = ""
            self._across = whole_number(attribute(attributes, "MergeAcross") or "0", MOST_COLUMNS)
            down = whole_number(attribute(attributes, "MergeDown") or "0", _LAST_ROW)
            self.grids[-1].merge(self._row, self._column, down, self._across)
            self._within = "cell"
        elif name == "Data" and self._within == "cell":
            self._kind = attribute(attributes, "Type")
            self._text, self._size = [], 0
        elif name in ("Date1904", "Visible"):
            self._within = name
            self._text, self._size = [], 0

    def end(self, name: str) -> None:
        if name == "Data" and self._text is not None:
            self._said = self._value("".join(self._text))
            self._text = None
        elif name == "Cell" and self.grids:
            if self._said == "" and self._formula and self._kind != "String":
                self._said = Unreadable(FORMULA)
            put(self._cells, self._column, self._said)
            self._column += 1 + self._across
            self._kind = self._within = ""
        elif name == "Row" and self.grids:
            self.grids[-1].add(self._row, self._cells, self._hidden)
        elif name == "Date1904":
            self.since_1904 = True
            self._within, self._text = "", None
        elif name == "Visible":
            if self.grids and "".join(self._text or ()).strip() in ("SheetHidden", "SheetVeryHidden"):
                self.grids[-1].hidden = True
            self._within, self._text = "", None

    def text(self, text: str) -> None:
        if self._text is not None and self._size < LONGEST_CELL:
            self._text.append(text)
            self._size += len(text)

    def _value(self, text: str) -> Any:
        if self._kind == "Number":
            if not text.strip():
                return Unreadable(FORMULA) if self._formula else ""
            try:
                value = float(text) if not text.strip().lstrip("-").isdigit() else int(text)
            except ValueError:
                return Unreadable(ERROR, text)
            return number_cell(value, self._formats.get(self._styled, NumberFormat()), self.since_1904)
        if self._kind == "DateTime":
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                return text
        if self._kind == "Boolean":
            return "true" if text.strip() == "1" else "false"
        return Unreadable(ERROR, text) if self._kind == "Error" else text

"""Office Open XML workbooks (ECMA-376, transitional and strict), read as a stream.

Read here and not by a library, since none that streams tells a formula without a stored result from an empty cell, or
keeps what the number format says.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import unquote

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import column_index_from_string

from graph_loaders.sources.book import MOST_MERGES, Book, Merge, Row, Sheet
from graph_loaders.sources.cells import (
    NumberFormat,
    number_format,
    unescaped,
)
from graph_loaders.sources.xlsx_cells import CellEvents
from graph_loaders.sources.xml_events import feed, whole_number

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_OVERLAP = 256  # bytes: longer than one such element
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_BLOCK = 1 << 20
_GENERAL = NumberFormat()


@contextmanager
def xlsx_book(file: IO[bytes]) -> Iterator[Book]:
    """Raises XmlFault, KeyError or BadZipFile for what is no workbook, also while rows are read."""
    with zipfile.ZipFile(file) as packed:
        parts = {name.lower(): name for name in packed.namelist()}
        main = _main_part(packed, parts)
        workbook = _Workbook()
        _read(packed, main, workbook)
        folder, name = posixpath.split(main)
        targets = _targets(packed, parts, f"{folder}/_rels/{name}.rels", folder)
        styles = _Styles()
        strings = _Strings()
        for kind, part in targets.values():
            if kind == "styles" and part in parts:
                _read(packed, parts[part], styles)
            elif kind == "sharedStrings" and part in parts:
                _read(packed, parts[part], strings)
        sheets = []
        for title, state, relation in workbook.sheets:
            kind, part = targets.get(relation, ("", ""))
            if kind == "worksheet":
                reader = _SheetReader(packed, parts[part], strings.texts, styles.formats(), workbook)
                sheets.append(Sheet(title, reader.rows, reader.merges, state in ("hidden", "veryHidden"), reader.done))
        yield Book(sheets, workbook.since_1904)


def _read(packed: zipfile.ZipFile, part: str, handler: Any) -> None:
    with packed.open(part) as file:
        for _ in feed(file, handler):
            pass


def _targets(packed: zipfile.ZipFile, parts: dict[str, str], part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Kind and part of each relation."""
    relations = _Relations()
    if part.lower() in parts:
        _read(packed, parts[part.lower()], relations)
    found = {}
    for key, kind, target in relations.found:
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        found[key] = (kind, posixpath.normpath(unquote(path)).lower())
    return found


def _main_part(packed: zipfile.ZipFile, parts: dict[str, str]) -> str:
    for kind, part in _targets(packed, parts, "_rels/.rels", "").values():
        if kind == "officeDocument" and part in parts:
            return parts[part]
    return parts["xl/workbook.xml"]


class _Silent:
    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class _Relations(_Silent):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class _Workbook(_Silent):
    """``recalculated``: results are made when the file is opened, so those stored may be placeholders."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.since_1904 = False
        self.recalculated = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "").lower() in ("1", "true")
        elif name == "calcPr":
            self.recalculated = attributes.get("fullCalcOnLoad", "").lower() in ("1", "true")
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", ""), relation))


class _Styles(_Silent):
    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._cells: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            number = whole_number(attributes.get("numFmtId", "0"), 1 << 30)
            self._codes[number] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._cells.append(whole_number(attributes.get("numFmtId", "0"), 1 << 30))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def formats(self) -> list[NumberFormat]:
        return [number_format(self._codes.get(n) or _builtin(n)) for n in self._cells]


def _builtin(number: int) -> str:
    """Formats that are known by number alone; 27–36 and 50–58 are dates where the language is Chinese (18.8.30)."""
    if 27 <= number <= 31 or number == 36 or 50 <= number <= 54 or number in (57, 58):
        return "yyyy-mm-dd"
    return str(BUILTIN_FORMATS.get(number, "General"))


class _Strings(_Silent):
    """The shared texts, without the readings (phonetic runs) that may stand beside them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._open = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._aside += 1
        elif name == "t" and not self._aside:
            self._open = True

    def end(self, name: str) -> None:
        if name == "t":
            self._open = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "si":
            self.texts.append(unescaped("".join(self._parts)))

    def text(self, text: str) -> None:
        if self._open:
            self._parts.append(text)


class _SheetReader:
    """The rows of one sheet, and where its cells are merged."""

    def __init__(
        self,
        packed: zipfile.ZipFile,
        part: str,
        strings: Sequence[str],
        formats: Sequence[NumberFormat],
        workbook: _Workbook,
    ) -> None:
        self._packed = packed
        self._part = part
        self._make = (strings, formats, workbook.recalculated, workbook.since_1904)
        self._size = max(1, packed.getinfo(part).file_size)
        self._read = 0

    def done(self) -> float:
        return min(1.0, self._read / self._size)

    def rows(self) -> Iterator[Row]:
        events = CellEvents(*self._make)
        with self._packed.open(self._part) as file:
            for self._read in feed(file, events):
                if events.rows:
                    ready, events.rows = events.rows, []
                    yield from ready

    def merges(self) -> Sequence[Merge]:
        """They stand behind the rows that they are about, so they are looked for first, by their text alone."""
        found: list[Merge] = []
        rest = b""
        with self._packed.open(self._part) as file:
            while (block := file.read(_BLOCK)) and len(found) < MOST_MERGES:
                text = rest + block
                end = 0
                for cell in _MERGE.finditer(text):
                    end = cell.end()
                    left, right = (column_index_from_string(cell[n].decode()) - 1 for n in (1, 3))
                    found.append((int(cell[2]), left, int(cell[4]), right))
                rest = text[max(end, len(text) - _OVERLAP) :]
        return found

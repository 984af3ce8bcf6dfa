"""Rows of the first sheet of a workbook that has the headers looked for, read as a stream."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from graph_loaders.sources.merged import filled, merged_down
from graph_loaders.sources.model import Broken, Cells, Source
from schema.errors import UsageError

LARGEST_PART = 2 << 30  # bytes unpacked; sheets are read as a stream
LARGEST_STRINGS = 512 << 20  # the shared texts are held in memory
_FAILURES = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, ParseError, AttributeError)


class XlsxRows:
    """Iterates over data rows; ``position`` is bytes of the packed file, estimated by rows."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.position = 0

    def __iter__(self) -> Iterator[Cells | Broken]:
        source = self.source
        width = len(source.headers)
        size = source.path.stat().st_size
        with open_workbook(source.path) as book:
            sheet = book[source.sheet]
            total = sheet.max_row or 0
            sheet.reset_dimensions()
            rows = sheet.iter_rows(min_row=source.header_row + 1, values_only=True)
            with sheet_xml(book, sheet) as xml:
                spans = merged_down(xml)
            if spans:
                rows = filled(rows, spans, source.header_row + 1)
            number = 0
            while chunk := quiet_rows(rows, 500):
                number += len(chunk)
                self.position = min(size, size * number // total) if total else min(size, number * 100)
                for row in chunk:
                    cells = [cell if cell.__class__ is str else plain_cell(cell) for cell in row]
                    if not any(cell != "" for cell in cells):
                        continue
                    if len(cells) > width and any(cell != "" for cell in cells[width:]):
                        yield Broken("ragged_row", f"{len(cells)} / {width}", tuple(map(str, cells)))
                    else:
                        yield cells[:width] + [""] * (width - len(cells))
        self.position = size


def quiet_rows(rows: Iterator[tuple[Any, ...]], count: int) -> list[tuple[Any, ...]]:
    """The next rows, without openpyxl's remarks on date cells that hold no date (they become texts)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(rows, count))


def plain_cell(cell: Any) -> Any:
    """An empty cell is ""; whole numbers lose the ".0" that spreadsheets give them; truth values become words."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, int | float | datetime | date):
        return cell
    return cell.isoformat() if isinstance(cell, time) else str(cell)


def sheet_xml(book: Any, sheet: Any) -> Any:
    """The sheet as it is stored."""
    return book._archive.open(sheet._worksheet_path)


@contextmanager
def open_workbook(path: Path) -> Iterator[Any]:
    """The workbook, read-only, values instead of formulas. Raises UsageError when it is not one, also in the middle."""
    try:
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as packed:
                for part in packed.infolist():
                    strings = part.filename.lower().endswith("sharedstrings.xml")
                    if part.file_size > (LARGEST_STRINGS if strings else LARGEST_PART):
                        raise UsageError(f"{path} unpacks to too much", hint="send it in several files or as CSV")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # styles and validations that openpyxl does not keep
                book = load_workbook(file, read_only=True, data_only=True)
            try:
                yield book
            finally:
                book.close()
    except _FAILURES as error:
        raise UsageError(
            f"{path} is not a readable workbook ({type(error).__name__})",
            hint="save it again as .xlsx without a password, or as CSV",
            message_zh="无法读取该工作簿",
        ) from None

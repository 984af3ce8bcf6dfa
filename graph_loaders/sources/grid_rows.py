"""Rows of one sheet of a spreadsheet, whatever its container."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graph_loaders.sources.book import Book
from graph_loaders.sources.cells import MERGED, Unreadable
from graph_loaders.sources.html_book import html_book
from graph_loaders.sources.merged_cells import filled
from graph_loaders.sources.model import Broken, Cells, Container, Source, Stored
from graph_loaders.sources.ods_book import ods_book
from graph_loaders.sources.spreadsheetml_book import spreadsheetml_book
from graph_loaders.sources.xls_book import xls_book
from graph_loaders.sources.xlsx_book import xlsx_book
from graph_loaders.sources.xml_events import XmlFault
from schema.errors import UsageError

LARGEST_PART = 2 << 30  # bytes unpacked; sheets are read as a stream
LARGEST_STRINGS = 512 << 20  # the shared texts are held in memory
UNSUSPECTED = 128 << 20  # bytes unpacked, up to which it does not matter how small they were
MOST_SWOLLEN = 400  # times; sheets of equal rows come to about a hundred
_FAILURES = (XmlFault, zipfile.BadZipFile, zlib.error, KeyError, ValueError, IndexError, EOFError, RuntimeError)
_NAMES = {"html": "HTML table", "spreadsheetml": "XML spreadsheet", "ods": "OpenDocument spreadsheet"}


class GridRows:
    """Iterates over data rows; ``position`` is bytes of the file, estimated. ``hidden`` counts rows out of sight."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.position = 0
        self.hidden = 0

    def __iter__(self) -> Iterator[Cells | Broken]:
        source = self.source
        width = len(source.headers)
        stored = source.stored
        size = stored.size
        with open_book(stored, source.container, source.encoding) as book:
            sheet = book.sheet(source.sheet)
            rows = sheet.rows()
            if merges := sheet.merges():
                rows = filled(rows, merges)
            for number, cells, hidden in rows:
                if number <= source.header_row:
                    continue
                if number & 511 == 0:
                    self.position = int(size * sheet.done())
                if _empty(cells):
                    continue
                self.hidden += hidden
                if len(cells) > width and not _empty(cells[width:]):
                    yield Broken("ragged_row", f"{len(cells)} / {width}", tuple(map(str, cells)))
                else:
                    yield cells[:width] + [""] * (width - len(cells))
        self.position = size


def _empty(cells: list[Any]) -> bool:
    """True for rows without a value of their own; the further columns of a merged cell are none."""
    return all(cell == "" or (cell.__class__ is Unreadable and cell.reason == MERGED) for cell in cells)


@contextmanager
def open_book(stored: Stored, container: Container, encoding: str = "utf-8") -> Iterator[Book]:
    """The spreadsheet. Raises UsageError when it is not one, also in the middle."""
    with stored.open() as file:
        try:
            if container == "xlsx":
                _check_size(file, stored.place)
                file.seek(0)
                with xlsx_book(file) as book:
                    yield book
            elif container == "xls":
                yield xls_book(file, stored.place)
            elif container == "html":
                yield html_book(file, stored.place, encoding)
            elif container == "spreadsheetml":
                yield spreadsheetml_book(file, stored.place, encoding)
            else:
                _check_size(file, stored.place)
                file.seek(0)
                yield ods_book(file)
        except _FAILURES as error:
            why = str(error) if isinstance(error, XmlFault) else type(error).__name__
            raise UsageError(
                f"{stored.place} is not a readable {_NAMES.get(container, 'workbook')} ({why})",
                hint="save it again as .xlsx without a password, or as CSV",
                message_zh="无法读取该工作簿",
            ) from None


def _check_size(file: Any, place: str) -> None:
    with zipfile.ZipFile(file) as packed:
        for part in packed.infolist():
            strings = part.filename.lower().endswith("sharedstrings.xml")
            swollen = part.file_size > UNSUSPECTED and part.file_size > MOST_SWOLLEN * part.compress_size
            if swollen or part.file_size > (LARGEST_STRINGS if strings else LARGEST_PART):
                raise UsageError(
                    f"{place} unpacks to too much",
                    hint="send it in several files or as CSV",
                    message_zh="解压后过大，请拆分或另存为 CSV",
                )

"""Old binary workbooks (BIFF, ``.xls`` and ``.et``), read by xlrd within a bound on the file's size."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, Any

import xlrd

from graph_loaders.sources.book import MOST_CELLS, Book, Grid, put, too_much
from graph_loaders.sources.cells import ERROR, FORMULA, Unreadable, number_cell, number_format
from schema.errors import UsageError

LARGEST = 128 << 20  # bytes; read into memory. The format itself ends at 65 536 rows a sheet
_FORMULA, _END, _CALCULATED_BY, _BEGIN = 0x0006, 0x000A, 0x01C1, 0x0809
_WHEN_OPENED = 0x0002  # the result is made when the workbook is opened
_FAILURES = (
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    struct.error,
    ValueError,
    IndexError,
    KeyError,
    AssertionError,
    TypeError,
    AttributeError,
    MemoryError,
    OverflowError,
    RuntimeError,
)


def xls_book(file: IO[bytes], place: str) -> Book:
    """Raises UsageError that says what the file is: protected, another document, or broken."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_much(place)
    _other_documents(content, place)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            book = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=nowhere)
            return Book([_grid(book, index).sheet() for index in range(book.nsheets)], book.datemode == 1)
    except UsageError:
        raise
    except _FAILURES as error:
        if "encrypted" in str(error).lower():
            raise _protected(place) from None
        raise UsageError(
            f"{place} is an old workbook (.xls) that cannot be read ({type(error).__name__})",
            hint="save it as .xlsx, or as CSV",
            message_zh="旧版工作簿（.xls）无法读取，请另存为 .xlsx",
        ) from None


def _other_documents(content: bytes, place: str) -> None:
    """Compound files that are no workbook, told by the names of their streams."""
    if not content.startswith(b"\xd0\xcf\x11\xe0"):
        return
    names = content[:512] + content[512:]
    if "EncryptedPackage".encode("utf-16-le") in names:
        raise _protected(place)
    if "Workbook".encode("utf-16-le") in names or "Book".encode("utf-16-le") in names:
        return
    what = "a Word document" if "WordDocument".encode("utf-16-le") in names else "a document of an old office program"
    raise UsageError(
        f"{place} is {what} (or an old or encrypted workbook that is broken)",
        hint="save its table as .xlsx or CSV",
        message_zh="不是电子表格，请将表格另存为 .xlsx 或 CSV",
    )


def _protected(place: str) -> UsageError:
    return UsageError(
        f"{place} is an encrypted workbook",
        hint="save it without a password",
        message_zh="工作簿有密码，请取消密码后重新保存",
    )


def _grid(book: Any, index: int) -> Grid:
    sheet = book.sheet_by_index(index)
    grid = Grid(sheet.name, hidden=sheet.visibility != 0)
    if sheet.nrows * sheet.ncols > MOST_CELLS:
        raise too_much(sheet.name)
    unknown = _without_result(book, index)
    for row in range(sheet.nrows):
        cells: list[Any] = []
        for column in range(sheet.row_len(row)):
            value = Unreadable(FORMULA) if (row, column) in unknown else _said(book, sheet.cell(row, column))
            if value != "":
                put(cells, column, value)
        info = sheet.rowinfo_map.get(row)
        grid.add(row + 1, cells, bool(info and info.hidden))
    for top, bottom, left, right in sheet.merged_cells:
        grid.merge(top + 1, left, bottom - top - 1, right - left - 1)
    book.unload_sheet(index)
    return grid


def _said(book: Any, cell: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return cell.value
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        return number_cell(cell.value, number_format(code or "General"), book.datemode == 1)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "true" if cell.value else "false"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Unreadable(ERROR, xlrd.error_text_from_code.get(cell.value, "#ERR"))
    return ""


def _without_result(book: Any, index: int) -> frozenset[tuple[int, int]]:
    """Formulas of programs that cannot calculate: nothing is stored, and the result is made when it is opened.

    xlrd reads such a cell as an empty text, so the records are looked at again ([MS-XLS] 2.4.127).
    """
    if book.biff_version < 80:
        return frozenset()
    calculated = any(code == _CALCULATED_BY for code, _, _ in _records(book.mem, book.base))
    found = set()
    for code, body, size in _records(book.mem, book._sh_abs_posn[index]):
        if code == _FORMULA and size >= 16:
            row, column, _, result, flags = struct.unpack("<HHH8sH", book.mem[body : body + 16])
            if result[6:] == b"\xff\xff" and result[0] == 3 and (flags & _WHEN_OPENED or not calculated):
                found.add((row, column))
    return frozenset(found)


def _records(stream: Any, position: int) -> Iterator[tuple[int, int, int]]:
    """Number, place and size of the records of one part, from its first to its last one."""
    depth = 0
    while position + 4 <= len(stream):
        code, size = struct.unpack("<HH", stream[position : position + 4])
        if code == _BEGIN:
            depth += 1
        elif code == _END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield code, position + 4, size
        position += 4 + size

"""Templates to fill in: an empty sheet with the headers, a filled example, and what each column means."""

from __future__ import annotations

import csv
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from graph_loaders.file_kinds.columns import TYPES, Column, FileKindInfo
from graph_loaders.sources import load_profile
from graph_loaders.sources.kinds import match_headers
from schema.errors import UsageError

_DATA, _EXAMPLE, _NOTES = "数据", "填写示例", "填写说明"
_ROWS = 10_000  # that are formatted as text, so that codes and dates stay as they are typed


def write_template(info: FileKindInfo, path: Path) -> None:
    """An ``.xlsx`` with three sheets, of which only the first is loaded; or a ``.csv`` with the headers alone.

    Raises UsageError for another ending, OSError where nothing can be written.
    """
    match path.suffix.lower():
        case ".xlsx":
            _workbook(info).save(path)
        case ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerow(info.template)
        case _:
            raise UsageError(f"{path} is neither .xlsx nor .csv", hint="give --template FILE.xlsx or FILE.csv")


def columns_of_template(info: FileKindInfo) -> list[Column | None]:
    """What each header of the template is read as; None: not read."""
    match = match_headers(info.template, load_profile())
    if match is None or match.kind != info.kind:
        raise ValueError(f"the template of {info.kind} is of another kind")
    places = {place: name for name, place in match.columns.items()}
    known = {column.name: column for column in info.columns}
    return [known[places[place]] if place in places else None for place in range(len(info.template))]


def _workbook(info: FileKindInfo) -> Workbook:
    book = Workbook()
    columns = columns_of_template(info)
    data = book.active
    assert isinstance(data, Worksheet)
    data.title = _DATA
    _headers(data, info, columns)
    for place in range(1, len(info.template) + 1):
        data.column_dimensions[get_column_letter(place)].number_format = "@"
    example = book.create_sheet(_EXAMPLE)
    _headers(example, info, columns)
    example.append([column.example if column else "" for column in columns])
    notes = book.create_sheet(_NOTES)
    notes.append(["列 column", "必填 needed", "含义", "meaning", "类型", "type"])
    for header, column in zip(info.template, columns, strict=True):
        if column is None:
            notes.append([header, "", "不读取", "not read", "", ""])
        else:
            zh, en = TYPES[column.type]
            notes.append([header, "是 yes" if column.needed else "", column.meaning_zh, column.meaning, zh, en])
    for letter, width in zip("ABCDEF", (40, 10, 50, 50, 40, 50), strict=True):
        notes.column_dimensions[letter].width = width
    return book


def _headers(sheet: Worksheet, info: FileKindInfo, columns: list[Column | None]) -> None:
    sheet.append(list(info.template))
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, 1):
        cell = sheet.cell(1, place)
        cell.font = Font(bold=True, color="C00000" if column and column.needed else "000000")
        cell.fill = PatternFill("solid", fgColor="DDEBF7" if column else "EEEEEE")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(place)].width = 22

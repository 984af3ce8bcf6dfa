"""What a spreadsheet's container says about a cell reaches the row: date system, formats, formulas, errors, merges."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from graph_loaders.sources import Broken, find_sources, open_rows
from graph_loaders.sources.cells import Unreadable, number_cell, number_format, unescaped, unreadable

RATINGS = ["主体代码", "评价体系", "分值", "等级", "评价日期"]


def save(book: Workbook, folder: Path, change: Sequence[tuple[str, str]] = ()) -> Path:
    """Saves a workbook; ``change``: what is replaced in its parts, as other programs write it."""
    path = folder / "book"
    book.save(path)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            for old, new in change:
                content = content.replace(old.encode(), new.encode())
            packed.writestr(name, content)
    return path


def rows(path: Path) -> list[Any]:
    return list(open_rows(find_sources([path])[0]))


def ratings(*cells: Sequence[Any]) -> Workbook:
    book = Workbook()
    book.active.append(RATINGS)
    for row in cells:
        book.active.append(list(row))
    return book


def test_a_formula_without_stored_result_is_not_an_empty_cell(tmp_path: Path) -> None:
    found = rows(save(ratings(["A", "体系", "=1+1", "优", "=TODAY()"]), tmp_path))
    assert [cell.reason for cell in found[0] if isinstance(cell, Unreadable)] == ["formula_without_result"] * 2


def test_a_placeholder_of_a_program_that_cannot_calculate_is_no_result(tmp_path: Path) -> None:
    book = ratings(["A", "体系", "=6/10", "优", "2026-01-31"])
    path = save(book, tmp_path, [("<v />", "<v>0</v>"), ("<v></v>", "<v>0</v>"), ("<v/>", "<v>0</v>")])
    assert rows(path)[0][2] == Unreadable("formula_without_result", "0")


def test_a_stored_result_is_read_also_an_empty_text(tmp_path: Path) -> None:
    book = ratings(["A", "体系", "=6/10", '=""', "2026-01-31"])
    change = [("<f>6/10</f><v />", "<f>6/10</f><v>0.6</v>"), ('<c r="D2"><f>', '<c r="D2" t="str"><f>')]
    assert rows(save(book, tmp_path, change))[0] == ["A", "体系", 0.6, "", "2026-01-31"]


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"])
def test_an_error_is_no_value(tmp_path: Path, text: str) -> None:
    book = ratings(["A", "体系", 1, "优", "2026-01-31"])
    book.active["C2"].value = text
    book.active["C2"].data_type = "e"
    cell = rows(save(book, tmp_path))[0][2]
    assert unreadable(cell) == Unreadable("error_value", text)


def test_texts_that_stand_for_errors_are_no_values_either() -> None:
    for text in ("#N/A", " #n/a ", "＃REF!", "#####", "Err:502", "#NAME?"):
        assert unreadable(text), text
    for text in ("=EDATE(A1,3)", "=$B$2", "=公示!A1", " =SUM(A1:A3)"):
        assert unreadable(text) == Unreadable("formula_without_result", text)
    for text in ("=", "=甲", "==A1==", "", "#1", "A#N/A", "错误", "ERROR", "Erratum", 0, None):
        assert unreadable(text) is None, text


def test_days_of_a_1904_workbook_also_without_date_format(tmp_path: Path) -> None:
    book = ratings(["A", "体系", 1, "优", 44681], ["A", "体系", 1, "优", date(2026, 5, 1)])
    book.epoch = CALENDAR_MAC_1904
    path = save(book, tmp_path)
    assert find_sources([path])[0].since_1904
    assert rows(path)[1][4] == datetime(2026, 5, 1)


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        (0.51, "0.00%", "51%"),
        (0.5, "0%", "50%"),
        (0.49999999999999994, "0.00%", "50%"),
        (123, "000000", "000123"),
        (320400, "General", 320400),
        (3.5, '0.00"万元"', "3.5万元"),
        (50000, '#,##0.00"元"', "50000元"),
        (50000, '0!.0,"万元"', "50000元"),
        (46143, "yyyy-mm-dd", datetime(2026, 5, 1)),
        (46143, '[$-804]yyyy"年"m"月"d"日";@', datetime(2026, 5, 1)),
        (46143, "#,##0_ ;[Red]-#,##0", 46143),
        (-1, "yyyy-mm-dd", Unreadable("error_value", "#####")),
    ],
)
def test_a_number_says_what_its_format_shows(value: float, code: str, said: object) -> None:
    found = number_cell(value, number_format(code))
    assert found == said or (isinstance(said, Unreadable) and isinstance(found, Unreadable | datetime))


def test_characters_that_are_written_as_numbers_are_read() -> None:
    assert unescaped("甲_x000D_\n乙_x005F_x0041_ _x00zz_") == "甲\r\n乙_x0041_ _x00zz_"


def test_hidden_rows_and_sheets_are_read_and_counted(tmp_path: Path) -> None:
    book = ratings(["A", "体系", 1, "优", "2026-01-31"], ["B", "体系", 1, "优", "2026-01-31"])
    book.active.row_dimensions[3].hidden = True
    hidden = book.create_sheet("旧")
    hidden.append(RATINGS)
    hidden.append(["C", "体系", 1, "优", "2026-01-31"])
    hidden.sheet_state = "hidden"
    sources = find_sources([save(book, tmp_path)])
    assert [source.out_of_sight for source in sources] == [False, True]
    opened = open_rows(sources[0])
    assert [row[0] for row in opened if not isinstance(row, Broken)] == ["A", "B"]
    assert opened.hidden == 1  # type: ignore[union-attr]


def test_a_cell_merged_across_columns_does_not_leave_the_others_empty(tmp_path: Path) -> None:
    book = ratings(["A", "体系", 1, "2026-01-31", None])
    book.active.merge_cells("D2:E2")
    assert rows(save(book, tmp_path))[0][3:] == ["2026-01-31", Unreadable("merged_across", "2026-01-31")]


def test_old_workbooks_say_what_new_ones_say(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for column, name in enumerate(RATINGS):
        sheet.write(0, column, name)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheet.write(1, 0, "A")
    sheet.write(1, 2, 0.51, xlwt.easyxf(num_format_str="0.00%"))
    sheet.write(1, 3, xlwt.Formula("1+1"))
    sheet.write(1, 4, date(2026, 5, 1), day)
    sheet.write_merge(2, 3, 0, 0, "B")
    sheet.write(2, 2, 7)
    sheet.write(3, 2, True)
    sheet.row(3).hidden = True
    path = tmp_path / "data"
    book.save(str(path))
    opened = open_rows(find_sources([path])[0])
    assert list(opened) == [
        ["A", "", "51%", Unreadable("formula_without_result"), datetime(2026, 5, 1)],
        ["B", "", 7, "", ""],
        ["B", "", "true", "", ""],
    ]
    assert opened.hidden == 1  # type: ignore[union-attr]


def test_a_header_over_three_lines_names_each_column_by_its_own_line(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["合同履约信息表"])
    sheet.append(["合同", None, "甲方", None, "乙方", None, "履约"])
    sheet.append(["编号", "金额", "名称", "代码", "名称", "代码", "签订日期"])
    sheet.append([None, "（万元）"])
    sheet.append(["HT-1", 3, "局", "A", "公司", "B", "2026-01-31"])
    for cells in ("A1:G1", "A2:B2", "C2:D2", "E2:F2"):
        sheet.merge_cells(cells)
    source = find_sources([save(book, tmp_path)])[0]
    assert (source.kind, source.header_row, source.factors) == ("contracts", 4, {"amount": 10_000})
    assert [source.header(column) for column in ("party_a_name", "party_a", "party_b")] == [
        "甲方名称",
        "甲方代码",
        "乙方代码",
    ]
    assert list(open_rows(source)) == [["HT-1", 3, "局", "A", "公司", "B", "2026-01-31"]]


def test_bare_days_of_an_open_document_of_1904(tmp_path: Path) -> None:
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    head = "".join(f"<table:table-cell><text:p>{name}</text:p></table:table-cell>" for name in RATINGS)
    cells = (
        'office:value-type="percentage" office:value="0.51"',
        'table:formula="of:=1+1"',
        'office:value-type="string"',
    )
    row = "".join(f"<table:table-cell {cell}/>" for cell in ('office:value-type="float" office:value="44681"', *cells))
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet><table:calculation-settings>"
        '<table:null-date table:date-value="1904-01-01"/></table:calculation-settings><table:table table:name="t">'
        f"<table:table-row>{head}</table:table-row><table:table-row>{row}</table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "data"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
    source = find_sources([path])[0]
    assert source.since_1904
    assert list(open_rows(source)) == [[44681, "51%", Unreadable("formula_without_result"), "", ""]]

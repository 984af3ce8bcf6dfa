"""Workbooks as people keep them: several sheets, examples, cells merged over rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from graph_loaders.sources import Source, find_sources, open_rows, survey

REPAIRS = ["决定书文号", "处理类型", "日期", "机关"]
RATINGS = ["主体代码", "评价体系", "分值", "等级", "评价日期"]
Rows = Sequence[Sequence[Any]]


def put(folder: Path, sheets: Mapping[str, Rows], merge: str = "") -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    if merge:
        book.worksheets[0].merge_cells(merge)
    path = folder / "年报.xlsx"
    book.save(path)
    return path


def first_cells(source: Source) -> list[Any]:
    return [row[0] for row in open_rows(source) if isinstance(row, list)]


def test_every_sheet_with_data_is_a_source(tmp_path: Path) -> None:
    sheets: dict[str, Rows] = {
        "说明": [["填报说明"]],
        "2025": [REPAIRS, ["甲1号", "撤销", "2025-01-31", "局"]],
        "2026": [["某市归集表"], REPAIRS[::-1], ["局", "2026-01-31", "撤销", "甲2号"]],
        "评价": [RATINGS, ["A", "体系", 7, "优", "2026-01-31"]],
        "空表": [RATINGS],
    }
    sources = find_sources([put(tmp_path, sheets)])
    assert [(source.kind, source.part) for source in sources] == [
        ("repairs", "2025"),
        ("repairs", "2026"),
        ("ratings", "评价"),
    ]
    assert [source.name for source in sources[:2]] == ["年报.xlsx#2025", "年报.xlsx#2026"]
    assert list(map(first_cells, sources)) == [["甲1号"], ["局"], ["A"]]


def test_an_only_sheet_with_data_is_named_by_the_file_alone(tmp_path: Path) -> None:
    path = put(tmp_path, {"表": [REPAIRS, ["甲1号", "撤销", "2025-01-31", "局"]], "空表": [REPAIRS]})
    assert [source.place for source in find_sources([path])] == [str(path)]


def test_a_sheet_of_examples_is_passed_over_and_told(tmp_path: Path) -> None:
    row = ["甲1号", "撤销", "2025-01-31", "局"]
    path = put(tmp_path, {"填写示例": [REPAIRS, row], "数据": [REPAIRS, ["甲2号", *row[1:]]]})
    found = survey([path])
    assert list(map(first_cells, found.sources)) == [["甲2号"]]
    assert [entry.path for entry in found.skipped] == [f"{path}#填写示例"]


@pytest.mark.parametrize("merge", ["A2:A4", "B3:B4"])
def test_a_cell_merged_over_rows_holds_for_each_of_them(tmp_path: Path, merge: str) -> None:
    rows: list[list[Any]] = [[f"甲{n}号", "撤销", f"2025-01-0{n}", "局"] for n in (1, 2, 3)]
    rows.append([None] * 4)
    path = put(tmp_path, {"表": [REPAIRS, *rows]}, merge)
    found = list(open_rows(find_sources([path])[0]))
    held = rows[0][0] if merge.startswith("A") else rows[1][1]
    place = 0 if merge.startswith("A") else 1
    assert [row[place] for row in found[-2:] if isinstance(row, list)] == [held, held]
    assert len(found) == 3


def test_rows_of_merged_cells_alone_are_no_rows(tmp_path: Path) -> None:
    path = put(tmp_path, {"表": [REPAIRS, ["甲1号", "撤销", "2025-01-31", "局"], [None] * 4]}, "A2:A3")
    assert first_cells(find_sources([path])[0]) == ["甲1号"]

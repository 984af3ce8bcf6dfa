"""Templates, the list of kinds, and how a file is understood, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from graph_loaders.file_kinds import file_kinds
from graph_loaders.file_kinds.template import columns_of_template
from graph_loaders.sources import Broken, find_sources, load_profile, open_rows, survey
from hub.cli import main
from schema.records import FILE_KINDS


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "hub"))
    monkeypatch.setenv("HUB_REGION", "320404")


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_template_is_of_its_kind_empty_and_its_example_can_be_loaded(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "模板.xlsx"
    assert main(["files", "--kind", kind, "--template", str(path)]) == 0
    found = survey([path])
    assert [(source.kind, source.sheet) for source in found.sources] == [(kind, "数据")]
    assert list(open_rows(found.sources[0])) == []
    assert [entry.data for entry in found.skipped] == [False]
    book = load_workbook(path)
    book.remove(book["数据"])
    book["填写示例"].title = "数据"
    book.save(path)
    [row] = open_rows(find_sources([path])[0])
    needed = [column for column in columns_of_template(file_kinds()[kind]) if column and column.needed]  # type: ignore[index]
    assert len(needed) == len(load_profile().kinds[kind].needed)  # type: ignore[index]
    assert not isinstance(row, Broken)
    told = dict(zip(file_kinds()[kind].template, row, strict=False))  # type: ignore[index]
    places = zip(file_kinds()[kind].template, columns_of_template(file_kinds()[kind]), strict=True)  # type: ignore[index]
    assert [header for header, column in places if column in needed and not told[header]] == []


def test_a_template_for_two_fold_publication_has_the_columns_of_2021() -> None:
    penalty, licence = file_kinds()["xzcf"].template, file_kinds()["xzxk"].template
    for header in ("行政相对人类别", "行政相对人代码_1(统一社会信用代码)", "公示截止期", "处罚机关统一社会信用代码"):
        assert header in penalty
    for header in ("行政许可决定文书名称", "有效期自", "有效期至", "许可机关统一社会信用代码", "当前状态"):
        assert header in licence


def test_a_template_overwrites_nothing_and_is_a_workbook_or_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert main(["files", "--kind", "lifts", "--template", str(path)]) == 0
    assert path.read_bytes().startswith("\ufeff认定文号,证件号码".encode())
    assert main(["files", "--kind", "lifts", "--template", str(path)]) == 2
    assert main(["files", "--kind", "lifts", "--template", str(tmp_path / "a.doc")]) == 2
    assert main(["files", "--template", str(tmp_path / "b.csv")]) == 2
    assert main(["files", "--kind", "lifts", "--template", str(tmp_path / "no" / "b.csv")]) == 2


def test_the_kinds_and_their_columns_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files", "--json"]) == 0
    assert [entry["kind"] for entry in json.loads(capsys.readouterr().out)] == list(FILE_KINDS)
    assert main(["files", "--kind", "xzcf"]) == 0
    assert "处罚决定文号" in capsys.readouterr().out


def test_a_file_is_explained_column_by_column_without_a_graph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    text = "认定文号,证件号码,解除日期,处理状态,备注\n甲1号,32010119800101001X,2026-01-31,生效,\n"
    path.write_text(text, encoding="gb18030")
    (tmp_path / "b.dat").write_bytes(b"\x1f\x8b")
    assert main(["load", "--explain", "--json", str(path)]) == 0
    [told] = json.loads(capsys.readouterr().out)["files"]
    assert (told["kind"], told["encoding"], told["delimiter"], told["header_row"]) == ("lifts", "gb18030", ",", 1)
    assert [column["column"] for column in told["columns"]] == ["document", "person_number", "on", None, None]
    assert [column.get("doubtful") for column in told["columns"][3:]] == [True, False]
    assert told["columns"][1]["first"] == "*" * 18
    assert told["missing"] == ["authority"]
    assert main(["load", "--explain", str(tmp_path)]) == 1
    out = capsys.readouterr()
    assert "处理状态 → NOT READ" in out.out
    assert "b.dat" in out.err
    assert "gzip" in out.err


def test_a_snapshot_with_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("认定文号,证件号码,解除日期\n", encoding="utf-8")
    (tmp_path / "b.xls").write_bytes(b"\x1f\x8b")
    assert main(["load", "--full-snapshot", str(tmp_path)]) == 2
    assert "not all there is" in capsys.readouterr().err

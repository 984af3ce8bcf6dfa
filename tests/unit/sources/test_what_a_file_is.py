"""Files are told by what they contain; what cannot be read says what it is and what to do."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from graph_loaders.sources import find_sources, open_rows, survey
from schema.errors import UsageError

REPAIRS = "决定书文号,处理类型,日期,机关"
ROW = "甲1号,撤销,2026-01-31,局"
CSV = f"{REPAIRS}\n{ROW}\n".encode()


def packed(**members: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("::", "/"), content)
    return file.getvalue()


DBF = bytes([3, 126, 5, 1]) + struct.pack("<LHH", 1, 65, 20) + bytes(20) + b"CODE" + bytes(60)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SHEETS = b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
REFUSED: dict[str, tuple[bytes, str]] = {
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "gzip"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "image": (b"\x89PNG\r\n\x1a\n", "image"),
    "dbf": (DBF, "dBASE"),
    "xlsb": (packed(**{"xl::workbook.bin": b"x"}), r"\.xlsb"),
    "docx": (packed(**{"word::document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "Word"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "word 97": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le"), "Word"),
    "page without table": (b"<!DOCTYPE html><html><body>login</body></html>", "HTML page without a table"),
    "unknown xml": (b'<?xml version="1.0"?><rows><row/></rows>', "XML file of unknown form"),
    "web archive": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
    "broken zip": (b"PK\x03\x04" + bytes(40), "not a readable workbook"),
    "broken json": (b'[{"a": 1}, {"a"', "broken JSON"),
    "archive in archive": (packed(**{"a.zip": packed(**{"a.csv": CSV})}), "without a table"),
    "entities": (
        b'<?xml version="1.0"?><!DOCTYPE W [<!ENTITY a "aaaa">]><W %b/>' % SHEETS,
        "document types and entities",
    ),
    "deep": (
        b'<?xml version="1.0"?><W %b>' % SHEETS + b"<a>" * 500,
        "elements in each other",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_by_name_and_named_in_a_folder(tmp_path: Path, name: str) -> None:
    content, says = REFUSED[name]
    path = tmp_path / "处罚.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says) as refused:
        find_sources([path])
    assert refused.value.hint
    (tmp_path / "a.csv").write_bytes(CSV)
    found = survey([tmp_path])
    assert len(found.sources) == 1
    assert [entry.path for entry in found.skipped if entry.path == str(path)] == [str(path)]
    assert found.skipped[-1].hint


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in ("pdf", "image")])
def test_what_may_hold_a_table_is_overlooked_not_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_bytes(REFUSED[name][0])
    (tmp_path / "a.csv").write_bytes(CSV)
    assert survey([tmp_path]).overlooked


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README.txt", b"Please load, then call me.\nThanks\n"),
        ("说明.md", "本目录为归集数据，每日更新。\n".encode()),
        ("settings.toml", b'region = "320400"\n'),
        ("empty.csv", b""),
        ("marked.csv", b"\xef\xbb\xbf\r\n"),
        ("nothing.json", b"[]"),
        ("nothing.data.json", b'{"code": 0, "data": []}'),
        ("picture.png", b"\x89PNG\r\n\x1a\n"),
        ("q.jsonl", b'{"file":"a","row":1,"field":"","reason":"ragged_row","value":"","hint":"x"}\n'),
        ("report.json", b'{\n "run": "x",\n "files": {"xzcf": {"rows": 1}},\n "skipped": []\n}'),
        ("expected.json", b'{\n "format": 1,\n "dirty_rows": [{"file": "a", "row": 1}]\n}'),
    ],
)
def test_what_is_no_table_is_passed_over_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "a.csv").write_bytes(CSV)
    found = survey([tmp_path])
    assert [entry.path for entry in found.skipped] == [str(tmp_path / name)]
    assert found.overlooked == []


@pytest.mark.parametrize("name", ["a.csv", "b.txt", "c.dat", "d.xls", "e"])
def test_a_table_of_unknown_columns_is_overlooked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b,c\n1,2,3\n4,5,6\n")
    (tmp_path / "z.csv").write_bytes(CSV)
    assert [entry.path for entry in survey([tmp_path]).overlooked] == [str(tmp_path / name)]


def test_a_table_that_lacks_one_column_says_which(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("行政相对人名称,行政处罚决定书文号,处罚决定日期,处罚事由\n", encoding="utf-8")
    with pytest.raises(UsageError, match="nearest: xzcf, without CF_XDR_SHXYM"):
        find_sources([path])


def test_folders_in_folders_are_loaded(tmp_path: Path) -> None:
    deep = tmp_path / "2026" / "11月"
    deep.mkdir(parents=True)
    (deep / "a.csv").write_bytes(CSV)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.csv").write_bytes(CSV)
    assert [source.place for source in find_sources([tmp_path])] == [str(deep / "a.csv")]


def test_an_archive_is_read_member_by_member_and_names_what_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed(**{"x::a.csv": CSV, "b.pdf": b"%PDF-1", "__MACOSX::a.csv": CSV, "..::..::e.csv": CSV}))
    found = survey([path])
    assert [source.place for source in found.sources] == [f"{path}#x/a.csv", f"{path}#../../e.csv"]
    assert [entry.path for entry in found.skipped] == [f"{path}#b.pdf"]
    assert [list(open_rows(source)) for source in found.sources] == [[ROW.split(",")]] * 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_loaders.sources import archive

    monkeypatch.setattr(archive, "LARGEST_MEMBER", 1_000)
    path = tmp_path / "a.zip"
    path.write_bytes(packed(**{"a.csv": CSV + b"a,b,c,d\n" * 1_000}))
    with pytest.raises(UsageError, match="without a table"):
        find_sources([path])
    assert "unpacks to too much" in survey_with(tmp_path, CSV).skipped[0].reason


def survey_with(folder: Path, content: bytes) -> Any:
    (folder / "z.csv").write_bytes(content)
    return survey([folder])


def test_names_of_members_from_a_chinese_system_are_text(tmp_path: Path) -> None:
    content = packed(**{"AAAA.csv": CSV}).replace(b"AAAA", "处罚".encode("gb18030"))
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert find_sources([path])[0].name == "a.zip#处罚.csv"


HEADERS: dict[str, Callable[[], str]] = {
    "end": lambda: "行政处罚决定书文号,处罚日期,当事人,统一社会信用代码,处罚事由\n",
    "numbered": lambda: "1.当事人,2.社会信用代码,3.处罚决定文号,4.作出处罚决定日期\n",
    "title": lambda: "某局行政处罚公示,,,\n企业名称,信用代码,文号,决定日期\n",
}


@pytest.mark.parametrize("name", HEADERS)
def test_penalties_as_crawlers_name_their_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADERS[name](), encoding="utf-8")
    assert find_sources([path])[0].kind == "xzcf"


def test_what_may_be_of_two_kinds_is_of_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("企业名称,信用代码,文号,决定日期\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no known kind"):
        find_sources([path])


def test_columns_that_are_not_read_are_named_and_doubtful_ones_apart(tmp_path: Path) -> None:
    from graph_loaders.sources.kinds import is_doubtful

    path = tmp_path / "a.csv"
    path.write_text(f"序号,{REPAIRS},备注,终止有效期\n", encoding="utf-8")
    source = find_sources([path])[0]
    assert source.read == REPAIRS.split(",")
    assert source.unread == ["序号", "备注", "终止有效期"]
    doubtful = ["数据状态", "使用范围", "罚没金额", "CF_ZT", "xk_yxqz", "CF_GSJZQ", "是否公示", "expiry_date", "AMOUNT"]
    assert list(filter(is_doubtful, doubtful)) == doubtful
    assert not any(map(is_doubtful, ["序号", "备注", "联系电话", "CF_SJLY", "DFBM", "BZ", "SJC", "法定代表人"]))


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph_loaders.sources import grid_rows

    monkeypatch.setattr(grid_rows, "UNSUSPECTED", 100_000)
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(**{"xl::workbook.xml": b"<x/>", "xl::worksheets::sheet1.xml": b"<row/>" * 1_000_000}))
    with pytest.raises(UsageError, match="unpacks to too much"):
        find_sources([path])


def test_a_document_beyond_its_bound_says_how_to_send_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph_loaders.sources import json_rows

    monkeypatch.setattr(json_rows, "LARGEST_DOCUMENT", 1_000)
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a": 1}' + b', {"a": 1}' * 500 + b"]")
    with pytest.raises(UsageError, match="one JSON document") as refused:
        find_sources([path])
    assert "one object a line" in refused.value.hint


def test_a_cell_far_to_the_right_costs_no_memory(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(REPAIRS.split(","))
    book.active.append(ROW.split(","))
    book.active["XFD2"] = "x"
    book.save(tmp_path / "a.xlsx")
    [row] = open_rows(find_sources([tmp_path / "a.xlsx"])[0])
    assert getattr(row, "reason", "") == "ragged_row"

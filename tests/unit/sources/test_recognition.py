from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from graph_loaders.sources import find_sources, open_rows, open_source, survey
from schema.errors import UsageError

CURRENT = "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG"
OLDER = (
    "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_CFMC,CF_CFLB1,CF_CFLB2,CF_SY,CF_YJ,CF_JG,CF_FR,CF_XZJG,CF_JDRQ,CF_GSJZQ,DFBM,SJC"
)
HEADERS = {
    "registry": "统一社会信用代码,主体名称,主体类别,法定代表人,法定代表人证件号码,任职起始日期,登记机关",
    "shareholders": "统一社会信用代码,股东名称,股东类型,股东证件号码,持股比例,起始日期",
    "xzcf": CURRENT,
    "xzxk": "XK_XDR_MC,XK_XDR_SHXYM,XK_WSH,XK_JDRQ,XK_YXQZ,XK_YXQZI,XK_XKJG",
    "lists": "名单类型,主体名称,主体代码,认定机关,认定文号,列入日期,移出日期",
    "repairs": "决定书文号,处理类型,日期,机关",
    "lifts": "认定文号,证件号码,解除日期,机关",
    "contracts": "合同编号,合同名称,甲方代码,乙方代码,金额(万元),签订日期",
    "commitments": "承诺编号,承诺类型,主体代码,承诺日期,履行期限",
    "ratings": "主体代码,评价体系,分值,等级,评价日期",
    "complaints": "工单号,受理时间,被诉主体代码,事项",
}


def put(folder: Path, text: str, name: str = "data", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize(
    "change", [str, str.lower, lambda t: ",".join(reversed(t.split(","))), lambda t: f"序号,{t},备注"]
)
def test_a_kind_is_known_by_its_headers_in_any_order_case_and_company(tmp_path: Path, kind: str, change: Any) -> None:
    source = open_source(put(tmp_path, change(HEADERS[kind]) + "\n"))
    assert source.kind == kind
    assert source.container == "csv"


def test_older_penalties_are_known_and_have_no_amount_column(tmp_path: Path) -> None:
    source = open_source(put(tmp_path, OLDER + "\n", encoding="gb18030"))
    assert source.kind == "xzcf"
    assert "fine" not in source.columns
    assert source.header("authority") == "CF_XZJG"
    assert source.header("category_2") == "CF_CFLB2"


def test_headers_are_compared_without_width_blanks_and_unit(tmp_path: Path) -> None:
    text = " 合同编号 ,合同名称,甲方代码,乙方代码,金额（ 元 ）,签订\u200b日期\n"
    source = open_source(put(tmp_path, text))
    assert source.kind == "contracts"
    assert source.factors == {"amount": 1}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
def test_the_delimiter_is_found_with_notes_above_the_header(tmp_path: Path, delimiter: str) -> None:
    rows = ["某市归集表", "", HEADERS["repairs"].replace(",", delimiter), delimiter.join("甲乙丙丁")]
    source = open_source(put(tmp_path, "\r\n".join(rows)))
    assert (source.kind, source.delimiter, source.header_row) == ("repairs", delimiter, 3)
    assert list(open_rows(source)) == [["甲", "乙", "丙", "丁"]]


def test_a_workbook_is_read_from_the_sheet_with_known_headers(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("数据")
    sheet.append(["某市归集表"])
    sheet.append([])
    sheet.append(HEADERS["ratings"].split(","))
    sheet.append(["A", "体系", 727.0, None, datetime(2026, 1, 31)])
    sheet.append([None] * 5)
    sheet.append([123456789012345, "体系", 1.5, "", "2026/1/31"])
    book.save(tmp_path / "data")
    source = open_source(tmp_path / "data")
    assert (source.kind, source.sheet, source.header_row) == ("ratings", "数据", 3)
    assert list(open_rows(source)) == [
        ["A", "体系", 727, "", datetime(2026, 1, 31)],
        [123456789012345, "体系", 1.5, "", "2026/1/31"],
    ]


def test_json_lines_may_leave_out_and_add_keys(tmp_path: Path) -> None:
    lines = [
        '{"决定书文号":"甲","处理类型":"撤销","日期":1769788800000,"机关":null}',
        "",
        '{"日期":"2026-01-31","决定书文号":"乙"}',
    ]
    source = open_source(put(tmp_path, "\n".join([*lines, '{"决定书文号":"丙","别的":{"a":1}}'])))
    assert [list(row)[:4] for row in open_rows(source)] == [
        ["甲", "撤销", 1769788800000, ""],
        ["乙", "", "2026-01-31", ""],
        ["丙", "", "", ""],
    ]


def test_a_key_that_json_lines_leave_out_for_long_is_read(tmp_path: Path) -> None:
    """Exports leave out what is empty; an end that is first met in line 500 must not be taken for none."""
    lines = ['{"统一社会信用代码":"A","股东名称":"甲","股东证件号码":"B","持股比例":"51%"}'] * 500
    lines.append('{"统一社会信用代码":"A","股东名称":"乙","股东证件号码":"B","持股比例":"51%","终止日期":"2026-01-31"}')
    source = open_source(put(tmp_path, "\n".join(lines)))
    assert list(open_rows(source))[-1][source.columns["until"]] == "2026-01-31"  # type: ignore[index]


def test_what_a_folder_has_beside_its_tables_is_named_with_its_reason(tmp_path: Path) -> None:
    put(tmp_path, HEADERS["xzcf"] + "\n", "a.csv")
    put(tmp_path, "\x1f\x8b", "b.csv.gz", encoding="latin-1")
    put(tmp_path, "", "c.jsonl")
    found = survey([tmp_path])
    assert len(found.sources) == 1
    assert [(entry.path, entry.data) for entry in found.skipped] == [
        (str(tmp_path / "b.csv.gz"), True),
        (str(tmp_path / "c.jsonl"), False),
    ]
    assert "gzip" in found.skipped[0].reason
    assert found.skipped[1].reason == "empty"


@pytest.mark.parametrize(
    ("head", "says"), [("\x1f\x8b\x08", "gzip"), ("Rar!\x1a", "RAR"), ("\xd0\xcf\x11\xe0\xa1", "old or encrypted")]
)
def test_what_must_be_unpacked_or_saved_anew_says_so(tmp_path: Path, head: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        open_source(put(tmp_path, head + "\0" * 600, "a.csv", encoding="latin-1"))


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    put(tmp_path, HEADERS["xzcf"] + "\n", "a.csv")
    (tmp_path / "b.csv").symlink_to("nowhere.csv")
    with pytest.raises(UsageError, match="leads nowhere"):
        find_sources([tmp_path])


def test_a_name_from_a_chinese_archive_is_shown_as_text(tmp_path: Path) -> None:
    path = put(tmp_path, HEADERS["xzcf"] + "\n", os.fsdecode("处罚.csv".encode("gb18030")))
    assert open_source(path).name == "处罚.csv"


def test_a_folder_gives_registry_first_and_passes_over_what_is_no_table(tmp_path: Path) -> None:
    put(tmp_path, HEADERS["xzcf"] + "\n", "a.csv")
    put(tmp_path, HEADERS["registry"] + "\n", "z.csv")
    put(tmp_path, 'region = "320400"\n', "city.toml")
    put(tmp_path, '{\n "format": 1\n}\n', "expected.json")
    put(tmp_path, "read me, please\n", "README.txt")
    assert [source.kind for source in find_sources([tmp_path, tmp_path / "a.csv"])] == ["registry", "xzcf"]


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n"])
def test_an_empty_table_is_passed_over_in_a_folder_only(tmp_path: Path, text: str) -> None:
    empty = put(tmp_path, text, "lists.jsonl")
    put(tmp_path, HEADERS["xzcf"] + "\n", "a.csv")
    assert [source.kind for source in find_sources([tmp_path])] == ["xzcf"]
    with pytest.raises(UsageError):
        find_sources([empty])


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "a,b,c\n1,2,3\n"), ("a.jsonl", '{"a": 1}\n'), ("a.xlsx", "PK\x03\x04")]
)
def test_an_unknown_table_is_refused_with_the_headers_expected(tmp_path: Path, name: str, text: str) -> None:
    path = put(tmp_path, text, name)
    for paths in ([path], [tmp_path]):
        with pytest.raises(UsageError) as refused:
            find_sources(paths)
        assert name in refused.value.message
        assert "CF_WSH" in refused.value.hint or "xlsx" in refused.value.hint


def test_a_path_that_is_not_there_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UsageError):
            find_sources([path])

from __future__ import annotations

from pathlib import Path

import pytest

from graph_loaders.sources import find_sources, load_profile, open_rows, open_source, profile_names
from schema.errors import UsageError

STYLE = """
name = "某市旧系统"
[file]
encoding = "gb18030"
delimiter = "^"
header_row = 2
dates = ["%d.%m.%Y"]
unit = "元"
[kinds.xzcf]
needed = ["code", "document", "decided_on"]
[kinds.xzcf.columns]
code = "DWDM"
document = ["WH", "文号"]
decided_on = "RQ"
fine = "JE"
[kinds.repairs.values.ending]
"已完成修复" = "信用修复"
"""


def profile(folder: Path, text: str) -> str:
    path = folder / "style.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_citys_style_is_added_by_a_profile_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes("某市导出^^^\nDWDM^WH^RQ^JE\n代码^甲1号^31.01.2026^5000\n".encode("gb18030"))
    with pytest.raises(UsageError):
        open_source(data)
    source = open_source(data, load_profile(profile(tmp_path, STYLE)))
    assert (source.kind, source.factors, source.dates) == ("xzcf", {"fine": 1}, ("%d.%m.%Y",))
    assert list(open_rows(source)) == [["代码", "甲1号", "31.01.2026", "5000"]]


def test_a_file_without_headers_is_read_by_positions(tmp_path: Path) -> None:
    text = """
[file]
header_row = 0
[kinds.repairs.columns]
document = 2
ending = 3
on = 4
"""
    data = tmp_path / "data"
    data.write_text("1,甲1号,撤销,2026-01-31\n2,甲2号,撤销,2026-01-31\n", encoding="utf-8")
    source = open_source(data, load_profile(profile(tmp_path, text)))
    assert source.kind == "repairs"
    assert source.columns == {"document": 1, "ending": 2, "on": 3}
    assert len(list(open_rows(source))) == 2


def test_what_a_profile_does_not_say_stays_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("决定书文号,处理类型,日期\n", encoding="utf-8")
    text = '[kinds.repairs.values.ending]\n"已完成修复" = "信用修复"\n'
    source = find_sources([data], load_profile(profile(tmp_path, text)))[0]
    assert source.kind == "repairs"
    assert source.values == {"ending": {"已完成修复": "信用修复"}}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(('nmae = "x"', "nmae"), ('[file]\nencodign = "x"', "encodign"), ('[file]\nencoding = "latin-1"', "latin-1")),
        *(
            ('[file]\ndelimiter = "||"', "delimiter"),
            ("[file]\nheader_row = -1", "header_row"),
            ('[file]\nunit = "角"', "角"),
        ),
        *(
            ('[file]\ndates = ["YYYY"]', "YYYY"),
            ("[kinds.fines]", "fines"),
            ('[kinds.xzcf.columns]\nfien = "x"', "fien"),
        ),
        *(
            ("[kinds.xzcf.columns]\nfine = 1.5", "fine"),
            ('[kinds.xzcf]\nneeded = ["x"]', "x"),
            ("x = ", "Invalid value"),
        ),
    ],
)
def test_a_mistake_in_a_profile_is_told_with_its_place(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_profile(profile(tmp_path, text))
    assert "style.toml" in refused.value.message
    assert word in refused.value.message
    assert refused.value.hint


def test_shipped_profiles_are_found_by_name() -> None:
    assert [load_profile(name).name for name in profile_names()] == profile_names()
    with pytest.raises(UsageError, match="unknown source profile nowhere"):
        load_profile("nowhere")

from __future__ import annotations

from pathlib import Path

from transform_tools import CODE, transform

from graph_loaders.sources import load_profile

STYLE = """
[file]
encoding = "gb18030"
delimiter = "^"
dates = ["%d.%m.%Y"]
unit = "元"
[kinds.xzcf]
needed = ["code", "document", "decided_on"]
[kinds.xzcf.columns]
code = "DWDM"
document = "WH"
decided_on = "RQ"
fine = "JE"
tier = "CD"
[kinds.xzcf.values.tier]
"重" = "严重"
"""


async def test_a_citys_file_style_becomes_facts_by_a_profile_alone(tmp_path: Path) -> None:
    style = tmp_path / "style.toml"
    style.write_text(STYLE, encoding="utf-8")
    data = tmp_path / "data"
    data.write_bytes(
        f"某市导出\nDWDM^WH^RQ^JE^CD\n{CODE}^甲1号^31.01.2026^5000^重\n{CODE}^甲2号^31.02.2026^1^重\n".encode("gb18030")
    )
    result = await transform(data, profile=load_profile(str(style)))
    (record,) = result.facts["Record"]
    assert (record["decided_on"], record["amount"], record["tier"]) == ("2026-01-31", "5000", "严重")
    assert record["until"] == "2029-01-31"
    assert [(reject.row, reject.field, reject.reason) for reject in result.rejects] == [(2, "RQ", "unparsable_date")]

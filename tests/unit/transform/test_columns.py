"""Columns that say less than they seem to: met twice, cut by a spreadsheet, in a unit that is not told."""

from __future__ import annotations

from pathlib import Path

from transform_tools import CODE, OTHER, transform, write

from schema.identifiers import person_id_check

HOLDERS = "统一社会信用代码,股东名称,股东类型,股东证件号码,持股比例,起始日期,终止日期"
PERSON = "35012119670315000" + person_id_check("35012119670315000")


async def test_columns_under_the_same_header_must_agree(tmp_path: Path) -> None:
    rows = "甲1号,撤销,2026-03-14,2026-03-14", "甲2号,撤销,,2026-03-15", "甲3号,撤销,2026-03-14,2020-01-01"
    result = await transform(write(tmp_path, "a.csv", "决定书文号,处理类型,日期,日期", *rows))
    assert [fact["on"] for fact in result.facts["Ending"]] == ["2026-03-14", "2026-03-15"]
    assert result.reasons() == {3: "ambiguous_column"}


async def test_a_bare_share_below_one_is_half_a_percent_or_half_of_all(tmp_path: Path) -> None:
    def rows(*shares: str) -> list[str]:
        return [f"{CODE},甲{n},自然人,{PERSON},{share},2020-01-0{n}," for n, share in enumerate(shares, 1)]

    mixed = await transform(write(tmp_path, "a.csv", HOLDERS, *rows("0.5", "60", "1", "0.5%", "0")))
    assert [fact["share"] for fact in mixed.facts["Role"]] == [60.0, 0.5, 0.0]
    assert mixed.reasons() == {1: "bad_share", 3: "bad_share"}
    fractions = await transform(write(tmp_path, "b.csv", HOLDERS, *rows("0.5", "1", "51%")))
    assert [fact["share"] for fact in fractions.facts["Role"]] == [50.0, 100.0, 51.0]


async def test_numbers_that_a_spreadsheet_has_cut_are_no_keys(tmp_path: Path) -> None:
    header = "工单号,受理时间,被诉主体代码,事项"
    rows = [f"{number},2026-04-22 08:11:36,{CODE},噪声" for number in ("3.204E+18", "3204002026042290037", "1E5")]
    result = await transform(write(tmp_path, "a.csv", header, *rows))
    assert [fact["number"] for fact in result.facts["Complaint"]] == ["3204002026042290037", "1E5"]
    assert result.reasons() == {1: "missing_number"}


async def test_a_persons_number_in_the_place_of_a_code_is_hidden(tmp_path: Path) -> None:
    numbers = PERSON[:17], PERSON[:17] + "A"
    rows = [f"{CODE},某公司,法人,{number},51%,2020-01-01," for number in (*numbers, OTHER[:17] + "0")]
    result = await transform(write(tmp_path, "a.csv", HOLDERS, *rows))
    assert [reject.reason for reject in result.rejects] == ["bad_uscc_check"] * 3
    assert PERSON[6:14] not in repr(result.rejects)
    assert result.rejects[2].value == OTHER[:17] + "0"

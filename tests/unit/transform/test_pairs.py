from __future__ import annotations

from datetime import date
from pathlib import Path

from transform_tools import CODE, OTHER, PENALTIES, REGISTRY, transform, write


def penalty(document: str, fine: str, code: str = CODE, on: str = "2026-05-30", end: str = "2026-08-30") -> str:
    return f"甲公司,{code},{document},事实,{fine},{on},{end},轻微"


def state(name: str, code: str = CODE, founded: str = "2023-12-27") -> str:
    return f"{code},{name},企业,,,,,{founded},局,320413,存续"


async def test_an_equal_row_is_a_duplicate_and_so_is_one_that_only_says_the_same(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        PENALTIES,
        penalty("甲1号", "1"),
        penalty("甲1号", "1"),
        penalty("甲1号", "1.0", CODE.lower()),
    )
    result = await transform(path)
    counts = result.files["xzcf"]
    assert (counts["rows"], counts["accepted"], counts["duplicates"]) == (3, 1, 2)
    assert len({fact["vid"] for fact in result.facts["Record"]}) == 1


async def test_different_fines_of_one_decision_set_all_its_rows_aside(tmp_path: Path) -> None:
    rows = [penalty("甲1号", "1"), penalty("甲2号", "1"), penalty("甲1号", "2", f" {CODE}"), penalty("甲1号", "1")]
    result = await transform(write(tmp_path, "a.csv", PENALTIES, *rows))
    assert result.reasons() == dict.fromkeys((1, 3, 4), "conflicting_duplicate")
    assert [fact["document"] for fact in result.facts["Record"]] == ["甲2号"]
    assert {fact["amount"] for fact in result.conflicts["Record"]} == {"10000", "20000"}


async def test_a_faulty_row_contradicts_nobody(tmp_path: Path) -> None:
    rows = [penalty("甲1号", "1"), penalty("甲1号", "2", on="待定")]
    result = await transform(write(tmp_path, "a.csv", PENALTIES, *rows))
    assert result.reasons() == {2: "unparsable_date"}
    assert len(result.facts["Record"]) == 1


async def test_a_copy_of_a_faulty_row_is_faulty_too(tmp_path: Path) -> None:
    result = await transform(write(tmp_path, "a.csv", PENALTIES, *[penalty("甲1号", "不详")] * 2))
    assert result.reasons() == dict.fromkeys((1, 2), "non_numeric_amount")


async def test_one_code_under_two_names_is_in_conflict_but_two_terms_under_one_name_are_not(tmp_path: Path) -> None:
    rows = [state("甲公司"), state("乙公司", OTHER), state("丙公司"), state("乙公司 ", OTHER)]
    result = await transform(write(tmp_path, "a.csv", REGISTRY, *rows))
    assert result.reasons() == dict.fromkeys((1, 3), "code_conflict")
    assert {fact["name"] for fact in result.facts["SubjectState"]} == {"乙公司"}


async def test_names_are_compared_with_the_registry_of_the_call_and_of_the_graph(tmp_path: Path) -> None:
    write(tmp_path, "z.csv", REGISTRY, state("甲（中国）公司"))
    rows = [penalty("甲1号", "1").replace("甲公司", name) for name in ("甲(中国)公司", "甲 （中国） 公司", "别的公司")]
    write(tmp_path, "a.csv", PENALTIES, *rows, penalty("乙1号", "1", OTHER))
    counts = (await transform(tmp_path)).files["xzcf"]
    assert counts["warnings"] == {"name_mismatch": 1}
    assert counts["tolerated"] == {"not_in_local_registry": 1}
    counts = (await transform(tmp_path, registered={OTHER: {"乙公司"}})).files["xzcf"]
    assert counts["warnings"] == {"name_mismatch": 2}
    assert counts["tolerated"] == {}


async def test_each_row_has_one_fault_and_the_code_comes_first(tmp_path: Path) -> None:
    rows = [
        penalty("甲1号", "不详", "", "待定"),
        penalty("甲2号", "不详", CODE, "待定"),
        penalty("甲3号", "不详", CODE, "2027-01-01", "2026-01-01"),
        penalty("甲4号", "不详", CODE, "2026-01-02", "2026-01-01"),
        penalty("甲5号", "1", CODE, "2026-01-02", "2026-01-01"),
        penalty("", "1"),
    ]
    result = await transform(write(tmp_path, "a.csv", PENALTIES, *rows))
    assert list(result.reasons().values()) == [
        *("missing_uscc", "unparsable_date", "future_decision_date", "non_numeric_amount"),
        *("publication_end_before_decision", "missing_document"),
    ]


async def test_today_decides_what_is_in_the_future(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", PENALTIES, penalty("甲1号", "1", on="2026-05-30"))
    assert (await transform(path, today=date(2026, 5, 29))).reasons() == {1: "future_decision_date"}
    assert (await transform(path, today=date(2026, 5, 30))).reasons() == {}

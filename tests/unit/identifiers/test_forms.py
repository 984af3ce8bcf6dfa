"""Numbers and names in one form for loading and searching, and what stands where there is nothing."""

from __future__ import annotations

import pytest

from graph_loaders.sample.identifiers import numbers_like_codes
from schema.blanks import is_blank, is_blank_key, is_nothing
from schema.documents import document_form, signed_by_agency, unguarded
from schema.identifiers import (
    is_citizen_number,
    is_uscc,
    org_code_check,
    uscc_check,
    uscc_fault,
)
from schema.names import PRIVATE, compared_name

USUAL = "某环罚〔2026〕101号"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "某环罚[2026]101号",
            "某环罚（2026）101号",
            "某环罚【2026】101号",
            "某环罚〔２０２６〕１０１号",
            "某环罚〔2026〕 101 号",
        ),
        *(
            "某环罚〔2026〕第101号",
            '="某环罚〔2026〕101号"',
            "'某环罚〔2026〕101号",
            "某环罚〔二〇二六〕101号",
            "某环罚(二○二六)第一百零一号",
        ),
        *(
            "某环罚〔2026〕101",
            "某环罚\u200b〔2026年〕101号。",
            "某环罚﹝2026﹞101号",
            "某环罚{2026}一〇一号",
            "“某环罚〔2026〕101号”",
        ),
    ],
)
def test_all_writings_of_a_number_have_one_form(written: str) -> None:
    assert document_form(written) == USUAL == document_form(USUAL)


def test_different_numbers_keep_different_forms() -> None:
    numbers = [
        USUAL,
        "某环罚〔2026〕11号",
        "某环罚〔2025〕101号",
        "某建罚〔2026〕101号",
        "某环罚字〔2026〕101号",
        "HT-1-01",
        "HT-10-1",
    ]
    assert len({document_form(number) for number in numbers}) == len(numbers)
    assert document_form("（2026）某04执1号") == document_form("(2026)某04执1号")
    assert document_form("ht–2026—01") == document_form("HT-2026-01")


def test_a_number_with_an_agencys_sign_needs_no_agency() -> None:
    assert signed_by_agency(document_form(USUAL))
    assert signed_by_agency(document_form("（2026）某04执1号"))
    assert not signed_by_agency(document_form("2026001"))
    assert not signed_by_agency(document_form("〔2026〕1号"))


def test_spreadsheet_guards_are_no_part_of_a_text() -> None:
    assert unguarded('="001"') == unguarded("'001") == unguarded("＇001") == "001"


@pytest.mark.parametrize(
    "mark",
    [
        *(
            "",
            "无",
            "/",
            "—",
            "-",
            "--",
            "——",
            "N/A",
            "n/a",
            "空",
            "0",
            "００",
            "null",
            "NULL",
            "\\N",
            "待补",
            "暂无",
            "（无）",
            "“空”",
        ),
        *("ＮＵＬＬ", "／", "*", "***", "#N/A", "0.0", "未编号", "　", "..", "None", "[null]", "不详"),
    ],
)
def test_marks_for_nothing_are_no_key(mark: str) -> None:
    assert is_blank_key(mark)


def test_what_says_something_is_a_key() -> None:
    assert not any(map(is_blank_key, ("1", "10", "无锡", "甲", "A-0", "〔2026〕1号", "无1号")))
    assert not is_blank("0")
    assert is_nothing("无")
    assert not is_nothing("不详")


def test_characters_of_the_private_area_are_those_of_today() -> None:
    assert compared_name("某市\ue863丰公司") == compared_name("某市䶮丰公司")
    assert {code for code in PRIVATE if 0xE815 <= code <= 0xE864} == set(range(0xE815, 0xE865))
    assert not any(0xE000 <= new <= 0xF8FF for new in PRIVATE.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("甲（某）有限公司", "甲(某)有限公司"), ("ＡＢＣ公司", "abc公司"), ("甲・乙", "甲·乙"), ("甲•乙", "甲‧乙")),
        *(
            ("甲；乙", "甲;乙"),
            ("甲 公司", "甲公司"),
            ("甲\ufe00公司", "甲公司"),
            ("甲\u200b公司", "甲公司"),
            ("金公司", "金公司"),
        ),
        *(
            ("⾦公司", "金公司"),
            ("⻓江公司", "长江公司"),
            ("甲\U000e0100", "甲"),
            ("甲—乙", "甲-乙"),
            ("甲【某】", "甲(某)"),
        ),
    ],
)
def test_two_writings_of_a_name_are_equal(one: str, other: str) -> None:
    assert compared_name(one) == compared_name(other)


def test_a_citizen_number_is_never_a_code() -> None:
    numbers = numbers_like_codes(5)
    assert len(numbers) == 5
    for number in numbers:
        assert uscc_fault(number) == "citizen_number"
        assert not is_uscc(number)
    assert uscc_fault("320102510326001") == "citizen_number"
    assert not is_citizen_number("320102519926001")


def test_department_category_and_region_of_a_code_exist() -> None:
    def code(head: str) -> str:
        first17 = head + "XY000121" + org_code_check("XY000121")
        return first17 + uscc_check(first17)

    assert [uscc_fault(code(head)) for head in ("91320404", "N2320412", "11100000")] == ["", "", ""]
    for head in ("00320404", "9X320404", "91990404", "91000000", "59320404", "97320404"):
        assert uscc_fault(code(head)) == ("" if head == "59320404" else "bad_uscc_prefix"), head
    assert [uscc_fault(mark) for mark in ("无", "/", "0", "N/A")] == ["missing_uscc"] * 4

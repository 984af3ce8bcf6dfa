from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import identifiers as ids

BODY = st.text(ids.USCC_ALPHABET, min_size=8, max_size=8)
HEAD = st.tuples(
    st.sampled_from(("11", "12", "19", "31", "51", "52", "53", "71", "81", "91", "92", "93", "A1", "N1", "N2", "Y1")),
    st.sampled_from(("100000", "110000", "310114", "320404", "330305", "440300", "650100", "810000")),
).map("".join)
BORN = st.dates(date(1900, 1, 1), date(2026, 11, 1))


def make_code(head: str, body: str) -> str:
    first17 = head + body + ids.org_code_check(body)
    return first17 + ids.uscc_check(first17)


def make_number(born: date, sequence: int) -> str:
    first17 = f"310104{born:%Y%m%d}{sequence:03}"
    return first17 + ids.person_id_check(first17)


@given(HEAD, BODY)
def test_a_code_with_both_checks_of_a_known_department_and_region_is_valid(head: str, body: str) -> None:
    assert ids.is_uscc(make_code(head, body))


@given(HEAD, BODY, st.integers(0, 17), st.sampled_from(ids.USCC_ALPHABET))
def test_one_wrong_character_is_always_found(head: str, body: str, place: int, char: str) -> None:
    code = make_code(head, body)
    changed = code[:place] + char + code[place + 1 :]
    assert ids.is_uscc(changed) == (changed == code)


@given(HEAD, BODY, st.sampled_from("0123456789X"))
def test_a_code_that_passes_outside_and_fails_inside_has_its_own_fault(head: str, body: str, inner: str) -> None:
    first17 = head + body + inner
    fault = ids.uscc_fault(first17 + ids.uscc_check(first17))
    assert fault == ("" if inner == ids.org_code_check(body) else "bad_org_code_check")


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_codes_published_as_examples_are_valid(code: str) -> None:
    assert ids.is_uscc(code)


@pytest.mark.parametrize(
    "code", ["", "9132", "91320481XYYB35GE2I", "91320481XYYB35GE2７", "92320481XYYB35GE27", "91320481XYYB35GE277"]
)
def test_other_texts_are_no_codes(code: str) -> None:
    assert ids.uscc_fault(code) == ("bad_uscc_check" if code else "missing_uscc")


@pytest.mark.parametrize(
    ("raw", "marks"),
    [
        ("91320481XYYB35GE27", ()),
        ("91320481xyyb35ge27", (ids.LOWERCASE,)),
        ("９１３２０４８１ＸＹＹＢ３５ＧＥ２７", (ids.FULLWIDTH,)),
        ("  91320481XYYB35GE27\u3000", (ids.PADDED,)),
        ("91320481XYYB35GE27\t", (ids.TRAILING_TAB,)),
        ("91320481XYYB35GE27\u200b", (ids.ZERO_WIDTH_MARK,)),
        ("\ufeff91320481XYYB35GE27", (ids.ZERO_WIDTH_MARK,)),
        ("９１３２０４８１ｘｙｙｂ３５ｇｅ２７\t", (ids.TRAILING_TAB, ids.FULLWIDTH, ids.LOWERCASE)),
    ],
)
def test_a_code_is_made_normal_and_says_what_it_looked_like(raw: str, marks: tuple[str, ...]) -> None:
    assert ids.normalise_code(raw) == ("91320481XYYB35GE27", marks)


def test_blanks_alone_are_no_code_and_nothing_to_tolerate() -> None:
    assert ids.normalise_code(" \t\u200b") == ("", ())


@given(BORN, st.integers(0, 999))
def test_a_number_with_its_check_is_valid_and_another_check_is_not(born: date, sequence: int) -> None:
    number = make_number(born, sequence)
    assert ids.is_person_id(number)
    assert [c for c in "0123456789X" if ids.is_person_id(number[:17] + c)] == [number[17]]


@pytest.mark.parametrize("born", ["19900230", "19901301", "18000101", "20260000"])
def test_a_number_without_a_birth_date_is_none(born: str) -> None:
    first17 = f"310104{born}000"
    assert not ids.is_person_id(first17 + ids.person_id_check(first17))


@given(BORN)
def test_full_age_comes_on_the_eighteenth_birthday(born: date) -> None:
    day = date.fromisoformat(ids.adult_on(make_number(born, 0)))
    leap = (born.month, born.day) == (2, 29)
    assert day == (
        date(born.year + 18, 3, 1) if leap and not _leap(born.year + 18) else born.replace(year=born.year + 18)
    )


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def test_a_number_is_read_in_full_width_with_a_small_x() -> None:
    assert ids.normalise_person_id(" ３４０１２１１９７２１２１７０００x ") == "34012119721217000X"


def test_regions_begin_with_a_province() -> None:
    assert ids.is_region("330305")
    assert not any(map(ids.is_region, ("990101", "33030", "3303055", "")))

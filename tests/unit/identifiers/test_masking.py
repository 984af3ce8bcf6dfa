from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.identifiers import person_id_check
from schema.masking import MASK, mask_person_ids

NUMBER = "320102199001010" + "00" + person_id_check("32010219900101000")
SMALL_X = "34012119721217000x"
NOISE = st.text(st.characters(exclude_categories=("Nd", "Cs")), max_size=20)


@pytest.mark.parametrize("number", [NUMBER, SMALL_X, NUMBER.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})])
@given(before=NOISE, after=NOISE)
def test_a_number_in_free_text_is_masked_whatever_stands_around_it(number: str, before: str, after: str) -> None:
    masked = mask_person_ids(f"{before}|{number}|{after}", free=True)
    assert number not in masked
    assert masked.startswith(f"{before}|")
    assert masked.endswith(f"|{after}")


@pytest.mark.parametrize(
    "text",
    [
        f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
        f"1{NUMBER}",
        f"{NUMBER}13800000000",
        NUMBER[:17] + ("1" if NUMBER[17] != "1" else "3"),
        NUMBER[:6] + NUMBER[8:17],
    ],
)
def test_hidden_wrong_and_former_numbers_are_masked_in_free_text(text: str) -> None:
    assert "19900101" not in mask_person_ids(text, free=True)
    assert NUMBER[8:14] not in mask_person_ids(text, free=True)


def test_document_numbers_keep_their_long_numbers_but_no_valid_person() -> None:
    for kept in (
        "HT-330700-2026-90117",
        "3204002026042290037",
        "XY3204002020900131",
        "苏示〔2026〕320102199001010001号",
    ):
        assert mask_person_ids(kept) == kept
    assert mask_person_ids(f"罚{NUMBER}号") == f"罚{MASK}号"
    assert mask_person_ids(f"罚{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}号") == f"罚{MASK}号"
    joined = f"罚{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}号"
    assert mask_person_ids(joined) == f"罚{MASK}号"


def test_codes_of_organisations_are_no_persons() -> None:
    for code in ("91320481XYYB35GE27", "11320400XY4HL33N7N"):
        assert mask_person_ids(f"主体{code}。", free=True) == f"主体{code}。"


def test_a_hyphenated_number_in_a_documents_place_is_one_unless_its_date_may_be_a_decisions():
    old, young = ("3204021974122400", "3204022026010500")
    for first16, hidden in ((old, True), (young, False)):
        number = first16 + "0"
        number += person_id_check(number)
        shown = mask_person_ids(f"{number[:6]}-{number[6:14]}-{number[14:]}")
        assert (shown == MASK) == hidden

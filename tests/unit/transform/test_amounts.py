from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_loaders.transform.amounts import UNKNOWN_SHARE, fine_in_text, read_amount, read_score, read_share
from graph_loaders.transform.faults import Fault


@pytest.mark.parametrize(
    ("raw", "cny"),
    [
        *(("0.01", "100"), ("82.59", "825900"), (82.59, "825900"), (2776, "27760000"), ("1,234.5", "12345000")),
        *(
            ("１２．５", "125000"),
            ("￥3万元", "30000"),
            ("5000元", "5000"),
            ("人民币2亿元整", "200000000"),
            ("", ""),
            ("-", ""),
        ),
        *((0, "0"), ("0.000001", "0.01"), (1e-6, "0.01"), ("100000000000", "1000000000000000")),
    ],
)
def test_amounts_in_wan_become_exact_cny(raw: object, cny: str) -> None:
    assert read_amount("fine", raw, 10_000)[0] == cny


@given(st.decimals(0, 99999999, places=4))
def test_no_digit_is_lost(value: Decimal) -> None:
    assert Decimal(read_amount("fine", str(value), 10_000)[0]) == value * 10_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        *((raw, "non_numeric_amount") for raw in ("不详", "若干", "1,2,3", "1e5e", "NaN", "12 34", float("inf"))),
        *(("-5", "negative_amount"), (-0.5, "negative_amount"), ("1" * 20, "amount_out_of_range")),
    ],
)
def test_what_is_no_amount_has_its_reason(raw: object, reason: str) -> None:
    with pytest.raises(Fault, match=reason):
        read_amount("fine", raw, 10_000)


@pytest.mark.parametrize(
    ("text", "cny"),
    [
        *(
            ("罚款人民币82.59万元；责令停产停业", "825900"),
            ("警告；罚款5000元", "5000"),
            ("处以罚款人民币伍万叁仟元整", "53000"),
        ),
        *(
            ("罚款：１２万元", "120000"),
            ("罚款一十万元", "100000"),
            ("警告", ""),
            ("罚款若干", ""),
            ("没收违法所得3万元", ""),
        ),
    ],
)
def test_the_fine_is_found_in_the_text_of_older_files(text: str, cny: str) -> None:
    assert fine_in_text(text)[0] == cny


@pytest.mark.parametrize(
    ("raw", "share"),
    [
        ("51.00%", 51),
        ("51％", 51),
        ("51", 51),
        (0.51, 51),
        ("0.51", 51),
        (100, 100),
        ("1", 100),
        ("", UNKNOWN_SHARE),
        ("无", UNKNOWN_SHARE),
        ("不详", UNKNOWN_SHARE),
        ("百分之五十一", 51),
    ],
)
def test_shares_are_in_percent(raw: object, share: float) -> None:
    assert read_share("share", raw)[0] == share


@pytest.mark.parametrize(
    ("raw", "share"),
    [("49.9999999%", 49.999999), ("0.4999999999", 49.999999), (0.49999999999999994, 50), ("50.00%", 50)],
)
def test_a_share_written_below_half_is_not_rounded_to_half(raw: object, share: float) -> None:
    assert read_share("share", raw)[0] == share


@pytest.mark.parametrize("raw", ["101%", "-1%", "多数", "1/2"])
def test_other_shares_are_a_fault(raw: str) -> None:
    with pytest.raises(Fault, match="bad_share"):
        read_share("share", raw)


def test_scores_are_the_same_as_text_and_as_number() -> None:
    assert {read_score("score", raw) for raw in ("727", 727, 727.0, "727.0", "７２７", "727分")} == {"727"}
    with pytest.raises(Fault, match="bad_score"):
        read_score("score", "优秀")


@pytest.mark.parametrize(
    ("raw", "cny"),
    [
        *(
            ("50000元", "50000"),
            ("（人民币元）50000", "50000"),
            ("50000（人民币元）", "50000"),
            ("20000.00元人民币", "20000"),
        ),
        *(
            ("5.0E4元", "50000"),
            ("1.5e0", "15000"),
            ("壹万元整", "10000"),
            ("伍万叁仟元整", "53000"),
            ("1万2000元", "12000"),
        ),
        *(
            ("1,000.00元", "1000"),
            ("￥5,000.00元整", "5000"),
            ("人民币伍万元整", "50000"),
            ("壹佰元伍角", "100.5"),
            ("N/A", ""),
        ),
    ],
)
def test_amounts_are_read_in_the_unit_that_they_name(raw: str, cny: str) -> None:
    assert read_amount("fine", raw, 10_000)[0] == cny


@pytest.mark.parametrize("raw", ["100美元", "$5", "5万港元", "EUR 10", "1000日元"])
def test_other_currencies_are_not_turned_into_yuan(raw: str) -> None:
    with pytest.raises(Fault, match="foreign_currency"):
        read_amount("amount", raw, 10_000)

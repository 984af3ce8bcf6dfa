"""Amounts and shares, exactly: decimal strings, never floats on the way."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from graph_loaders.transform.faults import Fault

_UNITS = {"": 0, "元": 1, "圆": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}
_UNITS |= {"千元": 1_000, "百万元": 1_000_000}
_AMOUNT = re.compile(
    r"(?:人民币|RMB|CNY|¥)?\s*([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?)\s*(元|圆|万元|万|千元|百万元|亿元|亿)?整?"
)
_FINE = re.compile(
    r"罚款(?:金额)?(?:人民币|共计|合计|计|[:为共])*\s*(?:¥)?\s*(\d[\d,]*(?:\.\d+)?)\s*(亿元|万元|千元|元|万)"
)
_FINE_WORDS = re.compile(
    r"罚款(?:金额)?(?:人民币|共计|合计|计|[:为共])*\s*([零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿]+)[元圆]"
)
_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True))
_DIGITS |= dict(zip("〇壹贰叁肆伍陆柒捌玖", range(10), strict=True)) | {"两": 2}
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
LONGEST = 16  # digits before the point, in CNY
_EMPTY = frozenset(("", "-", "--", "—", "/", "无", "null", "NULL", "None", "\\N"))


_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d{1,3}", re.IGNORECASE)
EXACT = 1e15  # spreadsheets keep 15 digits


def is_shortened(raw: object) -> bool:
    """True for a long number of which a spreadsheet has kept the first digits only, as 3.20400202604229E+18."""
    if isinstance(raw, float):
        return abs(raw) >= EXACT
    return isinstance(raw, str) and _SHORTENED.fullmatch(raw.strip()) is not None


def number_text(raw: int | float) -> str:
    """A number as a plain decimal text: what a text file would say."""
    return str(raw) if isinstance(raw, int) else plain(Decimal(repr(raw)))


def plain(value: Decimal) -> str:
    """Without exponent and without zeros at the end of the fraction."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_amount(column: str, raw: object, factor: int) -> tuple[str, str]:
    """CNY as a decimal text, and the text of the source; both "" when empty. ``factor``: CNY in one unit.

    A unit that the cell itself names wins. Raises Fault ``non_numeric_amount``, ``negative_amount`` or
    ``amount_out_of_range``.
    """
    if isinstance(raw, int | float):
        given = number_text(raw) if raw == raw and abs(raw) != float("inf") else str(raw)
    else:
        given = str(raw).strip()
        if not given.isascii():
            given = unicodedata.normalize("NFKC", given)
    if given in _EMPTY:
        return "", ""
    match = _AMOUNT.fullmatch(given)
    if match is None:
        raise Fault(column, "non_numeric_amount", raw)
    value = Decimal(match[1].replace(",", "")) * (_UNITS[match[2] or ""] or factor)
    if value < 0:
        raise Fault(column, "negative_amount", raw)
    if value.adjusted() >= LONGEST or len(value.as_tuple().digits) > 26:
        raise Fault(column, "amount_out_of_range", raw)
    return plain(value), given


def fine_in_text(text: str) -> tuple[str, str]:
    """The fine that a decision's text states, as CNY and as written; "" where it states none."""
    if "罚款" not in text:
        return "", ""
    wide = unicodedata.normalize("NFKC", text)
    match = _FINE.search(wide)
    if match:
        value = Decimal(match[1].replace(",", "")) * _UNITS[match[2]]
        return (plain(value), match[1] + match[2]) if value.adjusted() < LONGEST else ("", "")
    words = _FINE_WORDS.search(wide)
    if words:
        value = Decimal(_from_words(words[1]))
        return (plain(value), words[1] + "元") if value else ("", "")
    return "", ""


def _from_words(words: str) -> int:
    """A whole number in Chinese numerals, everyday or financial: 伍万叁仟 is 53000."""
    total = section = digit = 0
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _POWERS:
            section += (digit or 1) * _POWERS[char]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if char == "万" else 100_000_000)
            section = digit = 0
    return total + section + digit


def above_one(raw: object) -> bool:
    """True for a share such as 51: without a percent sign it can be in percent only."""
    given = number_text(raw) if isinstance(raw, int | float) else unicodedata.normalize("NFKC", str(raw)).strip()
    return re.fullmatch(r"\d{1,3}(?:\.\d{1,20})?", given) is not None and Decimal(given) > 1


def read_share(column: str, raw: object, percents: bool = False) -> tuple[float, str]:
    """A share in percent, and the text of the source. ``51%``, ``51`` and ``0.51`` are the same; empty is 0.

    ``percents``: the column has shares above one without a sign, so that 0.51 may be half a percent or half of all.
    Six decimals are kept. A text is cut, so that what is written below a threshold stays below it; a number of a
    spreadsheet, which may be off in its last bit, is rounded. Raises Fault ``bad_share``.
    """
    given = number_text(raw) if isinstance(raw, int | float) else unicodedata.normalize("NFKC", str(raw)).strip()
    if given in _EMPTY:
        return 0.0, ""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,20})?)\s*(%)?", given)
    if match is None:
        raise Fault(column, "bad_share", raw)
    value = Decimal(match[1])
    if not match[2] and value <= 1:
        if percents and value:
            raise Fault(column, "bad_share", raw)
        value *= 100
    if value > 100:
        raise Fault(column, "bad_share", raw)
    rounding = ROUND_HALF_EVEN if isinstance(raw, float) else ROUND_DOWN
    return float(value.quantize(Decimal("0.000001"), rounding)), given


def read_score(column: str, raw: object) -> str:
    """A score as a plain decimal text; "" when empty. Raises Fault ``bad_score``."""
    given = number_text(raw) if isinstance(raw, int | float) else unicodedata.normalize("NFKC", str(raw)).strip()
    if given in _EMPTY:
        return ""
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", given.removesuffix("分")):
        raise Fault(column, "bad_score", raw)
    return plain(Decimal(given.removesuffix("分")))

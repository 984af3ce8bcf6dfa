"""Amounts and shares, exactly: decimal strings, never floats on the way."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from graph_loaders.transform.faults import Fault
from schema.blanks import is_blank, is_nothing
from schema.documents import unguarded

_UNITS = {"": 0, "元": 1, "圆": 1, "块": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}
_UNITS |= {"百元": 100, "千": 1_000, "千元": 1_000, "十万元": 100_000, "百万": 1_000_000, "百万元": 1_000_000}
_UNITS |= {"千万": 10_000_000, "千万元": 10_000_000, "万圆": 10_000, "亿圆": 100_000_000, "角": 0, "分": 0}
_UNIT = "亿元|亿圆|亿|千万元|千万|百万元|百万|十万元|万元|万圆|万|千元|千|百元|元|圆|块"
_PLAIN = r"(?:\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+|\d+)(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(rf"({_UNIT})?:?([+-]?)({_PLAIN})(E[+-]?\d{{1,2}})?({_UNIT})?")
_PARTS = re.compile(rf"({_PLAIN})({_UNIT})")
_CURRENCY = re.compile("人民币|RMB|CNY|¥")
_FOREIGN = re.compile(
    r"美元|美金|USD|\$|港[币元]|HKD|欧元|EUR|€|日[元圆]|JPY|英镑|GBP|£|[台臺]币|TWD|NTD|韩[元圆]|KRW|澳元|AUD|加元|CAD|新加坡元|新元|SGD"
    "|瑞士法郎|CHF|卢布|RUB|澳门元|MOP|泰铢|THB"
)
_MONEY_WORDS = re.compile(
    "([零〇一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖十拾百佰千仟万萬亿億]+)[元圆圓](?:零?([一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖])角)?"
    "(?:零?([一二两三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖])分)?"
)
_FINE = re.compile(
    r"罚款(?:金额)?(?:人民币|共计|合计|计|[:为共])*\s*(?:¥)?\s*(\d[\d,]*(?:\.\d+)?)\s*(亿元|万元|千元|元|万)"
)
_FINE_WORDS = re.compile(
    r"罚款(?:金额)?(?:人民币|共计|合计|计|[:为共])*\s*([零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十拾百佰千仟万亿]+)[元圆]"
)
_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True))
_DIGITS |= dict(zip("〇壹贰叁肆伍陆柒捌玖", range(10), strict=True)) | {"两": 2, "貳": 2, "參": 3, "陸": 6}
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
LONGEST = 16  # digits before the point, in CNY
UNKNOWN_SHARE = -1.0  # a number, since a property is never missing

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

    A unit that the cell itself names wins; 1,000.00, 5.0E4, 1万2000元 and 壹万元整 are understood. Raises Fault
    ``non_numeric_amount``, ``negative_amount``, ``amount_out_of_range``, or ``foreign_currency``: an amount in another
    currency is not turned into CNY, since no rate is known.
    """
    if isinstance(raw, int | float):
        given = number_text(raw) if raw == raw and abs(raw) != float("inf") else str(raw)
    else:
        given = unguarded(str(raw))
        if not given.isascii():
            given = unicodedata.normalize("NFKC", given)
    if is_nothing(given):
        return "", ""
    value = _money(given, factor)
    if value is None:
        raise Fault(column, "foreign_currency" if _FOREIGN.search(given.upper()) else "non_numeric_amount", raw)
    if value < 0:
        raise Fault(column, "negative_amount", raw)
    if value.adjusted() >= LONGEST or len(value.as_tuple().digits) > 26:
        raise Fault(column, "amount_out_of_range", raw)
    return plain(value), given


def _money(given: str, factor: int) -> Decimal | None:
    text = "".join(given.upper().split())
    if re.search(r"\d\s+\d", given) or _FOREIGN.search(text):
        return None
    text = _CURRENCY.sub("", text).replace("()", "").rstrip("整正。.;,")
    text = text.replace("，", ",")
    for bracketed in ("(元)", "(万元)", "(圆)", "(亿元)", "(千元)", "(百万元)"):
        text = text.replace(bracketed, bracketed[1:-1])
    match = _AMOUNT.fullmatch(text)
    if match is not None:
        if match[1] and match[5]:
            return None
        number = Decimal(match[3].replace(",", "") + (match[4] or ""))
        value = number * (_UNITS[match[5] or match[1] or ""] or factor)
        return -value if match[2] == "-" else value
    words = _MONEY_WORDS.fullmatch(text)
    if words is not None:
        return _in_words(words)
    return _joined(text)


def _in_words(words: re.Match[str]) -> Decimal:
    jiao, fen = (_DIGITS.get(digit or "", 0) for digit in (words[2], words[3]))
    return Decimal(_from_words(words[1])) + Decimal(jiao) / 10 + Decimal(fen) / 100


def _joined(text: str) -> Decimal | None:
    """An amount in several parts, the greater units first: 1万2000元, 1亿2000万元."""
    at, last, total = 0, 10**12, Decimal(0)
    for part in _PARTS.finditer(text):
        unit = _UNITS[part[2]]
        if part.start() != at or unit >= last:
            return None
        total += Decimal(part[1].replace(",", "")) * unit
        at, last = part.end(), unit
    return total if at and at == len(text) else None


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
            total = (total + section + digit) * (10_000 if char in "万萬" else 100_000_000)
            section = digit = 0
    return total + section + digit


def above_one(raw: object) -> bool:
    """True for a share such as 51: without a percent sign it can be in percent only."""
    given = number_text(raw) if isinstance(raw, int | float) else unicodedata.normalize("NFKC", str(raw)).strip()
    return re.fullmatch(r"\d{1,3}(?:\.\d{1,20})?", given) is not None and Decimal(given) > 1


def read_share(column: str, raw: object, percents: bool = False) -> tuple[float, str]:
    """A share in percent, and the text of the source. ``51%``, ``51`` and ``0.51`` are the same; where the source says
    nothing it is ``UNKNOWN_SHARE``.

    ``percents``: the column has shares above one without a sign, so that 0.51 may be half a percent or half of all.
    Six decimals are kept. A text is cut, so that what is written below a threshold stays below it; a number of a
    spreadsheet, which may be off in its last bit, is rounded. Raises Fault ``bad_share``.
    """
    given = _plain_text(raw)
    if is_blank(given):
        return UNKNOWN_SHARE, ""
    if (
        words := re.fullmatch("百分之([零〇一二两三四五六七八九十百]+)(?:点([零〇一二三四五六七八九]+))?", given)
    ) is not None:
        fraction = "".join(str(_DIGITS[char]) for char in words[2] or "")
        given = f"{_from_words(words[1])}.{fraction}%"
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{0,20})?)\s*(%)?", given)
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
    given = _plain_text(raw)
    if is_blank(given):
        return ""
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", given.removesuffix("分")):
        raise Fault(column, "bad_score", raw)
    return plain(Decimal(given.removesuffix("分")))


def _plain_text(raw: object) -> str:
    if isinstance(raw, int | float):
        return number_text(raw)
    return unicodedata.normalize("NFKC", unguarded(str(raw))).strip()

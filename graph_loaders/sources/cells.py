"""What a cell of a spreadsheet says: a value, nothing, or something that cannot be read. These are three things."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

EXACT = 1e15  # spreadsheets keep 15 digits
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BUSY!|GETTING_DATA|BLOCKED!|CONNECT!|UNKNOWN!"
    r"|ERR:?\d*|#{2,}.*)|ERR:\d{3}",
    re.IGNORECASE,
)
_FORMULA_TEXT = re.compile(
    r"=\s*(?:[A-Z][A-Z0-9.]+\(|\$?[A-Z]{1,3}\$?\d+\b|[^=!,;]{1,60}!\$?[A-Z]{1,3}\$?\d)", re.IGNORECASE
)
_FIRST = frozenset("#＃Ee= \t")
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_UNIT = re.compile("(百万元|千元|万元?|亿元?|元)")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell whose value is not known, which is not an empty one. ``shown`` is what it shows instead."""

    reason: str
    shown: str = ""

    def __str__(self) -> str:
        return self.shown


FORMULA = "formula_without_result"
ERROR = "error_value"
MERGED = "merged_across"


def unreadable(cell: Any) -> Unreadable | None:
    """The cell where it says nothing that could be read: also the texts that spreadsheets export for such cells."""
    if cell.__class__ is Unreadable:
        return cell
    if cell.__class__ is str and cell[:1] in _FIRST:
        text = cell.strip().replace("＃", "#")
        if _ERROR.fullmatch(text):
            return Unreadable(ERROR, cell)
        if _FORMULA_TEXT.match(text):
            return Unreadable(FORMULA, cell)
    return None


def unescaped(text: str) -> str:
    """A text of a workbook, with the characters that are written as ``_xHHHH_`` there (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def plain_cell(cell: Any) -> Any:
    """An empty cell is ""; whole numbers lose the ".0" that spreadsheets give them; truth values become words."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return int(cell)
    if isinstance(cell, int | float | str | datetime | date | Unreadable):
        return cell
    return cell.isoformat() if isinstance(cell, time) else str(cell)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What the format of a number adds to its meaning. ``digits``: zeros to which it is filled up."""

    date: bool = False
    percent: bool = False
    digits: int = 0
    unit: str = ""


@lru_cache(maxsize=4096)
def number_format(text: str) -> NumberFormat:
    """The meaning of a format code such as ``yyyy/m/d``, ``0.00%``, ``000000`` or ``0.00"万元"``.

    A format that only shows thousands or 万 (``0!.0,"万元"``) belongs to a number in 元.
    """
    first = text.split(";", 1)[0]
    literal = "".join(found[1] or found[2] or "" for found in _QUOTED.finditer(first))
    bare = _QUOTED.sub("", first)
    if "%" in bare:
        return NumberFormat(percent=True)
    if re.fullmatch("0{2,18}", bare) and not literal:
        return NumberFormat(digits=len(bare))
    if is_date_format(text):
        return NumberFormat(date=True)
    unit = _UNIT.search(literal) or _UNIT.search(bare)
    scaled = unit is not None and re.search("[0#?],+$", bare.replace(unit[1], "").rstrip()) is not None
    return NumberFormat(unit="元" if scaled else unit[1] if unit else "")


def number_cell(value: int | float, form: NumberFormat, since_1904: bool = False) -> Any:
    """A number as its format shows it: a date, ``51%``, ``000123``, ``3.5万元``; else the number itself."""
    if not math.isfinite(value):
        return Unreadable(ERROR, str(value))
    if form.date:
        epoch = CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900
        try:
            found = from_excel(value, epoch)
        except (ValueError, OverflowError, TypeError):
            return Unreadable(ERROR, "#####")  # as spreadsheets show it
        return str(found) if isinstance(found, timedelta) else plain_cell(found)
    if form.percent:
        return f"{_plain(Decimal(f'{value:.15g}') * 100)}%"
    value = plain_cell(value)
    if form.digits and isinstance(value, int) and value >= 0:
        return str(value).zfill(form.digits)
    if form.unit:
        return f"{_plain(Decimal(f'{value:.15g}'))}{form.unit}"
    return value


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Scalars. Values leave as the graph shaped them; what comes in is checked here, once, for literals and variables."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from schema.identifiers import normalise_code, uscc_fault
from schema.times import FIRST_DATE, OPEN_DATE

USCC = NewType("USCC", str)
Date = NewType("Date", str)
DateTime = NewType("DateTime", datetime)
Decimal = NewType("Decimal", str)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_uscc(value: Any) -> str:
    """A code in its normal form. Raises ValueError when a check digit does not fit (GB 32100, GB 11714)."""
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError("a unified social credit code is a string of 18 characters 统一社会信用代码为18位字符")
    code, _ = normalise_code(value)
    fault = uscc_fault(code)
    if fault:
        raise ValueError(f"not a unified social credit code ({fault}) 不是有效的统一社会信用代码")
    return code


def parse_date(value: Any) -> str:
    """A calendar day in Asia/Shanghai, as ISO text (the graph compares texts)."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if FIRST_DATE < value < OPEN_DATE:
                return value
    raise ValueError("not a date: write YYYY-MM-DD, such as 2026-11-01 日期格式为 YYYY-MM-DD")


def parse_instant(value: Any) -> datetime:
    """An instant with its offset from UTC (RFC 3339); one without an offset is refused, since it could mean two."""
    if isinstance(value, str) and 19 < len(value) <= 40:
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is not None and 1970 <= instant.year < 9999:
                return instant.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ValueError("not an instant: write it with its offset, such as 2026-11-01T08:00:00+08:00 时间须带时区")


def parse_decimal(value: Any) -> str:
    """A decimal number as text, so that no digit is lost."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,12})?", value):
        return value
    raise ValueError('not a decimal: write it as a string, such as "1234.50" 数值须为字符串')


def _as_given(value: Any) -> Any:
    return value


def scalar_map() -> dict[object, ScalarDefinition]:
    """The scalars of this API for strawberry's configuration."""
    return {
        USCC: strawberry.scalar(
            name="USCC",
            description="Unified social credit code, GB 32100: 18 characters; full width and lower case are taken. "
            "统一社会信用代码",
            serialize=_as_given,
            parse_value=parse_uscc,
        ),
        Date: strawberry.scalar(
            name="Date",
            description="A calendar day in Asia/Shanghai, YYYY-MM-DD. 日期（东八区）",
            serialize=_as_given,
            parse_value=parse_date,
        ),
        DateTime: strawberry.scalar(
            name="DateTime",
            description="An instant, RFC 3339 with its offset; answers are in UTC. 时间点",
            serialize=_as_given,
            parse_value=parse_instant,
        ),
        Decimal: strawberry.scalar(
            name="Decimal",
            description="A decimal number as a string, so that no digit is lost. 十进制数（字符串）",
            serialize=_as_given,
            parse_value=parse_decimal,
        ),
    }

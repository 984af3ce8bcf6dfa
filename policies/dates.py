"""Calendar arithmetic of terms on ISO dates: a month or year later is the same day, or the month's last day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from schema.times import OPEN_DATE


def later(day: str, *, months: int = 0, years: int = 0) -> str:
    """The day ``months`` and ``years`` after ``day``; an open date stays open."""
    if day == OPEN_DATE:
        return day
    start = date.fromisoformat(day)
    count = start.year * 12 + start.month - 1 + months + 12 * years
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)).isoformat()


def day_before(day: str) -> str:
    """The day before; an open date stays open, since "until further notice" has no last day."""
    return day if day == OPEN_DATE else (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    """The day after; an open date stays open."""
    return day if day == OPEN_DATE else (date.fromisoformat(day) + timedelta(days=1)).isoformat()

"""The two times of every fact and how they are written.

Valid time is a calendar date in Asia/Shanghai, kept as an ISO ``YYYY-MM-DD`` string (so that both engines compare and
index it alike). Recorded time is an instant, kept as integer microseconds since the Unix epoch, UTC.
An open end is a real value, never null: a null end would keep the engine from using its index.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN_DATE = "9999-12-31"
FIRST_DATE = "0001-01-01"
OPEN_INSTANT = 253402300799000000  # 9999-12-31T23:59:59Z in microseconds


def today() -> date:
    """Today's date in Asia/Shanghai."""
    return datetime.now(SHANGHAI).date()


def now_us() -> int:
    """This instant in microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def instant_to_us(value: datetime) -> int:
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    delta = value - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def us_to_iso(value: int) -> str:
    """RFC 3339 in UTC with microseconds."""
    seconds, micros = divmod(value, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros).isoformat().replace("+00:00", "Z")

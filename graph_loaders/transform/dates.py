"""Dates as they are written in files, read as ISO days and instants of Asia/Shanghai."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

from graph_loaders.transform.cache import Cache
from graph_loaders.transform.faults import Fault
from schema.blanks import is_nothing
from schema.documents import unguarded
from schema.times import OPEN_DATE, SHANGHAI, instant_to_us

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SINCE_1900 = date(1899, 12, 30)  # day 0 of a spreadsheet
SINCE_1904 = date(1904, 1, 1)  # the same where the workbook says so
_OPEN = frozenset(
    (
        *(
            "长期",
            "长期有效",
            "永久",
            "永久有效",
            "永续",
            "无期限",
            "无限期",
            "不限",
            "不限期",
            "无固定期限",
            "无固定期",
            "至今",
            "终身",
        ),
        *("终生", "长久", "至长期", "营业期限长期", "长期持有", "无终止日期"),
    )
)
_FAR = ("2099-12-31", "2999-12-31", OPEN_DATE)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣⁃"), "-")
_DAY = re.compile(r"(?:公元)?(\d{4})(?:\s*[-/.年]\s*|\s+)(\d{1,2})(?:\s*[-/.月]\s*|\s+)(\d{1,2})\s*[日号]?")
_WORDS = re.compile(
    "(?:公元)?([〇零○一二三四五六七八九]{4})年([〇零一二三四五六七八九十]{1,3})月([〇零一二三四五六七八九十]{1,4})[日号]?"
)
_WORD_DIGITS = {char: str(index % 10) for index, char in enumerate("〇一二三四五六七八九零")} | {"○": "0"}
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WEEKDAY = re.compile(r"^\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?\s*")
_CLOCK = re.compile(
    r"[T ]?\s*(上午|下午|凌晨|早上|中午|晚上)?\s*(\d{1,2})"
    r"(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?|[时点](?:(\d{1,2})分?(?:(\d{1,2})秒)?)?整?)"
    r"\s*(AM|PM|am|pm)?\s*(Z|UTC|GMT|CST|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?"
)
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:\d{2})")
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: index for index, name in enumerate(_MONTH_NAMES, 1)}
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_ENGLISH = (
    re.compile(
        rf"(?:[A-Z][a-z]{{2,8}},?\s+)?(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?P<rest>.*)"
    ),
    re.compile(
        rf"(?:[A-Z][a-z]{{2,8}},?\s+)?(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})\s+(?P<rest>\d{{1,2}}:.*?)\s+(?P<y>\d{{4}})"
    ),
    re.compile(rf"(?:[A-Z][a-z]{{2,8}},?\s+)?(?P<d>\d{{1,2}})[-\s/]+(?P<m>{_MONTH})[-,\s/]+(?P<y>\d{{4}})(?P<rest>.*)"),
    re.compile(rf"(?P<y>\d{{4}})[-\s/](?P<m>{_MONTH})[-\s/](?P<d>\d{{1,2}})(?P<rest>.*)"),
)
_ZERO = re.compile(r"0{4}([-/.]?)00\100(?:[ T][0:.]+)?")  # a database's empty day
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})-?([1-7])")
_COMPACT_CLOCKS = {10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_WRITTEN_SINCE = 1949  # year; older ones in ten digits are seconds of our time
_EARLIEST, _LATEST = date(1800, 1, 1), date(2200, 1, 1)


class Dates:
    """Reads the date cells of one file. Its own formats (``strptime``) are tried first.

    Known: ``2026-01-31``, ``2026/1/31``, ``2026.1.31``, ``2026年1月31日`` (or 号), ``二〇二六年一月三十一日``,
    ``20260131``, each also with a time of day (``09:30``, 9时30分; the last one in digits too: ``20260131093000``,
    ``202601310930``, ``2026013109``) and with dashes of any kind; ``Sat Jan 31 00:00:00 CST 2026`` (CST: China) and
    other writings with the month's English name; ISO weeks (``2026-W05-6``); date cells; day numbers of a spreadsheet
    (``since_1904``: those of the 1904 system); milliseconds or seconds since the Unix epoch. What could be two days
    (05/01/2026) is refused.
    """

    def __init__(self, formats: tuple[str, ...] = (), since_1904: bool = False) -> None:
        self._formats = formats
        self._day_zero = SINCE_1904 if since_1904 else SINCE_1900
        self._days: Cache[object, str] = Cache(self._day)

    def needed(self, column: str, raw: object) -> str:
        """An ISO day. Raises Fault ``unparsable_date`` when there is none."""
        try:
            day = self._days[raw]
        except (ValueError, OverflowError, TypeError):
            day = ""
        if not day:
            raise Fault(column, "unparsable_date", raw)
        return day

    def given(self, column: str, raw: object) -> str:
        """An ISO day, or "" for an empty cell."""
        if raw == "":
            return ""
        try:
            return self._days[raw]
        except (ValueError, OverflowError, TypeError):
            raise Fault(column, "unparsable_date", raw) from None

    def end(self, column: str, raw: object) -> str:
        """The last day of a term: open when empty, far away (2099-12-31) or said to be open."""
        if raw == "":
            return OPEN_DATE
        if isinstance(raw, str) and unguarded(raw).translate(_DASHES).strip("()（）。 ") in _OPEN:
            return OPEN_DATE
        day = self.given(column, raw)
        return OPEN_DATE if not day or day in _FAR else day

    def instant(self, column: str, raw: object) -> tuple[int, str]:
        """Microseconds since the epoch and the day in Asia/Shanghai. Raises Fault ``unparsable_date``."""
        try:
            moment = _moment(raw, self._formats, self._day_zero)
            if moment is None:
                raise ValueError
            local = moment.astimezone(SHANGHAI)
            return instant_to_us(moment), _bounded(local.date()).isoformat()
        except (ValueError, OverflowError, TypeError):
            raise Fault(column, "unparsable_date", raw) from None

    def _day(self, raw: object) -> str:
        moment = _moment(raw, self._formats, self._day_zero)
        if moment is None:
            return ""
        day = moment.astimezone(SHANGHAI).date()
        return OPEN_DATE if day.year == 9999 else _bounded(day).isoformat()


def _bounded(day: date) -> date:
    if not _EARLIEST <= day < _LATEST:
        raise ValueError("not a date of this register")
    return day


def _moment(raw: object, formats: tuple[str, ...], day_zero: date = SINCE_1900) -> datetime | None:
    """The instant that a cell says; a day is its midnight. None: empty. Raises ValueError."""
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=raw.tzinfo or SHANGHAI)
    if isinstance(raw, date):
        return _midnight(raw.year, raw.month, raw.day)
    if isinstance(raw, int | float):
        return _from_number(raw, day_zero)
    text = str(raw)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = unguarded(text.translate(_DASHES)).strip().rstrip("。.;,、 ")
    if is_nothing(text) or _ZERO.fullmatch(text):
        return None
    for form in formats:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    return _from_text(text, day_zero)


def _midnight(year: int, month: int, day: int) -> datetime:
    if year == 9999:
        return datetime(year, month, day, tzinfo=UTC)  # a sentinel: no zone arithmetic beyond the calendar
    return datetime(year, month, day, tzinfo=SHANGHAI)


def _from_text(text: str, day_zero: date) -> datetime:
    match = _DAY.match(text)
    if match is None:
        if text.isdigit() or re.fullmatch(r"-\d{9,14}|\d+\.\d+", text):
            return _from_digits(text, day_zero)
        found = _worded(text)
        if found is not None:
            return found
        match = _COMPACT.match(text)
        if match is None:
            raise ValueError("no date")
    midnight = _midnight(int(match[1]), int(match[2]), int(match[3]))
    return _at(midnight, text[match.end() :])


def _worded(text: str) -> datetime | None:
    """A day in Chinese numerals, with an English month, or as a day of an ISO week."""
    if words := _WORDS.match(text):
        year = int("".join(_WORD_DIGITS[char] for char in words[1]))
        return _at(_midnight(year, _small(words[2]), _small(words[3])), text[words.end() :])
    if week := _ISO_WEEK.fullmatch(text):
        day = date.fromisocalendar(int(week[1]), int(week[2]), int(week[3]))
        return _midnight(day.year, day.month, day.day)
    for form in _ENGLISH:
        if english := form.fullmatch(text):
            month = _MONTHS[english["m"][:3].upper()]
            rest = re.sub(r"\s*\([^)]*\)\s*$", "", english["rest"])
            return _at(_midnight(int(english["y"]), month, int(english["d"])), rest)
    return None


def _small(words: str) -> int:
    """A number up to 31 in Chinese numerals: 十, 十二, 二十, 三十一, 〇五, 一二."""
    if "十" not in words:
        return int("".join(_WORD_DIGITS[char] for char in words))
    tens, _, ones = words.partition("十")
    tens, ones = (part.lstrip("〇零○") for part in (tens, ones))
    return 10 * int(_WORD_DIGITS[tens] if tens else "1") + int(_WORD_DIGITS[ones] if ones else "0")


def _at(midnight: datetime, rest: str) -> datetime:
    """The day with the time of day that follows it, if any. Raises ValueError for anything else."""
    rest = _WEEKDAY.sub("", rest).strip().lstrip(",").strip()
    if not rest or _ZONE.fullmatch(rest):
        return midnight
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise ValueError("no time of day")
    part, raw_hour, minute, second, fraction, minute_word, second_word, half, zone = clock.groups()
    hour = int(raw_hour)
    if (half or "").upper() == "PM" or part in ("下午", "晚上"):
        hour += 12 if hour < 12 else 0
    elif (half or "").upper() == "AM" and hour == 12:
        hour = 0
    minutes, seconds = int(minute or minute_word or 0), int(second or second_word or 0)
    if hour == 24 and not minutes and not seconds:
        hour, minutes, seconds = 23, 59, 59  # the end of that day
    found = midnight.replace(
        hour=hour, minute=minutes, second=seconds, microsecond=int((fraction or "0")[:6].ljust(6, "0"))
    )
    if zone and zone != "CST":
        offset = zone.removeprefix("UTC").removeprefix("GMT") or "Z"
        found = found.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo)
    return found


def _from_digits(text: str, day_zero: date) -> datetime:
    if len(text) == 14 and text.isdigit():
        return _compact_clock(text)
    if len(text) == 8 and (match := _COMPACT.fullmatch(text)):
        return _midnight(int(match[1]), int(match[2]), int(match[3]))
    return _from_number(float(text) if "." in text else int(text), day_zero)


def _compact_clock(text: str) -> datetime:
    """Day and time of day in digits alone. Raises ValueError."""
    found = datetime.strptime(text, _COMPACT_CLOCKS[len(text)]).replace(tzinfo=SHANGHAI)
    _bounded(found.date())
    return found


def _from_number(number: int | float, day_zero: date) -> datetime:
    """A day written as 20260131, a spreadsheet's day number, or a time since the epoch.

    Milliseconds unless only the same number of seconds is a midnight in Shanghai. What is no midnight since the epoch
    but reads as day and hour (2026013109) or day and minute (202601310930) is that.
    """
    if number != number or abs(number) > 2.6e14:
        raise ValueError("no date")
    if 10_000 <= number < 80_000:
        days = int(number)
        day = day_zero + timedelta(days=days)
        seconds = round((number - days) * 86_400)
        return _midnight(day.year, day.month, day.day) + timedelta(seconds=seconds)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("no date")
    if 18_000_101 <= number <= 99_991_231:
        try:
            return _from_digits(str(int(number)), day_zero)
        except ValueError:
            pass
    digits = str(int(number)) if number > 0 else ""
    if len(digits) == 14:
        return _compact_clock(digits)
    moment = _EPOCH + timedelta(milliseconds=number)
    if len(digits) in _COMPACT_CLOCKS and not _is_midnight(moment):
        try:
            written = _compact_clock(digits)
        except ValueError:
            pass
        else:
            seconds = len(digits) == 10 and _is_midnight(_EPOCH + timedelta(seconds=number))
            if written.year >= _WRITTEN_SINCE and not seconds:
                return written
    if abs(number) < 1e11 and not _is_midnight(moment):
        seconds_since = _EPOCH + timedelta(seconds=number)
        if abs(number) < 1e9 and not _is_midnight(seconds_since):
            raise ValueError("no date")
        return seconds_since
    return moment


def _is_midnight(moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)

"""Working days against an independent library, and deadlines through years that are not published."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from policies import PackError, load_policies
from policies.calendar import Deadline

CALENDAR = load_policies("320400").calendar


@pytest.mark.parametrize("year", [one.year for one in CALENDAR.years])
def test_every_day_of_a_published_year_is_as_the_library_has_it(year: int):
    day, wrong = date(year, 1, 1), []
    while day.year == year:
        if CALENDAR.works(day) != chinese_calendar.is_workday(day):
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []


def test_a_deadline_passes_over_holidays_and_counts_worked_weekends():
    assert CALENDAR.after("2026-09-30", 1) == Deadline("2026-10-08", False)
    assert CALENDAR.after("2026-10-09", 1) == Deadline("2026-10-10", False)


def test_a_deadline_in_an_unpublished_year_is_provisional():
    assert CALENDAR.after("2026-12-30", 5).provisional
    assert not CALENDAR.after("2026-12-01", 5).provisional


@pytest.mark.parametrize(
    "text", ["off = [2027-01-01]\nwork = [2027-01-01]", "off = [2026-01-01]\nwork = []", 'off = ["2027-01-01"]']
)
def test_a_year_that_contradicts_itself_is_refused(tmp_path, text: str):
    pack = f'[pack]\ntitle = "t"\ntitle_zh = "测"\n\n[[year]]\nyear = 2027\nnotice = "n"\n{text}\n'
    (tmp_path / "calendar.toml").write_text(pack, encoding="utf-8")
    with pytest.raises(PackError):
        load_policies("320400", [tmp_path])

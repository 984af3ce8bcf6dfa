from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_loaders.transform.dates import Dates
from graph_loaders.transform.faults import Fault
from schema.times import OPEN_DATE, SHANGHAI


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "2026-01-31",
            "2026/1/31",
            "2026.01.31",
            "2026年1月31日",
            "20260131",
            "２０２６－０１－３１",
            " 2026-01-31\t",
        ),
        *(
            "2026-01-31 23:59:59",
            "2026-01-31T08:00:00+08:00",
            "2026-01-30T16:00:00Z",
            "20260131093000",
            "202601310930",
            "2026013109",
            "2026-1-31 9:05",
        ),
        *(datetime(2026, 1, 31), date(2026, 1, 31), 20260131, 202601310930, 20260131093000, 46053, 46053.5, "46053"),
        *(1769788800000, "1769788800000", 1769788800, "1769788800.0", 1769788800000.0),
    ],
)
def test_one_day_in_every_way_it_is_written(raw: object) -> None:
    assert Dates().needed("on", raw) == "2026-01-31"


@pytest.mark.parametrize(
    "raw",
    [
        "2025-02-30",
        "2025-13-05",
        "2024-00-17",
        "待定",
        "日期不详",
        "2026-01",
        "26-01-31",
        "2026-01-31 25:00",
        "0000-00-00",
        "",
        "-",
        float("nan"),
        "2026-01-31abc",
        "1234",
        3.5,
        True,
        "99999999",
        "20261331093000",
    ],
)
def test_what_is_no_day_is_a_fault(raw: object) -> None:
    with pytest.raises(Fault, match="unparsable_date"):
        Dates().needed("on", raw)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_milliseconds_of_midnight_in_shanghai_give_that_day_also_under_summer_time(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    seconds = (midnight - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    assert Dates().needed("on", int(seconds * 1000)) == day.isoformat()


@pytest.mark.parametrize("raw", ["", "2099-12-31", "2099/12/31", "长期", "9999-12-31", 4102329600000, "—"])
def test_a_term_without_end_is_open(raw: object) -> None:
    assert Dates().end("until", raw) == OPEN_DATE


def test_a_profile_adds_its_own_format() -> None:
    assert Dates(("%d.%m.%Y",)).needed("on", "31.01.2026") == "2026-01-31"


def test_a_time_is_kept_to_the_second() -> None:
    for raw in ("2026-04-22 08:11:36", 1776816696000):
        assert Dates().instant("at", raw) == (1776816696000000, "2026-04-22")


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "2026年5月1号",
            "2026年05月01日 10时30分",
            "二〇二六年五月一日",
            "2026–05–01",
            "2026—05—01",
            "46143.4375",
            "2026-05-01。",
        ),
        *(
            "Fri May 01 00:00:00 CST 2026",
            '="2026-05-01"',
            "'2026-05-01",
            "2026-W18-5",
            "May 1, 2026 12:00:00 AM",
            "2026/5/1 星期五",
        ),
        *(
            "2026年5月1日24时",
            "2026年5月1日下午3点",
            "Fri May 01 2026 00:00:00 GMT+0800 (中国标准时间)",
            "2026-05-01T10:30:00.000+0800",
        ),
    ],
)
def test_days_as_documents_programs_and_spreadsheets_write_them(raw: str) -> None:
    assert Dates().needed("on", raw) == "2026-05-01"


@pytest.mark.parametrize("raw", ["05/01/2026", "1/5/2026", "26-05-01", "2026年5月", "2026-05-01至2026-06-01", "待定"])
def test_what_could_be_two_days_or_none_is_refused(raw: str) -> None:
    with pytest.raises(Fault, match="unparsable_date"):
        Dates().needed("on", raw)

"""An agreement of an earlier day opens nothing that today's agreements do not open."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from hub.federated.joining import Joining
from hub.federated.recognised import judge_of_both

TODAY = "2026-11-01"
MEASURES = ({"id": "a"}, {"id": "b"})


def judge(fact: Mapping[str, Any], of: str, at: str, day: str) -> Mapping[str, Any]:
    """Recognised until its ``ends``; since ``narrow`` with the first measure only."""
    recognised = day < fact["ends"]
    measures = [] if not recognised else list(MEASURES[:1] if day >= fact["narrow"] else MEASURES)
    return {"recognised": recognised, "measures": measures, "reason": None if recognised else f"ended {day}"}


@pytest.mark.parametrize(
    ("ends", "narrow", "day", "recognised", "measures"),
    [
        ("9999", "9999", "2026-01-01", True, "ab"),
        ("2026-10-01", "9999", "2026-01-01", False, ""),
        ("9999", "2026-10-01", "2026-01-01", True, "a"),
        ("2026-12-01", "9999", "2027-01-01", False, ""),
        ("2026-10-01", "9999", TODAY, False, ""),
    ],
)
def test_a_fact_is_recognised_where_it_is_on_both_days(
    ends: str, narrow: str, day: str, recognised: bool, measures: str
) -> None:
    found = judge_of_both(judge, TODAY)({"ends": ends, "narrow": narrow}, "320400", "320500", day)
    assert (found["recognised"], "".join(one["id"] for one in found["measures"])) == (recognised, measures)
    assert (found["reason"] is None) is recognised


def _joining(past_is_open: bool) -> Joining:
    made = object.__new__(Joining)
    rule = SimpleNamespace(reported_on=("ENTERPRISE",))
    made._past_is_open = past_is_open
    made._hub = SimpleNamespace(as_of=TODAY, policies=SimpleNamespace(rules=lambda day: [rule]))  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(("past_is_open", "codes"), [(False, ["stays"]), (True, ["left", "stays"])])
def test_a_bar_of_an_earlier_day_is_reported_where_the_person_still_represents(
    past_is_open: bool, codes: list[str]
) -> None:
    roles = [
        {
            "kind": "LEGAL_REPRESENTATIVE",
            "validFrom": begin,
            "validTo": end,
            "subject": {"code": code, "kind": "ENTERPRISE"},
        }
        for code, begin, end in (("left", "2020-01-01", "2026-06-30"), ("stays", "2020-01-01", None))
    ]
    found = _joining(past_is_open).represented(roles, "2026-03-01")
    assert [subject["code"] for subject in found] == codes

"""An agreement of an earlier day opens nothing that today's agreements do not open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

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

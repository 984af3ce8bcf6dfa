"""Warnings before a deadline: once for each deadline, however many workers look for them, and after downtime too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from hub.acts.commitments.tables import WARNED, fold
from hub.acts.model import Act, Due, Event
from hub.acts.room import Standing
from schema.times import SHANGHAI, instant_to_us

WARNING = "commitment-due"


def warnings(case: str, deadlines: Sequence[tuple[str, str]], days: int) -> list[Due]:
    """``deadlines``: what is due and on which day. At the first instant of the day (Asia/Shanghai)."""
    found: list[Due] = []
    for what, day in dict.fromkeys(deadlines):
        on = date.fromisoformat(day) - timedelta(days=days)
        at = instant_to_us(datetime.combine(on, time(), SHANGHAI))
        found.append(Due(f"{WARNING}/{case}/{len(found)}/{day}", WARNING, case, at, {"what": what, "due": day}))
    return found


async def warn(standing: Standing, work: Mapping[str, Any]) -> Sequence[Act]:
    """Nothing for what was kept meanwhile."""
    case = fold(await standing.journal.case(str(work["thing"])))
    if case is None or case.kept_on is not None:
        return []
    first, about = case.first, work["about"]
    event = Event(WARNING, first.client, {"commitment": first.case})
    body = {"due": about["due"], "what": about["what"], "day": about["due"]}
    return [Act(WARNED, first.case, case.last.step + 1, body, first.subject, topic=first.topic, events=[event])]

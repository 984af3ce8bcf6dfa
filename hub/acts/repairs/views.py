"""The root fields of repairs, as full values."""

from __future__ import annotations

from typing import Any

from hub.acts.case_pages import cases_page
from hub.acts.deciding import steps
from hub.acts.model import Written
from hub.acts.records import RecordRef, record_of
from hub.acts.repairs.perform import may_be
from hub.acts.repairs.tables import DECIDED, MADE, PROPOSED, Case, fold
from hub.acts.room import Given, Standing
from hub.acts.rows import SubjectRef
from schema.ports import Asking

STATES = {MADE: "RECEIVED", PROPOSED: "PROPOSED"}


async def performed(standing: Standing, result: Given, asking: Asking) -> Any:
    """The application as it was after the act, so that a repeated request reads the same."""
    case = fold(await standing.journal.case(result["case"]), result["step"])
    assert case is not None
    return full(case, asking)


async def may_repair(standing: Standing, given: Given, asking: Asking) -> Any:
    day = given.get("asOf") or asking.as_of
    found = may_be(standing, await record_of(standing, str(given["record"]), day, asking), day)
    return {"allowed": found.allowed, "reasons": [reason.shown() for reason in found.reasons]}


async def repairs(standing: Standing, given: Given, asking: Asking) -> Any:
    def shown(acts: list[Written]) -> dict[str, Any] | None:
        case = fold(acts)
        return full(case, asking) if case else None

    return await cases_page(standing, "repairs", MADE, DECIDED, given, asking, shown)


def full(case: Case, asking: Asking) -> dict[str, Any]:
    body, done = case.first.body, case.last if case.last.kind == DECIDED else None
    return {
        "id": case.first.case,
        "record": RecordRef(case.record["id"]),
        "documentNumber": case.record["document"] or None,
        "authority": case.record["authority"],
        "subject": SubjectRef(case.record["code"]),
        "commitment": body["commitment"],
        "evidence": body["evidence"],
        "rule": body["rule"],
        "article": body["ruleArticle"],
        "state": case.state,
        "madeOn": body["day"],
        "dueOn": body["due"],
        "departmentDueOn": body["departmentDue"],
        "overdue": case.open() and body["due"] < asking.as_of,
        "provisional": body["provisional"],
        "decidedOn": done.body["day"] if done else None,
        "repairedFrom": done.body["on"] if done else None,
        "reason": done.body["reason"] if done else None,
        "steps": steps(case.acts, STATES, asking),
        "receipt": case.last.receipt,
    }

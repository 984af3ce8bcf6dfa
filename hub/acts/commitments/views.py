"""The root fields of commitments, as full values."""

from __future__ import annotations

from typing import Any

from hub.acts.commitments.perform import may_be
from hub.acts.commitments.tables import WARNED, Case, fold
from hub.acts.inputs import needed_text, usable_code
from hub.acts.room import Given, Standing
from hub.acts.rows import SubjectRef
from schema.ports import Asking


async def performed(standing: Standing, result: Given, asking: Asking) -> Any:
    """The commitment as it was after the act, so that a repeated request reads the same."""
    case = fold(await standing.journal.case(result["case"]), result["step"])
    assert case is not None
    return full(case, asking)


async def may_commit(standing: Standing, given: Given, asking: Asking) -> Any:
    code, kind = usable_code(given["subject"]), needed_text("kind", given["kind"], 100)
    allowed, reasons, _ = await may_be(standing, code, kind, given.get("asOf") or asking.as_of, asking)
    return {"allowed": allowed, "reasons": [reason.shown() for reason in reasons]}


def full(case: Case, asking: Asking) -> dict[str, Any]:
    body = case.first.body
    return {
        "number": case.first.case,
        "kind": body["kind"],
        "matter": body["matter"],
        "items": body["items"],
        "subject": SubjectRef(case.first.subject) if case.first.subject else None,
        "madeOn": body["day"],
        "dueOn": body["due"],
        "keptOn": case.kept_on,
        "state": case.state(asking.as_of),
        "documentsDue": body["documents"],
        "waived": {"value": body["waived"], "unit": "CNY"} if body["waived"] else None,
        "warned": any(act.kind == WARNED for act in case.acts),
        "receipt": case.last.receipt,
    }

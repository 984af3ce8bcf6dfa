"""Cases that somebody makes and somebody else decides: who may, whose word is enough, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.acts.journal import canonical
from hub.acts.model import Written
from hub.acts.room import Standing
from hub.signing import content_digest
from policies.procedures import ProcedureKind
from schema import scopes as s
from schema import times
from schema.errors import Conflict, NotPossible
from schema.ports import Asking


def identity(actor: str, client: str) -> str:
    """Who acted: the person where one is known, else the client."""
    return actor or client


def digest(act: Written) -> str:
    """What an approval names of the proposal that it approves."""
    return content_digest(canonical({"id": act.id, "body": act.body}))


def terms(standing: Standing, kind: ProcedureKind, day: str) -> dict[str, Any]:
    """What a case keeps of its procedure: ``due departmentDue provisional fourEyes procedure article``.

    Raises NotPossible where no pack says how such cases are decided.
    """
    procedure = standing.hub.policies.procedures.on(kind, day)
    if procedure is None:
        raise NotPossible(
            f"no procedure for this is in force on {day}",
            hint="a policy pack has to give one ([[procedure]]) 请补充办理程序的策略",
            message_zh="无办理程序",
        )
    calendar = standing.hub.policies.calendar
    due, first = calendar.after(day, procedure.days), calendar.after(day, procedure.department_days)
    return {
        "due": due.day,
        "departmentDue": first.day,
        "provisional": due.provisional or first.provisional,
        "fourEyes": procedure.four_eyes,
        "procedure": procedure.id,
        "article": procedure.article,
    }


def decision(
    acts: Sequence[Written], decided: str, proposed: str, outcome: Mapping[str, Any], asking: Asking
) -> tuple[str, dict[str, Any]]:
    """The kind of the act that a decider's word is, and what it adds to the body.

    ``acts``: the case; ``decided`` and ``proposed``: kinds of acts; ``outcome``: what must agree between proposal and
    approval. Raises Conflict for a case that is decided or proposed otherwise, NotPossible for one's own case.
    """
    first, last = acts[0], acts[-1]
    who = identity("", asking.caller.client_id)
    if last.kind == decided:
        raise Conflict(
            f"the case is decided: {last.body['outcome']} on {last.body['day']}",
            hint="a decided case stays as it is 案件已办结",
            message_zh="案件已办结",
        )
    if not who or who == identity(first.actor, first.client):
        raise NotPossible(
            "who made the case does not decide it",
            hint="let somebody else decide 请由他人裁决",
            message_zh="不得裁决自己提出的案件",
        )
    if not first.body["fourEyes"]:
        return decided, {}
    if last.kind != proposed:
        return proposed, {}
    if who == identity(last.actor, last.client):
        raise NotPossible(
            "who proposed does not approve",
            hint="two people decide: let a second one approve 请由另一人复核",
            message_zh="提出人与复核人不得相同",
        )
    if any(last.body[name] != value for name, value in outcome.items()):
        raise Conflict(
            f"{last.body['outcome']} is proposed",
            hint="approve it as it is proposed 请按提出的结果复核",
            message_zh="与提出的结果不符",
        )
    return decided, {"approves": digest(last)}


def steps(acts: Sequence[Written], states: Mapping[str, str], asking: Asking) -> list[dict[str, Any]]:
    """Every step of a case; to the subject, deciders are only that. ``states``: of kinds whose body has no outcome."""
    known = asking.caller.has(s.DECIDE, s.OPERATE)
    found = []
    for act in acts:
        own = act.client == asking.caller.client_id
        by = identity(act.actor, act.client) if known or own else ("applicant" if act.step == 0 else "decider")
        found.append(
            {
                "state": states.get(act.kind) or act.body["outcome"],
                "at": times.us_to_iso(act.at_us),
                "by": by,
                "reason": act.body.get("reason"),
                "receipt": act.receipt,
            }
        )
    return found

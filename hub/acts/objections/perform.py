"""``objectTo`` and ``decideObjection``: from facts to acts and to what the graph is told of them."""

from __future__ import annotations

from functools import partial

from hub.acts.deciding import decision, terms
from hub.acts.inputs import needed_text, texts
from hub.acts.model import Act, Claim, Performed, new_id
from hub.acts.objections.tables import DECIDED, MADE, PROPOSED, Case, begin, end, fold
from hub.acts.records import alone_under_its_number, ending, record_of
from hub.acts.room import Given, Standing
from schema.errors import NotFound
from schema.ports import Asking

TAKEN_UP, CLOSED = "异议受理", "异议办结"
ENDS = {"CORRECTED": "异议更正", "REVOKED": "撤销"}


async def object_to(standing: Standing, given: Given, asking: Asking) -> Performed:
    """A record of the caller's own subject, as it stands today."""
    ground, evidence = needed_text("ground", given["ground"]), texts("evidence", given.get("evidence"))
    day, case = asking.as_of, new_id()
    record = await record_of(standing, str(given["record"]), day, asking)
    await alone_under_its_number(standing, record, day, asking)
    body = {"day": day, "record": record, "ground": ground, "evidence": evidence}
    body |= terms(standing, "objection", day)
    flag = Claim("repairs", ending(record, TAKEN_UP, day, _sign(case)))
    write = partial(begin, record["id"], case)
    act = Act(MADE, case, 0, body, record["code"], topic=record["document"][:64], claims=[flag], write=write)
    return Performed([act], {"case": case, "step": 0})


async def decide_objection(standing: Standing, given: Given, asking: Asking) -> Performed:
    """A proposal where the procedure wants two deciders and none has spoken yet, else the decision."""
    reason = needed_text("reason", given["reason"])
    case, outcome, day = await known_case(standing, str(given["objection"])), given["outcome"], asking.as_of
    kind, further = decision(case.acts, DECIDED, PROPOSED, {"outcome": outcome}, asking)
    body = {"outcome": outcome, "reason": reason, "day": day, **further}
    claims: list[Claim] = []
    write = None
    if kind == DECIDED:
        record = case.record
        claims.append(Claim("repairs", ending(record, CLOSED, day, _sign(case.first.case))))
        if outcome in ENDS:
            await alone_under_its_number(standing, record, day, asking)
            claims.append(Claim("repairs", ending(record, ENDS[outcome], day, record["authority"] or "")))
        write = partial(end, record["id"])
    step, first = case.last.step + 1, case.first
    act = Act(kind, first.case, step, body, first.subject, topic=first.topic, claims=claims, write=write)
    return Performed([act], {"case": first.case, "step": step})


async def known_case(standing: Standing, named: str) -> Case:
    case = fold(await standing.journal.case(named))
    if case is None:
        raise NotFound("there is no such objection", hint="give Objection.id 请检查异议标识", message_zh="异议不存在")
    return case


def _sign(case: str) -> str:
    """Who takes an objection up and closes it, in the graph's words: this case and no other."""
    return f"异议{case}"

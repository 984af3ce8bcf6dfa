"""``applyForRepair`` and ``decideRepair``: from facts to acts and to what the graph is told of them."""

from __future__ import annotations

from functools import partial

from hub.acts.deciding import decision, terms
from hub.acts.inputs import needed_text, plain_text, texts
from hub.acts.model import Act, Claim, Performed, new_id
from hub.acts.records import alone_under_its_number, ending, record_of
from hub.acts.repairs.tables import DECIDED, MADE, PROPOSED, Case, begin, end, fold
from hub.acts.room import Given, Standing
from policies.repair import RepairDecision, RepairFacts, RepairRule
from schema.errors import NotFound, NotPossible, UsageError
from schema.ports import Asking

REPAIRED = "信用修复"


def may_be(standing: Standing, record: Given, day: str) -> RepairDecision:
    """``record`` as ``records.record_of`` gives it."""
    facts = RepairFacts(
        record["kind"],
        record["decidedOn"],
        record["tier"] or "",
        record["listType"] or "",
        record["authority"] or "",
        record["state"],
    )
    return standing.hub.policies.repairs.may(facts, day)


async def apply_for_repair(standing: Standing, given: Given, asking: Asking) -> Performed:
    """A record of the caller's own subject, as it stands today."""
    commitment = plain_text("commitment", given.get("commitment"))
    evidence, day, case = texts("evidence", given.get("evidence")), asking.as_of, new_id()
    record = await record_of(standing, str(given["record"]), day, asking)
    rule = _allowed(may_be(standing, record, day))
    for wanted, there, name in ((rule.commitment, commitment, "commitment"), (rule.duties, evidence, "evidence")):
        if wanted and not there:
            raise UsageError(
                f"{rule.id} asks for {name}",
                hint="commit in public, and name what shows that duties are fulfilled 请填写公开承诺和履行证据",
                message_zh="缺少修复申请材料",
            )
    await alone_under_its_number(standing, record, day, asking)
    body = {"day": day, "record": record, "commitment": commitment or None, "evidence": evidence}
    body |= {"rule": rule.id, "ruleArticle": rule.article, **terms(standing, "repair", day)}
    write = partial(begin, record["id"], case)
    act = Act(MADE, case, 0, body, record["code"], topic=record["document"][:64], write=write)
    return Performed([act], {"case": case, "step": 0})


async def decide_repair(standing: Standing, given: Given, asking: Asking) -> Performed:
    """A proposal where the procedure wants two deciders and none has spoken yet, else the decision. A granted repair is
    judged again, on the record as it is now."""
    reason, outcome, day = needed_text("reason", given["reason"]), given["outcome"], asking.as_of
    case = await known_case(standing, str(given["repair"]))
    granted = outcome == "GRANTED"
    on = str(given.get("on") or day) if granted else None
    kind, further = decision(case.acts, DECIDED, PROPOSED, {"outcome": outcome}, asking)
    if granted and kind == DECIDED and case.last.kind == PROPOSED:
        on = given.get("on") or case.last.body["on"]
    body = {"outcome": outcome, "reason": reason, "day": day, "on": on, **further}
    claims: list[Claim] = []
    if on is not None:
        if not case.first.body["day"] <= on <= day:
            raise UsageError(
                f"on lies between the application ({case.first.body['day']}) and today, not on {on}",
                hint="leave it out for today 请填写申请日至今日之间的日期",
                message_zh="修复日期超出范围",
            )
        record = await record_of(standing, case.record["id"], day, asking)
        _allowed(may_be(standing, record, on))
        await alone_under_its_number(standing, record, day, asking)
        if kind == DECIDED:
            claims.append(Claim("repairs", ending(record, REPAIRED, on, record["authority"] or "")))
    write = partial(end, case.record["id"]) if kind == DECIDED else None
    step, first = case.last.step + 1, case.first
    act = Act(kind, first.case, step, body, first.subject, topic=first.topic, claims=claims, write=write)
    return Performed([act], {"case": first.case, "step": step})


async def known_case(standing: Standing, named: str) -> Case:
    case = fold(await standing.journal.case(named))
    if case is None:
        raise NotFound(
            "there is no such application", hint="give Repair.id 请检查修复申请标识", message_zh="修复申请不存在"
        )
    return case


def _allowed(found: RepairDecision) -> RepairRule:
    if not found.allowed or found.rule is None:
        raise NotPossible(
            "the record may not be repaired: " + "; ".join(reason.because for reason in found.reasons),
            reasons=[reason.shown() for reason in found.reasons],
            hint="mayRepair says from when 请用 mayRepair 查询可修复的日期",
            message_zh="暂不符合修复条件",
        )
    return found.rule

"""``makeCommitment``, ``fulfilCommitment``, ``reportBreach``: from facts to acts and to what the graph is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.acts.commitments.notices import warnings
from hub.acts.commitments.tables import BREACH, KEPT, MADE, Case, fold
from hub.acts.inputs import needed_text, texts, usable_code
from hub.acts.model import Act, Claim, Performed, new_id
from hub.acts.room import Given, Standing
from policies.commitments import Made
from policies.repair import RepairReason
from schema import scopes as s
from schema.errors import Conflict, LimitExceeded, NotFound, NotPossible, UsageError
from schema.ports import Asking

SCOPES = frozenset((s.OPERATE,))
HELD = """query Held($code: USCC!, $asOf: Date) { subject(code: $code, asOf: $asOf) {
 name commitments { number state keptOn } } }"""
MOST = 20
RICHEST = Decimal(10) ** 15  # CNY


async def may_be(
    standing: Standing, code: str, kind: str, day: str, asking: Asking
) -> tuple[bool, tuple[RepairReason, ...], str]:
    """Whether a subject may commit, the reasons, and its name. Raises NotFound for one that nothing is held of."""
    subject = (await standing.ask(HELD, SCOPES, {"code": code, "asOf": day}, asking))["subject"]
    if subject is None:
        raise NotFound("nothing is held of this subject", hint="check its code 请检查代码", message_zh="主体不存在")
    made = [Made(one["number"], one["state"], one["keptOn"] is not None) for one in subject["commitments"] or ()]
    allowed, reasons = standing.hub.policies.commitments.may(kind, made, day)
    return allowed, reasons, subject["name"] or ""


async def make_commitment(standing: Standing, given: Given, asking: Asking) -> Performed:
    code, kind = usable_code(given["subject"]), needed_text("kind", given["kind"], 100)
    matter, items = needed_text("matter", given["matter"], 200), texts("items", given.get("items"))
    day, due, case = asking.as_of, str(given["dueOn"]), new_id()
    documents = _documents(given.get("documentsDue"))
    for last in (due, *(one["dueOn"] for one in documents)):
        if last < day:
            raise UsageError(
                f"{last} has passed", hint="a deadline is today or later 期限不得早于今日", message_zh="期限已过"
            )
    waived = given.get("waived")
    if waived is not None and not 0 < Decimal(str(waived)) <= RICHEST:
        raise UsageError(
            "waived is an amount above 0 in CNY",
            hint="leave it out where there is none 请核对",
            message_zh="金额有误",
        )
    allowed, reasons, name = await may_be(standing, code, kind, day, asking)
    rule = standing.hub.policies.commitments.rule(kind, day)
    if not allowed or rule is None:
        raise NotPossible(
            "the subject may not commit: " + "; ".join(reason.because for reason in reasons),
            reasons=[reason.shown() for reason in reasons],
            hint="make good what was broken first 请先履行原承诺",
            message_zh="存在未履行的承诺，暂不接受新承诺",
        )
    body: dict[str, Any] = {
        "day": day,
        "kind": kind,
        "matter": matter,
        "items": items,
        "due": due,
        "documents": documents,
    }
    body |= {"name": name, "waived": None if waived is None else str(waived), "rule": rule.id}
    deadlines = [(kind, due), *((one["name"], one["dueOn"]) for one in documents)]
    later = warnings(case, deadlines, rule.warn_days)
    claim = Claim("commitments", _row(case, code, body))
    act = Act(MADE, case, 0, body, code, topic=kind[:64], claims=[claim], due=later)
    return Performed([act], {"case": case, "step": 0})


async def fulfil_commitment(standing: Standing, given: Given, asking: Asking) -> Performed:
    """Also after the deadline and after a false one: then it is made good, and what it restricted is lifted."""
    case, on, day = await taken(standing, given, asking), str(given["on"]), asking.as_of
    evidence = texts("evidence", given.get("evidence"))
    if case.kept_on is not None:
        raise Conflict(
            f"the commitment was kept on {case.kept_on}", hint="nothing is left to do 已履行", message_zh="承诺已履行"
        )
    if not case.first.body["day"] <= on <= day:
        raise UsageError(
            f"on lies between the commitment ({case.first.body['day']}) and today, not on {on}",
            hint="give the day on which it was kept 请填写履行日期",
            message_zh="履行日期超出范围",
        )
    more = {"kept_on": on, **({"status": "虚假承诺"} if case.false else {})}
    return _next(case, KEPT, {"on": on, "evidence": evidence, "day": day}, more)


async def report_breach(standing: Standing, given: Given, asking: Asking) -> Performed:
    """LATE only after its day: until then it is not broken. FALSE at any time, once."""
    case, day, how = await taken(standing, given, asking), asking.as_of, given["how"]
    found, due = needed_text("found", given["found"]), case.first.body["due"]
    if case.false or (how == "LATE" and case.kept_on is not None):
        raise Conflict(
            f"the commitment is {case.state(day)}",
            hint="nothing is left to report 已定",
            message_zh="承诺状态已定",
        )
    if how == "LATE" and due >= day:
        reason = RepairReason("commitment-due", "", f"it is due on {due}")
        raise NotPossible(
            f"the commitment is due on {due}: it is not late yet",
            reasons=[reason.shown()],
            hint="report it after that day 请在期限届满后报告",
            message_zh="承诺期限未到",
        )
    more = {"status": "虚假承诺"} if how == "FALSE" else {"status": "逾期未履行"}
    if case.kept_on is not None:
        more["kept_on"] = case.kept_on
    return _next(case, BREACH, {"how": how, "found": found, "day": day}, more)


async def taken(standing: Standing, given: Given, asking: Asking) -> Case:
    """A commitment that this department took, or, for deciders, any. Raises NotFound, the same for another's."""
    case = fold(await standing.journal.case(str(given["commitment"])))
    own = case is not None and case.first.client == asking.caller.client_id
    deciding = s.DECIDE in asking.caller.scopes and asking.caller.purpose in s.PURPOSES_OF_SCOPE[s.DECIDE]
    if case is None or not (own or deciding):
        raise NotFound(
            "there is no such commitment of this client",
            hint="give the number that makeCommitment answered 请检查承诺编号",
            message_zh="承诺不存在",
        )
    return case


def _next(case: Case, kind: str, body: dict[str, Any], more: dict[str, str]) -> Performed:
    first, step = case.first, case.last.step + 1
    claim = Claim("commitments", {**_row(first.case, first.subject or "", first.body), **more})
    act = Act(kind, first.case, step, body, first.subject, topic=first.topic, claims=[claim])
    return Performed([act], {"case": first.case, "step": step})


def _row(number: str, code: str, body: Given) -> dict[str, str]:
    row = {"number": number, "commitment_kind": body["kind"], "code": code, "name": body["name"]}
    return {**row, "matter": body["matter"], "made_on": body["day"], "due_on": body["due"]}


def _documents(given: Any) -> list[dict[str, str]]:
    if len(given or ()) > MOST:
        raise LimitExceeded(
            f"documentsDue takes at most {MOST}", hint="put them together 请合并", message_zh="条目过多"
        )
    return [{"name": needed_text("name", one["name"], 200), "dueOn": str(one["dueOn"])} for one in given or ()]

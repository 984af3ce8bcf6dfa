"""``gateCheck``, ``gateCheckBatch``, ``reportFeedback``: from facts to decisions to acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.acts.gate import facts
from hub.acts.gate.tables import CHECK, FEEDBACK, Case, fold
from hub.acts.inputs import one_of_subject_and_person, own_person, plain_text, usable_code
from hub.acts.model import Act, Performed, new_id
from hub.acts.room import Given, Standing
from policies.gate_lists import Incentive, Matter
from schema.errors import Conflict, NotFound, NotPossible, UsageError
from schema.gate import GateFact, GateFinding
from schema.identifiers import normalise_code, uscc_fault
from schema.ports import Asking

MOST = 1000


async def gate_check(standing: Standing, given: Given, asking: Asking) -> Performed:
    """One subject or person. A later stage of a case goes on with that case."""
    one_of_subject_and_person(given)
    day, hub = asking.as_of, standing.hub
    matter, stage = _matter(standing, given, day)
    if given.get("subject"):
        code, person = usable_code(given["subject"]), None
        found = await facts.of_subjects(standing, [code], matter, day, asking)
    else:
        code, person = None, own_person(hub.persons, given["person"], asking)
        found = await facts.of_person(standing, person, day, asking)
    case, step = new_id(), 0
    if given.get("case"):
        earlier = await own_case(standing, given["case"], asking)
        _continues(earlier, matter, stage, code, person)
        case, step = earlier.first.case, earlier.last.step + 1
    key = code or person or ""
    act = _check(standing, matter, stage, day, case, step, found.facts[key], found, code, person)
    return Performed([act], {"case": case, "step": step})


async def gate_check_batch(standing: Standing, given: Given, asking: Asking) -> Performed:
    """Many subjects, each its own case, in one transaction; a wrong code is an error of its own row."""
    day, asked = asking.as_of, list(given["subjects"])
    if not 0 < len(asked) <= MOST:
        raise UsageError(
            f"subjects takes 1 to {MOST} codes, not {len(asked)}",
            hint="larger ones: credit-hub gate check FILE 更多请用批量命令",
            message_zh="数量超出范围",
        )
    matter, stage = _matter(standing, given, day)
    codes = {one: normalise_code(one)[0] for one in asked}
    good = list(dict.fromkeys(code for code in codes.values() if not uscc_fault(code)))
    found = await facts.of_subjects(standing, good, matter, day, asking) if good else None
    cases: dict[str, Act] = {}
    for code in good:
        assert found is not None
        cases[code] = _check(standing, matter, stage, day, new_id(), 0, found.facts[code], found, code, None)
    rows = [{"code": one, "case": cases[code].case if code in cases else None} for one, code in codes.items()]
    order = {row["code"]: row for row in rows}
    return Performed(list(cases.values()), {"rows": [order[one] for one in asked]})


async def report_feedback(standing: Standing, given: Given, asking: Asking) -> Performed:
    """What was done about a measure; the latest word counts, earlier ones stay in the journal."""
    case = await own_case(standing, given["case"], asking)
    measure, outcome = str(given["measure"]), given["outcome"]
    measures = case.measures()
    if measure not in measures:
        raise NotPossible(
            f"the case has no finding with the measure {measure[:80]!r}",
            hint="one of: " + (" ".join(measures) or "none, nothing was found"),
            message_zh="该案件无此措施",
        )
    reason = plain_text("reason", given.get("reason"))
    if not reason and (outcome != "DONE" or measures[measure] == "CONSIDER"):
        raise UsageError(
            "a reason is needed where the department decides, and where nothing was done",
            hint="give reason 请填写理由",
            message_zh="缺少理由",
        )
    step = case.last.step + 1
    body = {"measure": measure, "outcome": outcome, "reason": reason or None}
    act = Act(FEEDBACK, case.first.case, step, body, case.first.subject, case.first.person, case.matter)
    return Performed([act], {"case": case.first.case, "step": step})


async def own_case(standing: Standing, named: str, asking: Asking) -> Case:
    """A gate case of the client. Raises NotFound, the same for one that is another's."""
    case = fold(await standing.journal.case(str(named)))
    if case is None or case.first.client != asking.caller.client_id:
        raise NotFound(
            "there is no such gate case of this client",
            hint="give the id that gateCheck answered 请检查案件标识",
            message_zh="案件不存在",
        )
    return case


def _matter(standing: Standing, given: Given, day: str) -> tuple[Matter, str]:
    book = standing.hub.policies.gate
    named = str(given["matter"])
    matter = book.matter(named, day)
    if matter is None:
        known = sorted({one.id for one in book.matters if one.valid_from <= day <= one.valid_to})
        raise UsageError(
            f"no matter {named[:80]!r} is in force on {day}",
            hint="one of: " + " ".join(known),
            message_zh="事项不存在或已失效",
        )
    stage = given.get("stage") or ""
    if stage and stage not in matter.stages:
        raise UsageError(
            f"{named} has no stage {stage[:80]!r}",
            hint="one of: " + (" ".join(matter.stages) or "none, leave it out"),
            message_zh="环节不存在",
        )
    return matter, stage


def _continues(case: Case, matter: Matter, stage: str, code: str | None, person: str | None) -> None:
    if case.matter != matter.id or (case.first.subject, case.first.person) != (code, person):
        raise Conflict(
            "the case is about another matter, subject or person",
            hint="leave case out for a new one 请去掉案件标识以新建",
            message_zh="案件与本次核查不符",
        )
    last = str(case.checks[-1].body["stage"])
    if stage and last and matter.stages.index(stage) < matter.stages.index(last):
        raise Conflict(
            f"the case is at {last} already",
            hint="check this stage or a later one 请核查当前或其后的环节",
            message_zh="案件已到后续环节",
        )


def _check(
    standing: Standing,
    matter: Matter,
    stage: str,
    day: str,
    case: str,
    step: int,
    known: tuple[GateFact, ...],
    found: facts.Found,
    code: str | None,
    person: str | None,
) -> Act:
    body = checked_body(standing, matter, stage, day, known, found)
    return Act(CHECK, case, step, body, code, person, topic=matter.id)


def checked_body(
    standing: Standing, matter: Matter, stage: str, day: str, known: tuple[GateFact, ...], found: facts.Found
) -> dict[str, Any]:
    """What a check finds, as the journal keeps it."""
    policies = standing.hub.policies
    decision, findings = policies.gate.decide(known, matter, day, stage)
    due = policies.calendar.after(day, matter.feedback_days) if findings else None
    return {
        "matter": matter.id,
        "stage": stage,
        "day": day,
        "decision": decision,
        "findings": [_kept(standing, finding, found, day) for finding in findings],
        "stale": list(found.stale),
        "due": due.day if due else None,
        "provisional": due.provisional if due else False,
    }


def _kept(standing: Standing, finding: GateFinding, found: facts.Found, day: str) -> Mapping[str, Any]:
    """A finding as the journal keeps it: with the measure as it was that day."""
    measure = standing.hub.policies.gate.measure(finding.measure, day)
    assert measure is not None
    fact = finding.fact
    kind, _, key = fact.source.partition(":")
    document = found.documents.get(fact.source) or key.rpartition("|")[2]
    return {
        "kind": finding.kind,
        "rule": finding.rule,
        "article": finding.article,
        "measure": {
            "id": measure.id,
            "title": f"{measure.title} {measure.title_zh}",
            "class": "REWARD" if isinstance(measure, Incentive) else measure.group,
            "basis": measure.basis,
        },
        "source": {"kind": kind, "key": key, "document": document},
        "until": fact.until or None,
        "region": fact.region or standing.hub.settings.region,
        "agreement": fact.agreement or None,
    }

"""The root fields of gate checks, as full values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select

from hub.acts.gate.perform import own_case
from hub.acts.gate.sources import SourceRef
from hub.acts.gate.tables import CHECK, Case, changed, fold
from hub.acts.inputs import usable_code
from hub.acts.model import Written
from hub.acts.room import Given, Standing
from hub.acts.rows import PersonRef, SubjectRef, page
from hub.acts.tables import acts
from policies.gate_lists import Incentive, Matter
from policies.measures import Measure
from schema import scopes as s
from schema import times
from schema.identifiers import uscc_fault
from schema.ports import Asking
from schema.times import OPEN_DATE


async def performed(standing: Standing, result: Given, asking: Asking) -> Any:
    """The case as it was after the act, so that a repeated request reads the same."""
    case = fold(await standing.journal.case(result["case"]), result["step"])
    assert case is not None
    return full(standing, case, asking)


async def batch(standing: Standing, result: Given, asking: Asking) -> Any:
    named = [row["case"] for row in result["rows"] if row["case"]]
    cases = await standing.journal.cases(list(dict.fromkeys(named)))
    rows = []
    for row in result["rows"]:
        case = fold(cases[row["case"]], 0) if row["case"] else None
        fault = uscc_fault(row["code"]) if case is None else None
        error = {"code": "BAD_USER_INPUT", "hint": f"not a code ({fault}); check its 18 characters 请检查代码"}
        rows.append(
            {
                "code": row["code"],
                "case": full(standing, case, asking) if case else None,
                "error": None if case else error,
            }
        )
    return rows


async def gate_case(standing: Standing, given: Given, asking: Asking) -> Any:
    return full(standing, await own_case(standing, given["id"], asking), asking)


async def gate_cases(standing: Standing, given: Given, asking: Asking) -> Any:
    """Newest first, by the first act of each case."""
    client, first = asking.caller.client_id, given.get("first") or 20
    filter_ = {name: value for name, value in (given.get("filter") or {}).items() if value is not None}
    bound = hashlib.sha256(orjson.dumps([client, "gateCases", filter_], option=orjson.OPT_SORT_KEYS)).hexdigest()
    query = select(acts).where(acts.c.kind == CHECK, acts.c.step == 0, acts.c.client == client)
    if filter_.get("subject"):
        query = query.where(acts.c.subject == usable_code(filter_["subject"]))
    if filter_.get("matter"):
        query = query.where(acts.c.topic == filter_["matter"])
    if given.get("after"):
        query = query.where(acts.c.seq < int(standing.unseal(given["after"], bound)))
    rows = await standing.journal.acts(query.order_by(acts.c.seq.desc()).limit(first + 1))
    cases = await standing.journal.cases([row.case for row in rows])

    def node(row: Written) -> Any:
        case = fold(cases[row.case])
        return full(standing, case, asking) if case else None

    return page(rows, first, node, lambda row: standing.seal(str(row.seq), bound), after=bool(given.get("after")))


async def matters(standing: Standing, given: Given, asking: Asking) -> Any:
    book, day = standing.hub.policies.gate, given.get("asOf") or asking.as_of
    wanted = (given.get("filter") or {}).get("department")
    return [
        matter_value(standing, matter, day)
        for matter in book.matters
        if matter.valid_from <= day <= matter.valid_to and wanted in (None, matter.department)
    ]


async def measures_catalogue(standing: Standing, given: Given, asking: Asking) -> Any:
    book, day = standing.hub.policies.gate, given.get("asOf") or asking.as_of
    entries: list[Measure | Incentive] = [*book.measures.measures, *book.incentives]
    return [measure_value(one) for one in entries if one.valid_from <= day <= one.valid_to]


async def feedback_rate(standing: Standing, given: Given, asking: Asking) -> Any:
    """Of one's own cases; an operator sees all. A case counts by the day of its first check."""
    query = select(acts).where(acts.c.kind == CHECK, acts.c.step == 0)
    if s.OPERATE not in asking.caller.scopes or asking.caller.purpose == "gate-check":
        query = query.where(acts.c.client == asking.caller.client_id)
    if given.get("matter"):
        query = query.where(acts.c.topic == given["matter"])
    started = [
        act
        for act in await standing.journal.acts(query.order_by(acts.c.seq))
        if (given.get("from") or "") <= act.body["day"] <= (given.get("to") or OPEN_DATE)
    ]
    found = await standing.journal.cases([act.case for act in started])
    cases = [case for acts_of in found.values() if (case := fold(acts_of))]
    due = [case for case in cases if case.measures() and (case.due or OPEN_DATE) <= asking.as_of]
    done = sum(case.fed_back() for case in due)
    rate = round(100 * done / len(due), 2) if due else None
    return {"checks": len(cases), "due": len(due), "fedBack": done, "rate": rate}


def full(standing: Standing, case: Case, asking: Asking) -> dict[str, Any]:
    """A case with everything that can be selected of it."""
    checks, latest = case.checks, case.checks[-1]
    matter = standing.hub.policies.gate.matter(case.matter, case.first.body["day"])
    return {
        "id": case.first.case,
        "matter": matter_value(standing, matter, case.first.body["day"]) if matter else {"id": case.matter},
        "subject": SubjectRef(case.first.subject) if case.first.subject else None,
        "person": PersonRef(case.first.person) if case.first.person else None,
        "stages": [stage(check, checks[n - 1] if n else None) for n, check in enumerate(checks)],
        "decision": latest.body["decision"],
        "findings": findings(latest),
        "checkedAt": times.us_to_iso(latest.at_us),
        "validUntil": latest.body["day"],
        "state": case.state(asking.as_of),
        "feedback": [
            {
                "measure": measure,
                "outcome": act.body["outcome"],
                "reason": act.body["reason"],
                "at": times.us_to_iso(act.at_us),
                "receipt": act.receipt,
            }
            for measure, act in case.feedback.items()
        ],
        "feedbackDueOn": case.due,
        "provisional": bool(latest.body["provisional"]),
        "staleRegions": latest.body["stale"],
        "receipt": case.last.receipt,
    }


def stage(check: Written, before: Written | None) -> dict[str, Any]:
    return {
        "stage": check.body["stage"] or None,
        "decision": check.body["decision"],
        "findings": findings(check),
        "checkedAt": times.us_to_iso(check.at_us),
        "changedSince": changed(before, check) if before else None,
        "receipt": check.receipt,
    }


def findings(check: Written) -> list[dict[str, Any]]:
    """With a reference to what each rests on; what another city listed is not held here."""
    found = []
    for kept in check.body["findings"]:
        source = kept["source"]
        ref = SourceRef(source["kind"], source["key"], check.subject or "", "" if check.subject else check.person or "")
        held = source["kind"] in ("Record", "Effect", "Commitment")
        found.append({**kept, "source": ref if held else None})
    return found


def matter_value(standing: Standing, matter: Matter, day: str) -> dict[str, Any]:
    book = standing.hub.policies.gate
    department = book.department(matter.department, day)
    objects = {one.id: f"{one.title} {one.title_zh}" for one in book.objects if one.valid_from <= day <= one.valid_to}
    rules = []
    for rule in matter.rules:
        measure = book.measure(rule.measure, day)
        value: Mapping[str, Any] = {
            "id": f"{matter.id}/{rule.id}",
            "object": objects.get(rule.object),
            "kind": rule.kind,
            "measure": measure_value(measure) if measure else None,
            "article": rule.article,
            "stages": list(rule.stages),
        }
        rules.append(value)
    return {
        "id": matter.id,
        "title": f"{matter.title} {matter.title_zh}",
        "department": f"{department.title} {department.title_zh}" if department else None,
        "departmentId": matter.department,
        "stages": list(matter.stages),
        "feedbackDays": matter.feedback_days,
        "rules": rules,
        "validFrom": matter.valid_from,
        "validTo": None if matter.valid_to == OPEN_DATE else matter.valid_to,
    }


def measure_value(measure: Measure | Incentive) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": f"{measure.title} {measure.title_zh}",
        "class": "REWARD" if isinstance(measure, Incentive) else measure.group,
        "basis": measure.basis,
        "validFrom": measure.valid_from,
        "validTo": None if measure.valid_to == OPEN_DATE else measure.valid_to,
    }

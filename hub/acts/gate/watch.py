"""Open gate cases whose answer has become another one: the department that checked is told, and asks again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from hub.acts.gate import facts
from hub.acts.gate.perform import checked_body
from hub.acts.gate.tables import CHANGED, CHECK, Case, fold, sign_of
from hub.acts.model import Act, Event, Written
from hub.acts.room import Standing
from hub.acts.tables import acts
from schema.ports import Asking

PART = 400


async def changed(standing: Standing, codes: Sequence[str] | None, asking: Asking) -> Sequence[Act]:
    """``codes``: subjects about which something changed; None: anything may have."""
    found: list[Act] = []
    for case in await open_cases(standing, codes, asking.as_of):
        matter = standing.hub.policies.gate.matter(case.matter, asking.as_of)
        code, person = case.first.subject, case.first.person
        if matter is None:
            continue
        if code:
            known = await facts.of_subjects(standing, [code], matter, asking.as_of, asking)
        else:
            known = await facts.of_person(standing, str(person), asking.as_of, asking)
        stage, key = str(case.checks[-1].body["stage"]), code or str(person)
        body = checked_body(standing, matter, stage, asking.as_of, known.facts[key], known)
        if answer_of(body) == answer_of(case.known.body):
            continue
        told = Event("case-changed", case.first.client, {"case": case.first.case})
        step = case.last.step + 1
        found.append(Act(CHANGED, case.first.case, step, body, code, person, matter.id, events=[told]))
    return found


def answer_of(body: object) -> tuple[str, tuple[str, ...]]:
    assert isinstance(body, dict)
    return body["decision"], tuple(sorted(sign_of(finding) for finding in body["findings"]))


async def open_cases(standing: Standing, codes: Sequence[str] | None, day: str) -> list[Case]:
    """Cases that are not fed back, of these subjects. A case without a finding is open on its own day."""
    first = select(acts).where(acts.c.kind == CHECK, acts.c.step == 0)
    started: list[Written] = []
    if codes is None:
        started = await standing.journal.acts(first)
    else:
        for place in range(0, len(codes), PART):
            part = list(codes[place : place + PART])
            started += await standing.journal.acts(first.where(acts.c.subject.in_(part)))
    found = await standing.journal.cases([act.case for act in started])
    cases = [case for transitions in found.values() if (case := fold(transitions))]
    return [case for case in cases if not case.fed_back() and (case.measures() or case.checks[-1].body["day"] == day)]

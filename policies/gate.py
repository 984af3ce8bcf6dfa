"""Gate checks: what the facts of a day mean at a matter, and the proof that the four lists hold together.

DENY needs a class A measure with a cited law, in force that day; class B gives CONSIDER; class C is told only. No DENY
rests on soft records, points, alerts, or on anything illustrative. What another city listed counts only for a measure
that the agreement carries here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, TypeVar

from policies.dates import day_after
from policies.gate_lists import Department, GateObject, GateRule, Incentive, Matter
from policies.lists import ListBook
from policies.measures import Measure, MeasureBook
from policies.table import PackError
from schema.gate import GateFact, GateFinding, Outcome, strongest

SOFT = ("soft", "points")
CLASSES: dict[Outcome, str] = {"DENY": "A", "CONSIDER": "AB", "REMIND": "ABC"}


class Dated(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def valid_from(self) -> str: ...
    @property
    def valid_to(self) -> str: ...
    @property
    def place(self) -> str: ...


D = TypeVar("D", bound=Dated)


def on(entries: Iterable[D], named: str, day: str) -> D | None:
    """The version of an entry that is in force on a day."""
    return next((one for one in entries if one.id == named and one.valid_from <= day <= one.valid_to), None)


@dataclass(frozen=True, slots=True)
class GateBook:
    """The four lists of one hub. Made by ``gate_book``, which proves that they hold together."""

    objects: tuple[GateObject, ...] = ()
    departments: tuple[Department, ...] = ()
    incentives: tuple[Incentive, ...] = ()
    matters: tuple[Matter, ...] = ()
    measures: MeasureBook = MeasureBook(())

    def matter(self, named: str, day: str) -> Matter | None:
        return on(self.matters, named, day)

    def department(self, named: str, day: str) -> Department | None:
        return on(self.departments, named, day)

    def measure(self, named: str, day: str) -> Measure | Incentive | None:
        return self.measures.on(named, day) or on(self.incentives, named, day)

    def decide(
        self, facts: Sequence[GateFact], matter: Matter, day: str, stage: str = ""
    ) -> tuple[Outcome, tuple[GateFinding, ...]]:
        """The strongest outcome and every finding, in order of strength, then of the rules."""
        found = [
            GateFinding(rule.kind, f"{matter.id}/{rule.id}", rule.article, rule.measure, fact)
            for rule in matter.rules
            if not rule.stages or stage in rule.stages or not stage
            for fact in facts
            if self._means(rule, fact, day)
        ]
        adverse = any(finding.kind != "REWARD" for finding in found)
        lonely = {f"{matter.id}/{rule.id}" for rule in matter.rules if rule.alone}
        kept = [finding for finding in found if not (adverse and finding.rule in lonely)]
        order = ("DENY", "CONSIDER", "REMIND", "REWARD")
        findings = tuple(sorted(kept, key=lambda finding: order.index(finding.kind)))
        return strongest(findings), findings

    def _means(self, rule: GateRule, fact: GateFact, day: str) -> bool:
        looked_at = on(self.objects, rule.object, day)
        if looked_at is None or not looked_at.holds(fact) or self.measure(rule.measure, day) is None:
            return False
        if rule.kind == "DENY" and (fact.kind in SOFT or fact.illustrative):
            return False
        return not fact.agreement or rule.kind == "REWARD" or rule.measure in fact.measures


def gate_book(
    objects: Sequence[GateObject],
    departments: Sequence[Department],
    incentives: Sequence[Incentive],
    matters: Sequence[Matter],
    measures: MeasureBook,
    lists: ListBook,
) -> GateBook:
    """Raises PackError with file and line for what does not hold on some day of its validity."""
    named = [replace(one, names=lists.names(one.names)) if one.kind in ("list", "award") else one for one in objects]
    book = GateBook(
        _ordered(named, "object"),
        _ordered(departments, "department"),
        _ordered(incentives, "incentive"),
        _ordered(matters, "matter"),
        measures,
    )
    for incentive in book.incentives:
        if any(measure.id == incentive.id for measure in measures.measures):
            raise PackError(incentive.place, f"{incentive.id!r} is in the catalogue", hint="name it otherwise")
    for matter in book.matters:
        _whole(book.departments, matter.department, matter, "department", matter.place)
        if len({rule.id for rule in matter.rules}) != len(matter.rules):
            raise PackError(matter.place, f"two rules of {matter.id!r} have one id", hint="give each its own")
        for rule in matter.rules:
            _admit(book, matter, rule)
    return book


def _admit(book: GateBook, matter: Matter, rule: GateRule) -> None:
    _whole(book.objects, rule.object, matter, "object", rule.place)
    kinds = {one.kind for one in book.objects if one.id == rule.object}
    if rule.kind == "REWARD":
        _whole(book.incentives, rule.measure, matter, "incentive", rule.place)
        return
    _whole(book.measures.measures, rule.measure, matter, "measure", rule.place)
    classes = {one.group for one in book.measures.measures if one.id == rule.measure and _overlap(one, matter)}
    if not classes <= set(CLASSES[rule.kind]):
        raise PackError(
            rule.place,
            f"{rule.kind} of {matter.id!r} rests on a measure of class {' '.join(sorted(classes))}",
            hint="DENY needs class A, CONSIDER class A or B; class C is told only (REMIND)",
        )
    if rule.kind == "DENY" and kinds & set(SOFT):
        raise PackError(
            rule.place, f"DENY of {matter.id!r} rests on {' '.join(sorted(kinds))}", hint="only a record may deny"
        )
    if rule.kind == "DENY" and "《" not in rule.article:
        raise PackError(rule.place, f"DENY of {matter.id!r} cites no law", hint="name it in article, in 《》")


def _overlap(one: Dated, other: Dated) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _whole(entries: Sequence[Dated], named: str, matter: Matter, what: str, place: str) -> None:
    """Raises PackError unless an entry is in force on every day of the matter."""
    day = matter.valid_from
    while True:
        found = on(entries, named, day)
        if found is None:
            known = ", ".join(sorted({one.id for one in entries})) or "none"
            raise PackError(
                place, f"{what} {named!r} of {matter.id!r} is not in force on {day}", hint=f"known: {known}"
            )
        if found.valid_to >= matter.valid_to:
            return
        day = day_after(found.valid_to)


def _ordered(entries: Sequence[D], what: str) -> tuple[D, ...]:
    ordered = sorted(entries, key=lambda one: (one.id, one.valid_from))
    for one, two in pairwise(ordered):
        if one.id == two.id and two.valid_from <= one.valid_to:
            raise PackError(two.place, f"{what} {two.id!r} overlaps its entry at {one.place}", hint="end the older one")
    return tuple(ordered)


def check_gate_cases(book: GateBook) -> int:
    """Judges every case beside every matter and returns their number. Raises PackError at the first that fails."""
    count = 0
    for matter in book.matters:
        for case in matter.cases:
            decision, findings = book.decide(case.facts, matter, case.as_of, case.stage)
            rules = tuple(finding.rule.partition("/")[2] for finding in findings)
            if decision != case.decision or (case.rules is not None and sorted(rules) != sorted(case.rules)):
                raise PackError(
                    case.place,
                    f"case {case.title!r} of {matter.id} gives {decision} by {' '.join(rules) or 'no rule'}",
                    hint="correct the rule, or the case if the law says otherwise",
                )
            count += 1
    return count

"""The four lists of gate checks (四清单), as packs, each entry with its days: objects, departments, measures, matters.

Measures are the catalogue's (``measures.py``) and incentives (守信激励); matters' rules map them to each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.rules import SOURCES
from policies.table import Table
from schema.gate import FACT_KINDS, OUTCOMES, FactKind, GateFact, Outcome
from schema.times import OPEN_DATE


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    title: str
    title_zh: str
    valid_from: str
    valid_to: str
    place: str


@dataclass(frozen=True, slots=True)
class GateObject:
    """What a rule looks at: facts of a kind, by names and details; empty ones stand for every one."""

    id: str
    title: str
    title_zh: str
    kind: FactKind
    names: tuple[str, ...]
    details: tuple[str, ...]
    valid_from: str
    valid_to: str
    place: str

    def holds(self, fact: GateFact) -> bool:
        if fact.kind != self.kind:
            return False
        return (not self.names or fact.name in self.names) and (not self.details or fact.detail in self.details)


@dataclass(frozen=True, slots=True)
class Incentive:
    """A measure that rewards: never taken away as a sanction, so it needs no class, but a basis all the same."""

    id: str
    title: str
    title_zh: str
    basis: str
    source: str
    valid_from: str
    valid_to: str
    place: str


@dataclass(frozen=True, slots=True)
class GateRule:
    """One line of the mapping: this object, at this matter, means this outcome by this measure.

    ``stages``: only there (empty: at every one). ``alone``: only where nothing adverse is found.
    """

    id: str
    object: str
    kind: Outcome
    measure: str
    article: str
    stages: tuple[str, ...]
    alone: bool
    place: str


@dataclass(frozen=True, slots=True)
class GateCase:
    """A case beside a matter: facts, and the whole outcome that they must have."""

    title: str
    as_of: str
    stage: str
    facts: tuple[GateFact, ...]
    decision: Outcome
    rules: tuple[str, ...] | None
    place: str


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of one department. ``feedback_days``: working days within which is told what was done."""

    id: str
    title: str
    title_zh: str
    department: str
    stages: tuple[str, ...]
    feedback_days: int
    source: str
    rules: tuple[GateRule, ...]
    cases: tuple[GateCase, ...]
    valid_from: str
    valid_to: str
    place: str


def read_department(table: Table) -> Department:
    valid_from, valid_to = table.validity()
    return Department(
        table.text("id"), table.text("title"), table.text("title_zh"), valid_from, valid_to, table.place()
    )


def read_object(table: Table) -> GateObject:
    valid_from, valid_to = table.validity()
    return GateObject(
        id=table.text("id"),
        title=table.text("title"),
        title_zh=table.text("title_zh"),
        kind=table.choice("kind", FACT_KINDS),  # type: ignore[arg-type]
        names=table.texts("names", default=()),
        details=table.texts("details", default=()),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


def read_incentive(table: Table) -> Incentive:
    valid_from, valid_to = table.validity()
    return Incentive(
        id=table.text("id"),
        title=table.text("title"),
        title_zh=table.text("title_zh"),
        basis=table.text("basis"),
        source=table.choice("source", SOURCES),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


def read_matter(table: Table) -> Matter:
    valid_from, valid_to = table.validity()
    stages = table.texts("stages", default=())
    return Matter(
        id=table.text("id"),
        title=table.text("title"),
        title_zh=table.text("title_zh"),
        department=table.text("department"),
        stages=stages,
        feedback_days=table.integer("feedback_days", 5),
        source=table.choice("source", SOURCES),
        rules=table.each("rule", lambda row: _rule(row, stages), needed=True),
        cases=table.each("case", lambda row: _case(row, stages)),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


def _rule(table: Table, stages: tuple[str, ...]) -> GateRule:
    return GateRule(
        id=table.text("id"),
        object=table.text("object"),
        kind=table.choice("kind", OUTCOMES[:-1]),  # type: ignore[arg-type]
        measure=table.text("measure"),
        article=table.text("article"),
        stages=table.texts("stages", stages, default=()),
        alone=table.flag("alone", False),
        place=table.place(),
    )


def _case(table: Table, stages: tuple[str, ...]) -> GateCase:
    return GateCase(
        title=table.text("title"),
        as_of=table.day("as_of"),
        stage=table.choice("stage", stages, ""),
        facts=table.each("fact", _fact),
        decision=table.choice("decision", OUTCOMES),  # type: ignore[arg-type]
        rules=table.texts("rules") if "rules" in table else None,
        place=table.place(),
    )


def _fact(table: Table) -> GateFact:
    until = table.day("until", OPEN_DATE)
    return GateFact(
        kind=table.choice("kind", FACT_KINDS),  # type: ignore[arg-type]
        name=table.text("name", ""),
        detail=table.text("detail", ""),
        until="" if until == OPEN_DATE else until,
        region=table.text("region", ""),
        agreement=table.text("agreement", ""),
        measures=table.texts("measures", default=()),
        illustrative=table.flag("illustrative", False),
    )

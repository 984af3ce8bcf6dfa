"""Publication terms of penalties by tier and day of decision (信用修复管理办法 and what was in force before it)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from policies.dates import day_before, later
from policies.rules import SOURCES
from policies.table import PackError, Table
from schema.records import TIERS
from schema.times import FIRST_DATE, OPEN_DATE


@dataclass(frozen=True, slots=True)
class Term:
    """The longest (and, where there is one, the shortest) publication of one tier, in months from the decision.

    ``tier`` is "" for a penalty whose tier the source does not give: the longest term then applies.
    """

    id: str
    tier: str
    valid_from: str
    valid_to: str
    longest_months: int
    shortest_months: int
    article: str
    source: str
    place: str


def read_terms(table: Table) -> tuple[Term, ...]:
    """One ``[[terms]]``: the terms of all tiers under one rule, in force for decisions of a span of days."""
    valid_from, valid_to = table.validity()
    rule, article, source = table.text("id"), table.text("article"), table.choice("source", SOURCES)
    table.text("title_zh")

    def tier(row: Table) -> Term:
        shortest = row.integer("shortest_months", 0)
        longest = row.integer("longest_months", least=1)
        if shortest > longest:
            raise row.error("shortest_months is above longest_months", "shortest_months", hint="swap or correct them")
        name = row.choice("tier", TIERS, "")
        return Term(rule, name, valid_from, valid_to, longest, shortest, article, source, row.place())

    terms = table.each("tier", tier, needed=True)
    if sorted(term.tier for term in terms) != sorted(("", *TIERS)):
        raise table.error(
            "a term is missing or given twice",
            "tier",
            hint="one each for " + ", ".join(TIERS) + " and one without tier",
        )
    return terms


@dataclass(frozen=True, slots=True)
class TermBook:
    """All terms; every day has exactly one for each tier."""

    terms: tuple[Term, ...]

    def term(self, decided_on: str, tier: str) -> Term:
        known = tier if tier in TIERS else ""
        return next(
            term for term in self.terms if term.tier == known and term.valid_from <= decided_on <= term.valid_to
        )

    def last_day(self, decided_on: str, tier: str) -> tuple[str, str]:
        """The last day of the longest publication of a penalty, and the id of the rule that says so."""
        term = self.term(decided_on, tier)
        return later(decided_on, months=term.longest_months), term.id


def term_book(terms: list[Term]) -> TermBook:
    """Raises PackError unless the spans of each tier follow one another without gap or overlap over all days."""
    ordered = sorted(terms, key=lambda term: (term.tier, term.valid_from))
    for name in ("", *TIERS):
        spans = [term for term in ordered if term.tier == name]
        if not spans or spans[0].valid_from != FIRST_DATE or spans[-1].valid_to != OPEN_DATE:
            place = spans[0].place if spans else "packs:1"
            raise PackError(place, "publication terms do not cover all days", hint="leave the outer ends open")
        for one, two in pairwise(spans):
            if day_before(two.valid_from) != one.valid_to:
                raise PackError(
                    two.place,
                    f"terms of {two.id} do not follow those of {one.id} ({one.place})",
                    hint="let valid_from be the day after the other's valid_to",
                )
    return TermBook(tuple(ordered))

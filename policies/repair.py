"""When a record may be repaired (信用修复): by the rule of the record's own day, never by that of today.

A rule says which records it is about, how long they stand at least, and what an application must show. The shortest
term is the rule's own (``months``) or that of the publication terms of its tier; a record without tier waits for the
longest of them, since the tier is the deciding authority's and is never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.dates import later
from policies.rules import SOURCES
from policies.table import PackError, Table
from policies.terms import TermBook
from schema.records import TIERS

KINDS = ("PENALTY", "LIST_ENTRY")
STATES = ("ACTIVE", "EXPIRED", "REPAIRED", "CORRECTED", "REVOKED")


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """A record on the day asked about. ``decided_on``: ISO day of the decision or listing."""

    kind: str
    decided_on: str
    tier: str = ""
    list_type: str = ""
    authority: str = ""
    state: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class RepairReason:
    """``from_``: the first day on which it would be otherwise, None where no day changes it."""

    rule: str
    article: str
    because: str
    from_: str | None = None

    def shown(self) -> dict[str, str | None]:
        return {"rule": self.rule, "article": self.article, "because": self.because, "from": self.from_}


@dataclass(frozen=True, slots=True)
class RepairCase:
    title: str
    facts: RepairFacts
    as_of: str
    allow: bool
    from_: str
    place: str


@dataclass(frozen=True, slots=True)
class RepairRule:
    """``lists`` and ``authority`` (part of its name) narrow it; with ``by_tier`` the publication terms count."""

    id: str
    valid_from: str
    valid_to: str
    kinds: tuple[str, ...]
    lists: tuple[str, ...]
    authority: str
    months: int
    by_tier: bool
    commitment: bool
    duties: bool
    article: str
    source: str
    cases: tuple[RepairCase, ...]
    place: str

    @property
    def narrowness(self) -> int:
        return 2 * bool(self.lists) + bool(self.authority)

    def covers(self, facts: RepairFacts) -> bool:
        if facts.kind not in self.kinds or not self.valid_from <= facts.decided_on <= self.valid_to:
            return False
        listed = facts.list_type in self.lists if facts.kind == "LIST_ENTRY" else True
        return listed and (not self.authority or self.authority in facts.authority)


@dataclass(frozen=True, slots=True)
class RepairDecision:
    allowed: bool
    reasons: tuple[RepairReason, ...]
    rule: RepairRule | None = None


def read_repair(table: Table) -> RepairRule:
    """One ``[[repair]]``. Raises PackError."""
    valid_from, valid_to = table.validity()
    table.text("title_zh")
    kinds = table.texts("kinds", KINDS, ("PENALTY",))
    lists = table.texts("lists", (), ())
    if "LIST_ENTRY" in kinds and not lists:
        raise table.error("lists is missing", "kinds", hint="name the lists whose entries may be repaired")
    by_tier = "months" not in table
    return RepairRule(
        table.text("id"),
        valid_from,
        valid_to,
        kinds,
        lists,
        table.text("authority", ""),
        table.integer("months", 0),
        by_tier,
        table.flag("commitment", True),
        table.flag("duties", True),
        table.text("article"),
        table.choice("source", SOURCES),
        table.each("case", _case, needed=True),
        table.place(),
    )


def _case(row: Table) -> RepairCase:
    facts = RepairFacts(
        row.choice("kind", KINDS, "PENALTY"),
        row.day("decided_on"),
        row.choice("tier", TIERS, ""),
        row.text("list", ""),
        row.text("authority", ""),
        row.choice("state", STATES, "ACTIVE"),
    )
    return RepairCase(row.text("title"), facts, row.day("as_of"), row.flag("allow"), row.day("from", ""), row.place())


@dataclass(frozen=True, slots=True)
class RepairBook:
    rules: tuple[RepairRule, ...]
    terms: TermBook

    def rule(self, facts: RepairFacts) -> RepairRule | None:
        """The narrowest rule of the record's day; of equals the last pack's, so that a place can have its own."""
        found = [rule for rule in self.rules if rule.covers(facts)]
        narrow = max((rule.narrowness for rule in found), default=0)
        return next((rule for rule in reversed(found) if rule.narrowness == narrow), None)

    def may(self, facts: RepairFacts, day: str) -> RepairDecision:
        """Whether the record may be repaired on a day, and why or why not."""
        rule = self.rule(facts)
        if rule is None:
            because = "no rule opens repair of such a record here; its authority ends it under its own rule"
            return RepairDecision(False, (RepairReason("no-repair-rule", "", because),))
        if facts.state != "ACTIVE":
            because = f"the record is {facts.state}"
            return RepairDecision(False, (RepairReason(rule.id, rule.article, because),), rule)
        first = later(facts.decided_on, months=self.months(rule, facts))
        if day < first:
            because = f"it stands until {first} at least"
            return RepairDecision(False, (RepairReason(rule.id, rule.article, because, first),), rule)
        asked = [word for wanted, word in ((rule.duties, "duties"), (rule.commitment, "commitment")) if wanted]
        because = f"its shortest term ended on {first}"
        if asked:
            because += "; the application shows: " + ", ".join(asked)
        return RepairDecision(True, (RepairReason(rule.id, rule.article, because),), rule)

    def months(self, rule: RepairRule, facts: RepairFacts) -> int:
        if not rule.by_tier:
            return rule.months
        tiers = (facts.tier,) if facts.tier in TIERS else TIERS
        return max(self.terms.term(facts.decided_on, tier).shortest_months for tier in tiers)


def repair_book(rules: Sequence[RepairRule], terms: TermBook) -> RepairBook:
    """Raises PackError for two versions of one rule that are in force on one day."""
    for n, one in enumerate(rules):
        for two in rules[n + 1 :]:
            if one.id == two.id and one.valid_from <= two.valid_to and two.valid_from <= one.valid_to:
                raise PackError(two.place, f"{two.id!r} overlaps itself ({one.place})", hint="end the older one")
    return RepairBook(tuple(rules), terms)


def check_repair_cases(book: RepairBook) -> int:
    """Judges every case beside every rule and returns their number. Raises PackError at the first that fails."""
    count = 0
    for rule in book.rules:
        for case in rule.cases:
            found = book.may(case.facts, case.as_of)
            first = next((reason.from_ for reason in found.reasons if reason.from_), None) or ""
            if found.allowed != case.allow or (case.from_ and first != case.from_):
                raise PackError(
                    case.place,
                    f"case {case.title!r} gives allow = {str(found.allowed).lower()}, from {first or 'no day'}",
                    hint="correct the rule, or the case if the law says otherwise",
                )
            count += 1
    return count

"""Commitments (信用承诺): who may make one, and how long before a deadline somebody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.repair import RepairReason
from policies.rules import SOURCES
from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class Made:
    """A commitment on the day asked about; ``kept``: it was made good, late or after a false one too."""

    number: str
    state: str
    kept: bool


@dataclass(frozen=True, slots=True)
class CommitmentRule:
    """``kinds``: of commitments, empty for all; ``restrict``: none while one that was broken is not made good;
    ``warn_days``: days before a deadline on which its parties are told, once."""

    id: str
    valid_from: str
    valid_to: str
    kinds: tuple[str, ...]
    restrict: bool
    warn_days: int
    article: str
    source: str
    place: str


def read_commitment_rule(table: Table) -> CommitmentRule:
    """One ``[[commitment]]``. Raises PackError."""
    valid_from, valid_to = table.validity()
    table.text("title_zh")
    return CommitmentRule(
        table.text("id"),
        valid_from,
        valid_to,
        table.texts("kinds", (), ()),
        table.flag("restrict", True),
        table.integer("warn_days", 5),
        table.text("article"),
        table.choice("source", SOURCES),
        table.place(),
    )


@dataclass(frozen=True, slots=True)
class CommitmentBook:
    rules: tuple[CommitmentRule, ...] = ()

    def rule(self, kind: str, day: str) -> CommitmentRule | None:
        """The rule of its kind before one of all kinds; of equals the last pack's."""
        found = [r for r in self.rules if r.valid_from <= day <= r.valid_to and (not r.kinds or kind in r.kinds)]
        return next((r for r in reversed(found) if r.kinds), found[-1] if found else None)

    def may(self, kind: str, made: Sequence[Made], day: str) -> tuple[bool, tuple[RepairReason, ...]]:
        """Whether a subject may commit. A restriction lifts itself on the day the broken commitment is made good."""
        rule = self.rule(kind, day)
        if rule is None:
            return False, (RepairReason("no-commitment-rule", "", "no rule accepts such commitments here"),)
        broken = [one for one in made if one.state in ("BREACHED", "FALSE") and not one.kept]
        if rule.restrict and broken:
            return False, tuple(
                RepairReason(rule.id, rule.article, f"commitment {one.number} is {one.state} and not made good")
                for one in broken
            )
        return True, (RepairReason(rule.id, rule.article, "no broken commitment is open"),)


def commitment_book(rules: Sequence[CommitmentRule]) -> CommitmentBook:
    """Raises PackError for two versions of one rule that are in force on one day."""
    for n, one in enumerate(rules):
        for two in rules[n + 1 :]:
            if one.id == two.id and one.valid_from <= two.valid_to and two.valid_from <= one.valid_to:
                raise PackError(two.place, f"{two.id!r} overlaps itself ({one.place})", hint="end the older one")
    return CommitmentBook(tuple(rules))

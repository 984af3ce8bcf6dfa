"""Gate checks: what a judge (pure, in ``policies``) is told of a subject or person, and what it finds for a matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["DENY", "CONSIDER", "REMIND", "REWARD", "NONE"]
OUTCOMES: tuple[Outcome, ...] = ("DENY", "CONSIDER", "REMIND", "REWARD", "NONE")
"""From the strongest on."""
FactKind = Literal["list", "award", "penalty", "effect", "rating", "commitment", "soft", "points"]
FACT_KINDS: tuple[FactKind, ...] = ("list", "award", "penalty", "effect", "rating", "commitment", "soft", "points")


@dataclass(frozen=True, slots=True)
class GateFact:
    """One thing that is in force on the day of the check.

    ``name``: the list's Chinese name, the effect's kind, the rating's scale, the commitment's kind. ``detail``: a
    penalty's tier, a rating's grade, a commitment's state. ``source`` finds it again: ``Type:key``. ``until`` is as
    published (ISO, "" open). Of another city: its ``region``, and the ``agreement`` with the ``measures`` that it
    carries. ``illustrative``: it has no force here.
    """

    kind: FactKind
    name: str
    detail: str = ""
    source: str = ""
    until: str = ""
    region: str = ""
    agreement: str = ""
    measures: tuple[str, ...] = ()
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class GateFinding:
    """What one fact means at one matter: by which rule, which measure, on which article."""

    kind: Outcome
    rule: str
    article: str
    measure: str
    fact: GateFact


def strongest(findings: tuple[GateFinding, ...]) -> Outcome:
    found = {finding.kind for finding in findings}
    return next((outcome for outcome in OUTCOMES if outcome in found), "NONE")

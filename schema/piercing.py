"""Piercing: which person a record about an organisation reaches, as data of a rule and as a judgement with its reason.

The graph finds candidates by a rule's parameters; a judge (pure, in ``policies``) decides each one. Both meet here, so
that neither imports the other. Dates are ISO strings (Asia/Shanghai calendar days).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

RecordKind = Literal["PENALTY", "LICENCE", "LIST_ENTRY", "AWARD"]
RoleKind = Literal["LEGAL_REPRESENTATIVE", "SHAREHOLDER"]
EffectKind = Literal["POINTS_INDICATOR", "CONSUMPTION_LIMIT", "ROLE_BAR"]
Reason = Literal[
    "registered_elsewhere",
    "kind_outside_rule",
    "no_representative_on_date",
    "legal_person_holder",
    "under_18",
    "bar_lapsed",
    "role_ended",
    "lifted",
]
REASONS: tuple[Reason, ...] = (
    "registered_elsewhere",
    "kind_outside_rule",
    "no_representative_on_date",
    "legal_person_holder",
    "under_18",
    "bar_lapsed",
    "role_ended",
    "lifted",
)


@dataclass(frozen=True, slots=True)
class RoleReach:
    """One branch of a rule: who, in which role at the attribution instant. ``share_at_least`` is in percent."""

    kind: RoleKind
    illustrative: bool = False
    share_at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one piercing rule, already resolved for the hub's region.

    A version applies to records whose attribution date lies in ``valid_from`` … ``valid_to`` (both inclusive): rules
    are chosen by date. ``years`` is the term counted from the attribution date (0: the term is the record's own).
    ``stays`` means that a change of role after the attribution date ends nothing; without it, the effect ends
    when the role ends. ``lists`` and ``tiers`` narrow the records reached (empty: all of ``record_kind``).
    """

    id: str
    version: int
    valid_from: str
    valid_to: str
    title: str
    title_zh: str
    article: str
    source: str
    effect: EffectKind
    measure: str
    record_kind: RecordKind
    lists: tuple[str, ...]
    tiers: tuple[str, ...]
    subject_kinds: tuple[str, ...]
    attribution: Literal["decision", "listing", "effective"]
    roles: tuple[RoleReach, ...]
    adults_only: bool
    years: int
    stays: bool
    liftable: bool
    reported_on: tuple[str, ...]
    illustrative: bool

    def record_keys(self) -> tuple[str, ...]:
        """``kind|list type`` of the records that this rule looks at; list types are "" for penalties."""
        return tuple(f"{self.record_kind}|{name}" for name in self.lists or ("",))


@dataclass(frozen=True, slots=True)
class RoleFact:
    """A dated role of the organisation, both days inclusive. ``person`` is "" where the holder is an organisation;
    ``holder`` is the same for all roles of one holder. ``share`` is in percent, below 0 where it is not known."""

    kind: RoleKind
    person: str
    adult_on: str
    valid_from: str
    valid_to: str
    share: float = 0.0
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the graph knows of one record that a rule may pierce, at the day asked about.

    ``subject_kind`` is "" when the subject is not in this hub's registry. ``state`` is the record's state at
    ``as_of``. ``lifts`` gives for a person the day of a court's lift recorded for this record's document.
    """

    record_kind: RecordKind
    list_type: str
    tier: str
    decided_on: str
    effective_on: str
    until: str
    valid_to: str
    state: str
    subject_kind: str
    roles: tuple[RoleFact, ...]
    lifts: Mapping[str, str]
    as_of: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says about a candidate and one person, always with rule, article and reason.

    ``because`` is ``reached`` or a ``Reason``. ``person`` is None where the reason concerns the record as a whole.
    ``roles`` are indices into ``Candidate.roles`` with the branch that caught each, representatives first.
    ``until`` is as published (penalty: last day; list entry and bar: first free day), OPEN_DATE when open;
    ``last_day`` the last day in force.
    """

    rule: Rule
    because: str
    person: str | None
    roles: tuple[tuple[int, RoleReach], ...] = ()
    attributed_on: str = ""
    until: str = ""
    last_day: str = ""
    illustrative: bool = False

    @property
    def reached(self) -> bool:
        return self.because == "reached"

    @property
    def rule_id(self) -> str:
        return self.rule.id

    @property
    def article(self) -> str:
        return self.rule.article


class Piercing(Protocol):
    """The rules of a hub and their judge. Implemented by ``policies.Policies``."""

    @property
    def region(self) -> str: ...

    def rules(self, as_of: str) -> Sequence[Rule]:
        """Every version that began by this day, in order of id and version; a version that has ended still governs
        the records of its time."""

    def judge(self, rule: Rule, candidate: Candidate) -> Sequence[Decision]:
        """Every person reached and every reason why not; empty when the rule does not speak about the record."""

"""Allow and deny cases beside a rule: tiny facts and the whole outcome that the rule must have on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.dates import day_before
from policies.table import PackError, Table
from schema.piercing import REASONS, Candidate, Decision, RoleFact
from schema.records import SUBJECT_KINDS, TIERS
from schema.times import FIRST_DATE, OPEN_DATE

OUTCOMES = ("reached", *REASONS)
STATES = ("ACTIVE", "EXPIRED", "REPAIRED", "CORRECTED", "REVOKED")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come out for one person ("" for the record as a whole); None leaves a value unchecked."""

    person: str
    because: str
    roles: tuple[str, ...] | None
    until: str | None
    illustrative: bool | None


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    place: str
    facts: Candidate
    expected: tuple[Outcome, ...]

    @property
    def allows(self) -> bool:
        """True when the case shows someone reached."""
        return any(outcome.because == "reached" for outcome in self.expected)

    @property
    def denies(self) -> bool:
        """True when the case shows someone, or a whole record, not reached."""
        return not self.expected or any(outcome.because != "reached" for outcome in self.expected)

    def check(self, decisions: list[Decision], rule: str) -> None:
        """Raises PackError with file and line when the outcome is another."""
        found = {(decision.person or "", decision.because): decision for decision in decisions}
        wanted = {(outcome.person, outcome.because): outcome for outcome in self.expected}
        if found.keys() != wanted.keys():
            raise self._failed(rule, _names(found), _names(wanted))
        for key, outcome in wanted.items():
            decision = found[key]
            roles = tuple(reach.kind for _, reach in decision.roles)
            pairs = (
                (outcome.roles, roles),
                (outcome.until, decision.until),
                (outcome.illustrative, decision.illustrative),
            )
            for want, have in pairs:
                if want is not None and want != have:
                    raise self._failed(rule, f"{key[0]}: {have}", str(want))

    def _failed(self, rule: str, found: str, wanted: str) -> PackError:
        return PackError(
            self.place,
            f"case {self.title!r} of {rule} gives {found}, not {wanted}",
            hint="correct the rule, or the case if the law says otherwise",
        )


def read_case(table: Table) -> Case:
    """One ``[[rule.case]]``."""
    record = table.table("record")
    lifts = table.each("lift", lambda row: (row.text("person"), row.day("on")))
    decided_on = record.day("decided_on")
    kind = record.choice("kind", ("PENALTY", "LICENCE", "LIST_ENTRY", "AWARD"))
    until = record.day("until", OPEN_DATE)
    facts = Candidate(
        record_kind=kind,  # type: ignore[arg-type]
        list_type=record.text("list", ""),
        tier=record.choice("tier", TIERS, ""),
        decided_on=decided_on,
        effective_on=record.day("effective_on", decided_on),
        until=until,
        valid_to=_last_day(kind, until),
        state=record.choice("state", STATES, "ACTIVE"),
        subject_kind=table.choice("subject_kind", tuple(SUBJECT_KINDS.values()), ""),
        roles=table.each("role", _role),
        lifts=dict(lifts),
        as_of=table.day("as_of"),
    )
    record.done()
    return Case(table.text("title"), table.place(), facts, table.each("expect", _outcome))


def _last_day(kind: str, until: str) -> str:
    return until if kind in ("PENALTY", "LICENCE") else day_before(until)


def _role(table: Table) -> RoleFact:
    return RoleFact(
        kind=table.choice("kind", ("LEGAL_REPRESENTATIVE", "SHAREHOLDER")),  # type: ignore[arg-type]
        person=table.text("person", ""),
        adult_on=table.day("adult_on", FIRST_DATE),
        valid_from=table.day("valid_from", FIRST_DATE),
        valid_to=table.day("valid_to", OPEN_DATE),
        share=table.percent("share", 0.0),
    )


def _outcome(table: Table) -> Outcome:
    return Outcome(
        person=table.text("person", ""),
        because=table.choice("because", OUTCOMES),
        roles=table.texts("roles") if "roles" in table else None,
        until=table.day("until") if "until" in table else None,
        illustrative=table.flag("illustrative") if "illustrative" in table else None,
    )


def _names(outcomes: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{person or 'the record'}: {because}" for person, because in sorted(outcomes)) or "nothing"

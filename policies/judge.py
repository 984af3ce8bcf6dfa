"""The judge of piercing rules: a pure function from a rule and a candidate to decisions with reasons."""

from __future__ import annotations

from collections.abc import Sequence

from policies.dates import day_before, later
from schema.piercing import Candidate, Decision, Reason, RoleFact, RoleReach, Rule
from schema.times import OPEN_DATE

Caught = list[tuple[int, RoleReach]]


def judge(rule: Rule, candidate: Candidate) -> Sequence[Decision]:
    """Everyone whom the rule reaches through this record and every reason why it does not reach.

    A record that is not ACTIVE at the day asked about supports nothing and gives no reason: expiry, repair, correction
    and revocation end the source, and with it everything derived. Reasons about the record come before reasons about
    a person: an organisation registered elsewhere, then one of a kind outside the rule; then the holders at the
    attribution instant; then, for each person, age, lapse of the bar, lift.
    """
    attributed_on = candidate.effective_on if rule.attribution == "effective" else candidate.decided_on
    if not _speaks_about(rule, candidate, attributed_on):
        return ()
    if not candidate.subject_kind:
        return (Decision(rule, "registered_elsewhere", None, attributed_on=attributed_on),)
    if candidate.subject_kind not in rule.subject_kinds:
        return (Decision(rule, "kind_outside_rule", None, attributed_on=attributed_on),)
    persons, reasons = _holders(rule, candidate, attributed_on)
    decisions = [Decision(rule, reason, None, attributed_on=attributed_on) for reason in reasons]
    decisions += [_person(rule, candidate, person, caught, attributed_on) for person, caught in persons.items()]
    return tuple(decisions)


def _speaks_about(rule: Rule, candidate: Candidate, attributed_on: str) -> bool:
    return (
        candidate.state == "ACTIVE"
        and candidate.record_kind == rule.record_kind
        and (not rule.lists or candidate.list_type in rule.lists)
        and (not rule.tiers or candidate.tier in rule.tiers)
        and rule.valid_from <= attributed_on <= rule.valid_to
        and attributed_on <= candidate.as_of
    )


def _holders(rule: Rule, candidate: Candidate, day: str) -> tuple[dict[str, Caught], list[Reason]]:
    """Persons by the branches that catch them on ``day``, and the reasons that concern the record as a whole."""
    persons: dict[str, Caught] = {}
    reasons: list[Reason] = []
    for reach in rule.roles:
        held = False
        for index, role in enumerate(candidate.roles):
            if (
                role.kind != reach.kind
                or not role.valid_from <= day <= role.valid_to
                or (reach.share_at_least > 0 and _holding(candidate, role, day) < reach.share_at_least)
            ):
                continue
            held = True
            if role.person:
                caught = persons.setdefault(role.person, [])
                if all(candidate.roles[other].kind != role.kind for other, _ in caught):
                    caught.append((index, reach))
            elif "legal_person_holder" not in reasons:
                reasons.append("legal_person_holder")
        if reach.kind == "LEGAL_REPRESENTATIVE" and not held:
            reasons.append("no_representative_on_date")
    return persons, reasons


def _holding(candidate: Candidate, role: RoleFact, day: str) -> float:
    """All that the holder of a share holds on ``day``: several subscriptions of one holder count together. Percent."""
    if not role.holder:
        return role.share
    lines = (
        one.share
        for one in candidate.roles
        if one.kind == role.kind and one.holder == role.holder and one.valid_from <= day <= one.valid_to
    )
    return round(sum(share for share in lines if share > 0), 6)


def _person(rule: Rule, candidate: Candidate, person: str, caught: Caught, attributed_on: str) -> Decision:
    facts = [candidate.roles[index] for index, _ in caught]
    until, last_day = _term(rule, candidate, attributed_on)
    role_end = OPEN_DATE if rule.stays else max(fact.valid_to for fact in facts)
    because = "reached"
    if rule.adults_only and any(fact.adult_on > attributed_on for fact in facts):
        because = "under_18"
    elif last_day < candidate.as_of:
        because = "bar_lapsed"
    elif role_end < candidate.as_of:
        because = "role_ended"
    elif rule.liftable and candidate.lifts.get(person, OPEN_DATE) <= candidate.as_of:
        because = "lifted"
    if role_end < last_day:
        until = last_day = role_end
    return Decision(
        rule=rule,
        because=because,
        person=person,
        roles=tuple(caught),
        attributed_on=attributed_on,
        until=until,
        last_day=last_day,
        illustrative=rule.illustrative or all(reach.illustrative for _, reach in caught),
    )


def _term(rule: Rule, candidate: Candidate, attributed_on: str) -> tuple[str, str]:
    """``until`` as published and the last day in force: the record's own, or years from the attribution date."""
    if rule.years:
        until = later(attributed_on, years=rule.years)
        return until, day_before(until)
    return candidate.until, candidate.valid_to

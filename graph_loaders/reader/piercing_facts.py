"""From what the piercing fragments fetched to decisions: rows of the graph become candidates, the rules judge them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schema.piercing import Candidate, Decision, Piercing, RoleFact, Rule

Raw = Mapping[str, Any]
ROLE_KINDS: dict[str, Any] = {"REPRESENTS": "LEGAL_REPRESENTATIVE", "HOLDS": "SHAREHOLDER"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One decision with the raw row of its record; ``roles`` are the raw roles that caught the person, in order of
    the rule's branches, each with ``illustrative``; ``held`` is any raw role of the person. ``reported_still`` are the
    codes on which it is reported today, where others are left out."""

    decision: Decision
    row: Raw
    roles: tuple[tuple[Raw, bool], ...]
    held: Raw | None
    reported_still: frozenset[str] | None = None

    def reported(self) -> list[Raw]:
        """Raw other organisations of a kind that the rule reports on, each once, by code."""
        kinds = self.decision.rule.reported_on
        found = (self.held or {}).get("reported") or ()
        known = sorted({o["code"]: o for o in found}.items())
        still = self.reported_still
        return [one for code, one in known if one["registered"] in kinds and (still is None or code in still)]


def parameters(rules: Sequence[Rule]) -> dict[str, Any]:
    """The parameters of the fragments for the rules of a day."""
    return {
        "pierced": sorted({key for rule in rules for key in rule.record_keys()}),
        "holding": sorted(
            {
                key
                for rule in rules
                for key in rule.record_keys()
                if any(reach.kind == "SHAREHOLDER" for reach in rule.roles)
            }
        ),
        "reporting": sorted({key for rule in rules if rule.reported_on for key in rule.record_keys()}),
    }


def findings(piercing: Piercing, rows: Iterable[Raw], as_of: str, token: str | None = None) -> list[Finding]:
    """Every decision about the rows, in order of rule, attribution (newest first), record, reason and role.

    ``token`` keeps the decisions about one person only; reasons that concern a whole record are then left out.
    """
    rules = piercing.rules(as_of)
    found: dict[tuple[str, str, str, str], Finding] = {}
    for row in _one_for_each_record(rows, as_of):
        candidate = _candidate(row, as_of)
        for rule in rules:
            for decision in piercing.judge(rule, candidate):
                if token is not None and decision.person != token:
                    continue
                key = (rule.id, row["id"], decision.because, decision.person or "")
                found.setdefault(key, _finding(decision, row))
    newest_first = sorted(found.values(), key=_role_vid)
    newest_first.sort(key=lambda f: f.decision.attributed_on, reverse=True)
    return sorted(newest_first, key=lambda f: f.decision.rule.id)


def standing_still(found: Sequence[Finding], today: Sequence[Finding], records: Container[str]) -> list[Finding]:
    """Findings of a past day without what has ended since: a person must be reached today by the same rule and record,
    and is reported on organisations of both days; why others were not reached is told of ``records`` in force today."""
    reached = {_about(finding): finding for finding in today if finding.decision.reached}
    kept = []
    for finding in found:
        if not finding.decision.reached:
            if finding.row["id"] in records:
                kept.append(finding)
        elif (now := reached.get(_about(finding))) is not None:
            kept.append(replace(finding, reported_still=frozenset(other["code"] for other in now.reported())))
    return kept


def _about(finding: Finding) -> tuple[str, str, str | None]:
    return finding.decision.rule.id, finding.row["id"], finding.decision.person


def _role_vid(finding: Finding) -> tuple[str, str, str]:
    return finding.row["vid"], finding.decision.because, finding.held["vid"] if finding.held else ""


def _one_for_each_record(rows: Iterable[Raw], as_of: str) -> list[dict[str, Any]]:
    """Rows by record with the roles of all their rows, each role once, in order of ids."""
    records: dict[str, dict[str, Any]] = {}
    for row in rows:
        kind, region = _registered(row["registered"], as_of)
        known = records.setdefault(row["vid"], {**row, "roles": {}, "registered": kind, "region": region})
        known["roles"].update((role["vid"], role) for role in row["roles"])
    for record in records.values():
        record["roles"] = [_dated(record["roles"][vid], as_of) for vid in sorted(record["roles"])]
    return [records[vid] for vid in sorted(records)]


def _dated(role: Raw, as_of: str) -> dict[str, Any]:
    reported = [
        {**other, "registered": _registered(other["registered"], as_of)[0]} for other in role.get("reported") or ()
    ]
    return {**role, "reported": reported}


def _registered(states: Sequence[Sequence[str]], as_of: str) -> tuple[str, str]:
    """Kind and region that the registry gives on a day, else the latest that it knows; "" when it knows none."""
    if not states:
        return "", ""
    _, _, kind, region = max(states, key=lambda s: (s[0] <= as_of <= s[1], s[0], s[2], s[3]))
    return kind, region


def _candidate(row: Raw, as_of: str) -> Candidate:
    return Candidate(
        record_kind=row["kind"],
        list_type=row["list_type"],
        tier=row["tier"],
        decided_on=row["decided_on"],
        effective_on=row["valid_from"],
        until=row["until"],
        valid_to=row["valid_to"],
        state="ACTIVE",
        subject_kind=row["registered"],
        roles=tuple(
            RoleFact(
                kind=ROLE_KINDS[role["relation"]],
                person=role["token"] or "",
                adult_on=role["adult_on"] or "",
                valid_from=role["valid_from"],
                valid_to=role["valid_to"],
                share=role["share"] or 0.0,
                holder=role["holding"],
            )
            for role in row["roles"]
        ),
        lifts=_lifts(row["lifts"]),
        as_of=as_of,
    )


def _lifts(pairs: Iterable[Sequence[str]]) -> dict[str, str]:
    """The first lift of each person."""
    first: dict[str, str] = {}
    for token, on in pairs:
        first[token] = min(on, first.get(token, on))
    return first


def _finding(decision: Decision, row: Raw) -> Finding:
    roles = tuple((row["roles"][index], reach.illustrative) for index, reach in decision.roles)
    return Finding(decision, row, roles, roles[0][0] if roles else None)

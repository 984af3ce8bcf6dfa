"""Piercing across cities: each city's effects stay its own; what is joined is on whom a role bar is reported.

Pure. Effects are full values (``federation/documents.py``). A city's enterprises are joined only where an agreement in
force covers the list type between the source's region and that city; each joined city's receipt goes with the effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REPRESENTATIVE = "LEGAL_REPRESENTATIVE"
CoversList = Callable[[str, str, str], bool]
"""``(list type, one region, other region)``: does an agreement in force cover it?"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one city contributes about one person: where the person represents what, and the receipt for it."""

    region: str
    enterprises: tuple[Mapping[str, Any], ...]
    receipt: str | None


def represented(roles: Sequence[Mapping[str, Any]], day: str, kinds: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Subjects of some kinds that a person represents on a day (both ends of a role inclusive), each once."""
    found: dict[str, Mapping[str, Any]] = {}
    for role in roles:
        subject = role.get("subject") or {}
        current = (role.get("validFrom") or "") <= day <= (role.get("validTo") or "9999-12-31")
        if role.get("kind") == REPRESENTATIVE and current and subject.get("kind") in kinds:
            found[str(subject["code"])] = subject
    return tuple(found.values())


def about_subject(found: Mapping[str, Any] | None, code: str) -> bool:
    """Whether all that a city's answer about a subject names are records on that subject."""
    found = found or {}
    effects = [row["effect"] for row in found.get("reached") or () if row["effect"]]
    records = [effect["source"] for effect in effects] + [one["record"] for one in found.get("notReached") or ()]
    subjects = [record and record["subject"] for record in records] + [effect["subject"] for effect in effects]
    return all(subject and subject["code"] == code for subject in subjects)


def about_person(found: Mapping[str, Any], person: Mapping[str, Any]) -> bool:
    """Whether all that a city's answer about a person names is about that person."""
    missed = [one["person"] for one in found["notReached"] or () if one["person"]]
    named = [effect["person"] for effect in found["reached"] or ()] + missed
    return all(one and one["token"] == person["token"] for one in named)


def join(
    effect: Mapping[str, Any],
    *,
    source_region: str,
    source_receipt: str | None,
    parts: Sequence[Part],
    covers: CoversList,
) -> dict[str, Any]:
    """The effect with the other cities' enterprises in ``reportedOn`` and a receipt for each city with a part.

    ``source_receipt`` is None for an effect of this hub itself.
    """
    joined = dict(effect)
    source = effect.get("source") or {}
    listed = (effect.get("subject") or {}).get("code")
    reported = {str(subject["code"]): subject for subject in effect.get("reportedOn") or ()}
    receipts = {source_region: source_receipt} if source_receipt else {}
    for part in parts:
        if part.region == source_region or not covers(str(source.get("listType") or ""), source_region, part.region):
            continue
        fresh = {str(s["code"]): s for s in part.enterprises if s["code"] != listed}
        if fresh:
            reported = {**fresh, **reported}
            if part.receipt:
                receipts[part.region] = part.receipt
    joined["reportedOn"] = [reported[code] for code in sorted(reported)]
    joined["receipts"] = [
        {"__typename": "RegionReceipt", "region": region, "receipt": receipts[region]} for region in sorted(receipts)
    ]
    return joined

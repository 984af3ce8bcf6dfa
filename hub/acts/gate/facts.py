"""What is in force about subjects and persons on the day of a check: own graph, and the neighbours' copied lists.

Read by exact code, without a cache. No other city is asked; a copy too old to count is named instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation.ask import as_it_stands
from federation.feed.copies import Copies
from hub.acts.room import Standing
from hub.federated.neighbours import Neighbours
from hub.federated.recognised import judge_with
from policies.gate_lists import Matter
from schema import times
from schema.gate import GateFact
from schema.ports import Asking
from schema.scopes import GATE

SCOPES = frozenset((GATE,))
RECORD = "id kind listType tier until documentNumber"
FILTER = "filter: {kinds: [PENALTY, LIST_ENTRY, AWARD], states: [ACTIVE]}"
RECORDS = f"records(first: 200, {FILTER}) {{ nodes {{ {RECORD} }} pageInfo {{ hasNextPage endCursor }} }}"
EFFECTS = "effects { ruleId effect illustrative until source { id documentNumber } }"
PARTS = {
    "effect": f"representatives {{ id {EFFECTS} }}",
    "rating": "ratings { scale grade ratedOn validTo }",
    "commitment": "commitments { number kind state }",
}
MORE = f"""query More($code: USCC!, $after: String, $asOf: Date) {{ subject(code: $code, asOf: $asOf) {{
 records(first: 200, after: $after, {FILTER}) {{ nodes {{ {RECORD} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""
PERSON = f"query Person($token: ID!, $asOf: Date) {{ person(token: $token, asOf: $asOf) {{ id {EFFECTS} }} }}"


@dataclass(frozen=True, slots=True)
class Found:
    """Facts by code, and the regions whose copies are too old. ``known``: codes of which anything is held here."""

    facts: Mapping[str, tuple[GateFact, ...]]
    documents: Mapping[str, str]
    stale: tuple[str, ...] = ()


def question(parts: frozenset[str]) -> str:
    """The document that reads the parts which a matter's rules look at."""
    wanted = " ".join(PARTS[name] for name in sorted(parts))
    return f"""query Gate($codes: [String!]!, $asOf: Date) {{ subjects(codes: $codes, asOf: $asOf) {{
 code subject {{ {RECORDS} {wanted} }} }} }}"""


def kinds_of(hub: Neighbours, matter: Matter) -> frozenset[str]:
    """Which kinds of fact the rules of a matter look at."""
    objects = {rule.object for rule in matter.rules}
    return frozenset(one.kind for one in hub.policies.gate.objects if one.id in objects)


async def of_subjects(standing: Standing, codes: Sequence[str], matter: Matter, day: str, asking: Asking) -> Found:
    """Raises GraphUnavailable."""
    hub = standing.hub
    text = question(kinds_of(hub, matter) & PARTS.keys())
    own = standing.ask(text, SCOPES, {"codes": list(codes), "asOf": day}, asking)
    answer, (told, stale) = await asyncio.gather(own, _neighbours(hub, codes, day))
    facts: dict[str, tuple[GateFact, ...]] = {}
    documents: dict[str, str] = {}
    for code, row in zip(codes, answer["subjects"], strict=True):
        subject = row["subject"] or {}
        found = await _records(standing, code, subject.get("records"), day, asking, documents)
        for person in subject.get("representatives") or ():
            found += _effects(person, documents)
        for rating in subject.get("ratings") or ():
            if rating["validTo"] is None or rating["validTo"] >= day:
                key = f"Rating:{rating['scale']}|{rating['ratedOn']}"
                found.append(GateFact("rating", rating["scale"], rating["grade"] or "", key, rating["validTo"] or ""))
        for made in subject.get("commitments") or ():
            key = f"Commitment:{made['number']}"
            documents[key] = made["number"]
            found.append(GateFact("commitment", made["kind"] or "", made["state"] or "", key))
        facts[code] = (*found, *told.get(code, ()))
    return Found(facts, documents, stale)


async def of_person(standing: Standing, token: str, day: str, asking: Asking) -> Found:
    """Facts of one person, under the hub's own token."""
    shown = standing.hub.persons.for_client(token, asking.caller.client_id)
    answer = await standing.ask(PERSON, SCOPES, {"token": shown, "asOf": day}, asking)
    documents: dict[str, str] = {}
    return Found({token: tuple(_effects(answer["person"] or {}, documents))}, documents)


async def _records(
    standing: Standing, code: str, page: Any, day: str, asking: Asking, documents: dict[str, str]
) -> list[GateFact]:
    found: list[GateFact] = []
    while page is not None:
        for record in page["nodes"]:
            kind = {"PENALTY": "penalty", "LIST_ENTRY": "list", "AWARD": "award"}[record["kind"]]
            key = f"Record:{record['id']}"
            documents[key] = record["documentNumber"] or ""
            name = record["listType"] or ""
            found.append(GateFact(kind, name, record["tier"] or "", key, record["until"] or ""))  # type: ignore[arg-type]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = {"code": code, "after": page["pageInfo"]["endCursor"], "asOf": day}
        page = (await standing.ask(MORE, SCOPES, after, asking))["subject"]["records"]
    return found


def _effects(person: Mapping[str, Any], documents: dict[str, str]) -> list[GateFact]:
    found = []
    for effect in person.get("effects") or ():
        source = effect["source"] or {"id": "", "documentNumber": ""}
        key = f"Effect:{effect['ruleId']}|{source['id']}|{person['id']}"
        documents[key] = source["documentNumber"] or ""
        illustrative = bool(effect["illustrative"]) or effect["effect"] == "POINTS_INDICATOR"
        kind = "points" if effect["effect"] == "POINTS_INDICATOR" else "effect"
        found.append(
            GateFact(kind, effect["effect"], "", key, effect["until"] or "", illustrative=illustrative)  # type: ignore[arg-type]
        )
    return found


async def _neighbours(
    hub: Neighbours, codes: Sequence[str], day: str
) -> tuple[dict[str, list[GateFact]], tuple[str, ...]]:
    """What the neighbours listed, as it counts here, and whose copies are too old to say."""
    network = hub.network
    regions = [region for region in sorted(network.neighbours) if network.agreed(region)]
    if not regions:
        return {}, ()
    oldest = times.now_us() - int(hub.settings.copy_max_age * 1_000_000)
    held, stale = await asyncio.to_thread(_copied, network.copies, regions, codes, oldest)
    judge = judge_with(network.recogniser)
    here = hub.settings.region
    found: dict[str, list[GateFact]] = {}
    for region, code, fact in held:
        standing = as_it_stands(fact, day)
        if standing is None or standing.get("kind") not in ("LIST_ENTRY", "AWARD") or standing.get("state") != "ACTIVE":
            continue
        judged = judge(standing, of=region, at=here, day=day)
        if not judged["recognised"]:
            continue
        found.setdefault(code, []).append(
            GateFact(
                "list" if standing["kind"] == "LIST_ENTRY" else "award",
                standing.get("listType") or "",
                standing.get("tier") or "",
                f"Copy:{region}|{standing.get('documentNumber') or ''}",
                standing.get("until") or "",
                region,
                judged["agreement"],
                tuple(measure["id"] for measure in judged["measures"]),
            )
        )
    return found, stale


def _copied(
    copies: Copies, regions: Sequence[str], codes: Sequence[str], oldest: int
) -> tuple[list[tuple[str, str, Mapping[str, Any]]], tuple[str, ...]]:
    found, stale = [], []
    for region in regions:
        position = copies.position(region)
        if position is None or position.synced_us < oldest:
            stale.append(region)
            continue
        for code, facts in copies.held(region, codes).items():
            found += [(region, code, copied.fact) for copied in facts]
    return found, tuple(stale)

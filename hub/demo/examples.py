"""Firms of the running demonstration that show something, found by asking as any client would.

So what is printed can be copied as it stands: a penalty that reaches a person, a firm that several cities know, and a
bar that reaches over a city's border.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.cli.query import LocalAsker
from hub.demo.hubs import RunningHub
from hub.settings import Settings, load_settings
from schema.errors import HubError

WITHIN = 30.0  # seconds; the neighbours' feeds and the persons they share come within a few
PAUSE = 0.5
LISTED = """query Listed { records(filter: {kinds: [PENALTY, LIST_ENTRY]}, first: 200) {
 nodes { documentNumber kind subject { code name region } } } }"""
EFFECTS = """query Effects($code: USCC!) { penetration(subject: $code) { reached { ruleId article effect illustrative
 attributedOn until lastDay person { name token } source { documentNumber kind listType }
 path { kind from to validFrom validTo } } notReached { ruleId reason } } }"""
ABROAD = """query Abroad($code: USCC!, $regions: [String!]) { penetration(subject: $code, regions: $regions) {
 reached { effect reportedOn { code region } } } }"""
RECOGNISED = """query Everywhere($codes: [String!]!) { recognisedBatch(subjects: $codes) { code answers {
 region authority status basis mappedValue mappingRule agreement reason receipt
 value { ... on Record { documentNumber kind listType state } ... on Rating { scale grade } } } } }"""


class Failed(Exception):
    """Something that must hold does not."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Codes; None where the demonstration has no such firm (one city alone, given files)."""

    pierced: str | None = None
    known_widely: str | None = None
    barred_abroad: str | None = None


def settings_of(hub: RunningHub) -> Settings:
    return load_settings({name: value for name, value in hub.environment.items() if name.startswith("HUB_")})


async def ask(asker: LocalAsker, document: str, variables: Mapping[str, Any]) -> tuple[Any, Any]:
    """The data and the exchange. Raises Failed when the answer has errors."""
    headers = {"Content-Type": "application/json", "Credit-Purpose": "mutual-recognition"}
    body = json.dumps({"query": document, "variables": variables}).encode()
    exchange = await asker.ask("credit:mutual", headers, body)
    answer = json.loads(exchange.answer)
    if exchange.status != 200 or answer.get("errors"):
        raise Failed(f"the hub answered {exchange.status}: {exchange.answer.decode()[:300]}")
    return answer["data"], exchange


def held_in(row: Mapping[str, Any]) -> set[str]:
    """The regions that say something of a firm, out of its row of ``recognisedBatch``."""
    return {one["region"] for one in row["answers"] if one["value"]}


async def find_examples(hubs: Sequence[RunningHub]) -> Examples:
    """Asks the first hub; what is not found in time is left out, since a demonstration goes on without it."""
    try:
        async with LocalAsker(settings_of(hubs[0])) as asker:
            data, _ = await ask(asker, LISTED, {})
            nodes = [node for node in data["records"]["nodes"] if node["subject"]]
            codes = list(dict.fromkeys(node["subject"]["code"] for node in nodes))
            pierced = await _pierced(asker, codes)
            if len(hubs) == 1:
                return Examples(pierced)
            listed = list(dict.fromkeys(node["subject"]["code"] for node in nodes if node["kind"] == "LIST_ENTRY"))
            regions = [hub.city.region for hub in hubs]
            known = await _soon(lambda: _known_widely(asker, codes))
            barred = await _soon(lambda: _barred_abroad(asker, listed, regions))
            return Examples(pierced, known, barred)
    except (Failed, HubError):
        return Examples()


async def _soon(look: Any) -> str | None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN
    while True:
        found: str | None = await look()
        if found or loop.time() > deadline:
            return found
        await asyncio.sleep(PAUSE)


async def _pierced(asker: LocalAsker, codes: Sequence[str]) -> str | None:
    for code in codes:
        data, _ = await ask(asker, EFFECTS, {"code": code})
        if any(not effect["illustrative"] for effect in data["penetration"]["reached"]):
            return code
    return codes[0] if codes else None


async def _known_widely(asker: LocalAsker, codes: Sequence[str]) -> str | None:
    """The firm of which most other cities' word counts here by an agreement."""
    data, _ = await ask(asker, RECOGNISED, {"codes": list(codes)[:200]})

    def recognised(row: Mapping[str, Any]) -> int:
        return len({one["region"] for one in row["answers"] if one["agreement"] and one["status"] == "ANSWERED"})

    row = max(data["recognisedBatch"], key=recognised, default=None)
    return row["code"] if row is not None and recognised(row) else None


async def _barred_abroad(asker: LocalAsker, codes: Sequence[str], regions: Sequence[str]) -> str | None:
    for code in codes:
        data, _ = await ask(asker, ABROAD, {"code": code, "regions": list(regions)})
        for effect in data["penetration"]["reached"]:
            reported = {one["region"] for one in effect["reportedOn"] or ()}
            if reported - {regions[0]}:
                return code
    return None

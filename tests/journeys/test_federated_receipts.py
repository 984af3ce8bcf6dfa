"""Receipts across cities: a neighbour's word carries its own, and one's own ends when the neighbour takes it back."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode

import httpx
import pytest

from tests.journeys.delta import Delta

pytestmark = pytest.mark.slow

HERE, THERE = "330700", "330500"
PENALTIES = "{ records(filter: {kinds: [PENALTY]}, first: 50) { nodes { documentNumber subject { code } } } }"
RECOGNISED = """query R($c: USCC!) { recognised(subject: $c) { region status basis receipt
 value { ... on Record { documentNumber } } } }"""


def receipt_of(exchange) -> str:
    return {name.lower(): value for name, value in exchange.answer_headers}["credit-receipt"]


def claims(jws: str) -> dict:
    part = jws.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def recognised(delta: Delta, code: str):
    exchange = await delta.exchange(HERE, RECOGNISED, {"c": code})
    return receipt_of(exchange), json.loads(exchange.answer)["data"]["recognised"]


async def answered_live(delta: Delta, code: str):
    """A federated answer in which the neighbour itself spoke."""
    deadline = time.monotonic() + 60
    while True:
        receipt, answers = await recognised(delta, code)
        theirs = [one for one in answers if one["region"] == THERE]
        if {one["basis"] for one in theirs} == {"LIVE"}:
            return receipt, theirs
        assert time.monotonic() < deadline, theirs
        await asyncio.sleep(0.5)


def status(delta: Delta, receipt: str) -> str:
    return httpx.get(f"{delta.cities[HERE].listen}/receipts/{receipt}", trust_env=False).json()["status"]


async def test_a_neighbours_word_carries_its_receipt_and_ones_own_ends_with_it(delta: Delta, tmp_path):
    nodes = (await delta.ask(THERE, PENALTIES, {}))["records"]["nodes"]
    code, number = nodes[-1]["subject"]["code"], nodes[-1]["documentNumber"]
    receipt, theirs = await answered_live(delta, code)
    said = claims(theirs[0]["receipt"])
    assert (said["iss"], said["kind"]) == (delta.cities[THERE].url, "graphql")
    known = httpx.get(f"{delta.cities[THERE].listen}/receipts/{said['jti']}", trust_env=False).json()
    assert known["status"] == "VALID"
    local = receipt_of(await delta.exchange(HERE, "query S($c: USCC!) { subject(code: $c) { code } }", {"c": code}))
    await asyncio.sleep(1.5)
    assert status(delta, receipt) == "VALID"

    file = tmp_path / "repairs.csv"
    file.write_text(f"决定书文号,处理类型,日期,机关\n{number},撤销,{delta.today},某机关\n", encoding="utf-8")
    loaded = delta.command(THERE, "load", str(file), "--today", delta.today)
    assert loaded.returncode == 0, loaded.stderr
    began = time.monotonic()
    while status(delta, receipt) != "REVOKED":
        assert time.monotonic() - began < 5, status(delta, receipt)
        await asyncio.sleep(0.1)
    assert status(delta, local) == "VALID", "an answer of this city alone still stands"
    _, after = await recognised(delta, code)
    assert number not in [(one["value"] or {}).get("documentNumber") for one in after]
    known = httpx.get(f"{delta.cities[THERE].listen}/receipts/{said['jti']}", trust_env=False).json()
    assert known["status"] == "REVOKED"

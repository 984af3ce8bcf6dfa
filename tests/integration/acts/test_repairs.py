"""Repairs: from when by the rule of the record's day, who decides, what every reader sees, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph_wiping import wipe

from graph_loaders.engine import Engine
from graph_loaders.reader.reading import global_id
from hub.ledger import Ledger
from hub.settings import Settings
from tests.integration.acts.counter import BANK, DECIDER, NEIGHBOUR, OWNER, SECOND, Counter, open_counter, penalty
from tests.integration.acts.desk import FIRM, OTHER

REPAIR = "id state rule madeOn dueOn departmentDueOn overdue repairedFrom steps { state by }"
MAY = "query($r: ID!, $d: Date) { mayRepair(record: $r, asOf: $d) { allowed reasons { rule because from } } }"
RECORDS = (
    penalty("修1"),
    penalty("修2"),
    penalty("严1", tier="严重"),
    penalty("旧1", decided_on="2026-03-31"),
    penalty("市1", authority="常州市市场监督管理局"),
    penalty("修他", code=OTHER),
)


@pytest.fixture
async def counter(settings: Settings, clean_graph: Engine, tmp_path: Path) -> AsyncIterator[Counter]:
    await wipe(clean_graph)
    async with await Ledger.open(settings) as ledger:
        yield await open_counter(settings, ledger, clean_graph, tmp_path, *RECORDS)


def wish(counter: Counter, number: str = "修1", **more: Any) -> dict[str, Any]:
    return {"record": counter.ids[number], "commitment": "依法经营", "evidence": ["缴款凭证1号"], **more}


async def may(counter: Counter, number: str, day: str | None = None, who: Any = OWNER) -> tuple[Any, ...]:
    found = (await counter.query(MAY, who, r=counter.ids[number], d=day))["data"]["mayRepair"]
    return found["allowed"], found["reasons"][0]["rule"], found["reasons"][0]["from"]


async def test_a_granted_record_is_repaired_for_everybody_and_no_other_is(counter: Counter):
    assert await may(counter, "修1") == (True, "repair-order-36", None)
    assert await may(counter, "修1", "2026-08-31") == (False, "repair-order-36", "2026-09-01")
    assert await may(counter, "严1") == (False, "repair-order-36", "2027-06-01")
    assert await may(counter, "旧1") == (True, "repair-order-58", None)
    assert await may(counter, "市1") == (True, "repair-samr-penalty-2025", None)
    made = await counter.desk.do("applyForRepair", REPAIR, wish(counter), who=OWNER)
    assert (made["state"], made["rule"], made["dueOn"]) == ("RECEIVED", "repair-order-36", "2026-11-16")
    assert (await counter.record("修1", BANK))["state"] == "ACTIVE"
    given = {"repair": made["id"], "outcome": "GRANTED", "reason": "符合条件"}
    done = await counter.desk.do("decideRepair", REPAIR, given, who=DECIDER)
    assert (done["state"], done["repairedFrom"]) == ("GRANTED", "2026-11-02")
    assert await counter.record("修1", BANK) is None
    assert (await counter.record("修1", OWNER))["state"] == "REPAIRED"
    assert (await counter.record("修2", BANK))["state"] == "ACTIVE"
    assert (await may(counter, "修1"))[0] is False
    document = "query($c: USCC) { repairs(filter: {subject: $c}) { nodes { documentNumber state steps { by } } } }"
    own = (await counter.query(document, OWNER, c=FIRM))["data"]["repairs"]["nodes"]
    assert own == [{"documentNumber": "修1", "state": "GRANTED", "steps": [{"by": "firm"}, {"by": "decider"}]}]
    for who in (NEIGHBOUR, BANK):
        assert (await counter.query(document, who, c=FIRM))["data"] in ({"repairs": None}, None)


async def test_what_is_refused_writes_nothing(counter: Counter):
    made = await counter.desk.do("applyForRepair", REPAIR, wish(counter), who=OWNER)
    before = await counter.desk.count()
    early = await counter.desk.refused("applyForRepair", wish(counter, "严1"), who=OWNER)
    assert (early["code"], early["reasons"][0]["from"]) == ("NOT_POSSIBLE", "2027-06-01")
    for given, code in (
        (wish(counter), "CONFLICT"),
        (wish(counter, "修2", commitment=""), "BAD_USER_INPUT"),
        (wish(counter, "修2", evidence=[]), "BAD_USER_INPUT"),
        (wish(counter, "修2", commitment="a\u202eb"), "BAD_USER_INPUT"),
        (wish(counter, "修2", commitment="a\x00"), "BAD_USER_INPUT"),
        (wish(counter, "修2", commitment="x" * 1_000_000), "LIMIT_EXCEEDED"),
    ):
        found = await counter.desk.refused("applyForRepair", given, who=OWNER)
        assert (found["code"], bool(found["hint"])) == (code, True)
    document = counter.desk.document("applyForRepair", "id")
    for named in (global_id("Record", "0" * 32), global_id("Subject", FIRM), "x", counter.ids["修他"]):
        answer = await counter.desk.ask(document, '"k"', who=OWNER, given={**wish(counter), "record": named})
        assert b'"applyForRepair":null' in answer.body
    decide = {"repair": made["id"], "outcome": "GRANTED", "reason": "x"}
    for given, who, code in (
        ({**decide, "on": "2026-11-03"}, DECIDER, "BAD_USER_INPUT"),
        ({**decide, "on": "2026-11-01"}, DECIDER, "BAD_USER_INPUT"),
        ({**decide, "reason": " "}, DECIDER, "BAD_USER_INPUT"),
        ({**decide, "repair": "0192f0c0-0000-7000-8000-000000000000"}, DECIDER, "NOT_FOUND"),
        (decide, replace(DECIDER, client_id=OWNER.client_id), "NOT_POSSIBLE"),
    ):
        assert (await counter.desk.refused("decideRepair", given, who=who))["code"] == code
    assert await counter.desk.count() == before
    await counter.desk.do("decideRepair", "id", {**decide, "outcome": "REFUSED"}, who=DECIDER)
    assert (await counter.desk.refused("decideRepair", decide, who=SECOND))["code"] == "CONFLICT"
    assert (await counter.record("修1", BANK))["state"] == "ACTIVE"

"""Commitments: made, kept, broken, restricted until made good; warnings once; what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph_wiping import wipe

from graph_loaders.engine import Engine
from hub.acts.commitments import ROOM
from hub.acts.due_work import DueWork
from hub.ledger import Ledger
from hub.settings import Settings
from tests.integration.acts.counter import DECIDER, NEIGHBOUR, OWNER, Counter, open_counter, penalty
from tests.integration.acts.desk import CLERK, FIRM

MADE = "number state keptOn dueOn warned waived { value unit } documentsDue { name dueOn } subject { code }"
WISH = {"subject": FIRM, "kind": "告知承诺", "matter": "食品经营许可", "items": ["场所符合要求"], "dueOn": "2026-11-05"}
MAY = 'query($c: USCC!) { mayCommit(subject: $c, kind: "告知承诺") { allowed reasons { rule because } } }'


@pytest.fixture
async def counter(settings: Settings, clean_graph: Engine, tmp_path: Path) -> AsyncIterator[Counter]:
    await wipe(clean_graph)
    async with await Ledger.open(settings) as ledger:
        yield await open_counter(settings, ledger, clean_graph, tmp_path, penalty("罚1"))


async def make(counter: Counter, who: Any = CLERK, **more: Any) -> Any:
    return await counter.desk.do("makeCommitment", MADE, {**WISH, **more}, who=who)


async def may(counter: Counter, who: Any = CLERK) -> bool:
    return (await counter.query(MAY, who, c=FIRM))["data"]["mayCommit"]["allowed"]


async def held(counter: Counter) -> list[Any]:
    found = await counter.query(f'{{ subject(code: "{FIRM}") {{ commitments {{ number state keptOn }} }} }}', DECIDER)
    return found["data"]["subject"]["commitments"]


async def becomes(look: Any, counter: Counter, wanted: Any) -> None:
    """Waits for what the graph says; claims come there after the act."""
    for _ in range(100):
        if (found := await look(counter)) == wanted:
            return
        await asyncio.sleep(0.1)
    assert found == wanted


async def test_a_false_commitment_restricts_until_it_is_made_good(counter: Counter):
    later = [{"name": "消防验收", "dueOn": "2026-11-20"}]
    made = await make(counter, documentsDue=later, waived="50000.00")
    assert (made["state"], made["documentsDue"], made["subject"]) == ("DUE", later, {"code": FIRM})
    assert made["waived"] == {"value": "50000.00", "unit": "CNY"}
    await becomes(held, counter, [{"number": made["number"], "state": "DUE", "keptOn": None}])
    await becomes(may, counter, True)
    breach = {"commitment": made["number"], "how": "FALSE", "found": "场所不符"}
    assert (await counter.desk.do("reportBreach", MADE, breach))["state"] == "FALSE"
    await becomes(held, counter, [{"number": made["number"], "state": "FALSE", "keptOn": None}])
    await becomes(may, counter, False)
    refused = await counter.desk.refused("makeCommitment", WISH)
    assert (refused["code"], refused["reasons"][0]["rule"]) == ("NOT_POSSIBLE", "commitment")
    kept = {"commitment": made["number"], "on": "2026-11-02", "evidence": ["复查记录"]}
    done = await counter.desk.do("fulfilCommitment", MADE, kept)
    assert (done["state"], done["keptOn"]) == ("FALSE", "2026-11-02")
    await becomes(may, counter, True)
    again = await make(counter, OWNER)
    assert (await counter.desk.refused("fulfilCommitment", {**kept, "commitment": again["number"]}))["code"] == (
        "NOT_FOUND"
    )
    own = await counter.desk.do("fulfilCommitment", MADE, {**kept, "commitment": again["number"]}, who=DECIDER)
    assert own["state"] == "KEPT"


async def test_each_false_one_is_held_as_false_whatever_the_hashes_of_its_claims(counter: Counter):
    for _ in range(6):
        made = await make(counter)
        await counter.desk.do("reportBreach", MADE, {"commitment": made["number"], "how": "FALSE", "found": "不符"})
        found = {one["number"]: one["state"] for one in await held(counter)}
        assert found[made["number"]] == "FALSE"
        assert await may(counter) is False
        kept = {"commitment": made["number"], "on": "2026-11-02", "evidence": ["复查记录"]}
        await counter.desk.do("fulfilCommitment", MADE, kept)
        await becomes(may, counter, True)


async def test_a_deadline_is_told_once_and_not_after_it_was_kept(counter: Counter):
    told, kept = await make(counter, dueOn="2026-11-03"), await make(counter, dueOn="2026-11-03")
    await counter.desk.do("fulfilCommitment", "state", {"commitment": kept["number"], "on": "2026-11-02"})
    work = DueWork(counter.desk.acts.standing, ROOM.due)
    rows = [
        {"id": f"commitment-due/{one['number']}/0/2026-11-03", "kind": "commitment-due", "thing": one["number"]}
        | {"about": '{"what": "告知承诺", "due": "2026-11-03"}'}
        for one in (told, kept)
    ]
    await work.do(rows)
    for one, count in ((told, 1), (kept, 0)):
        acts = await counter.desk.journal.case(one["number"])
        assert sum(act.kind == "commitment-warning" for act in acts) == count
    with pytest.raises(Exception, match="done already"):
        await work.do(rows)


async def test_what_is_refused_writes_nothing(counter: Counter):
    made = await make(counter)
    before, number = await counter.desk.count(), made["number"]
    for name, given, code in (
        ("makeCommitment", {**WISH, "dueOn": "2026-11-01"}, "BAD_USER_INPUT"),
        ("makeCommitment", {**WISH, "kind": " "}, "BAD_USER_INPUT"),
        ("makeCommitment", {**WISH, "matter": "a\u202e"}, "BAD_USER_INPUT"),
        ("makeCommitment", {**WISH, "matter": "a\x00"}, "BAD_USER_INPUT"),
        ("makeCommitment", {**WISH, "matter": "x" * 1_000_000}, "LIMIT_EXCEEDED"),
        ("makeCommitment", {**WISH, "waived": "-1"}, "BAD_USER_INPUT"),
        ("fulfilCommitment", {"commitment": number, "on": "2026-11-03"}, "BAD_USER_INPUT"),
        ("fulfilCommitment", {"commitment": number, "on": "2026-11-01"}, "BAD_USER_INPUT"),
        ("fulfilCommitment", {"commitment": "x", "on": "2026-11-02"}, "NOT_FOUND"),
        ("reportBreach", {"commitment": number, "how": "LATE", "found": "x"}, "NOT_POSSIBLE"),
        ("reportBreach", {"commitment": number, "how": "FALSE", "found": ""}, "BAD_USER_INPUT"),
    ):
        found = await counter.desk.refused(name, given)
        assert (found["code"], bool(found["hint"])) == (code, True), (name, str(given)[:90])
    kept = {"commitment": number, "on": "2026-11-02"}
    other = replace(CLERK, client_id="other")
    assert (await counter.desk.refused("fulfilCommitment", kept, who=other))["code"] == "NOT_FOUND"
    document = counter.desk.document("makeCommitment", "number")
    assert b'"makeCommitment":null' in (await counter.desk.ask(document, '"k"', who=NEIGHBOUR, given=WISH)).body
    assert await counter.desk.count() == before
    await counter.desk.do("fulfilCommitment", "state", kept)
    assert (await counter.desk.refused("fulfilCommitment", kept))["code"] == "CONFLICT"

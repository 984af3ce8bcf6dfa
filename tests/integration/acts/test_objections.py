"""Objections: who may make them, who decides, what every reader sees meanwhile and afterwards, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph_wiping import wipe

from graph_loaders.engine import Engine
from graph_loaders.reader.reading import global_id
from hub.acts.model import Claim
from hub.ledger import Ledger
from hub.settings import Settings
from policies import load_policies
from tests.integration.acts.counter import (
    BANK,
    DECIDER,
    NEIGHBOUR,
    OWNER,
    SECOND,
    Counter,
    open_counter,
    penalty,
)
from tests.integration.acts.desk import FIRM, OTHER

OBJECTION = "id state dueOn departmentDueOn overdue provisional documentNumber receipt steps { state by }"
LISTED = {"list_type": "失信被执行人", "name": "某某公司", "code": FIRM, "document": "罚双", "listed_on": "2026-06-01"}
RECORDS = (
    *(penalty(number) for number in ("罚1", "罚2", "罚3", "罚4", "罚5", "罚双")),
    penalty("罚他", code=OTHER),
    Claim("lists", {**LISTED, "authority": "常州市武进区人民法院"}),
)


@pytest.fixture
async def counter(settings: Settings, clean_graph: Engine, tmp_path: Path) -> AsyncIterator[Counter]:
    await wipe(clean_graph)
    async with await Ledger.open(settings) as ledger:
        yield await open_counter(settings, ledger, clean_graph, tmp_path, *RECORDS)


async def make(counter: Counter, number: str = "罚1", **more: Any) -> Any:
    given = {"record": counter.ids[number], "ground": "处罚对象有误", "evidence": ["判决书（2026）1号"]}
    return await counter.desk.do("objectTo", OBJECTION, given, who=OWNER, **more)


async def test_the_flag_is_with_the_record_for_every_reader_until_it_is_decided(counter: Counter):
    made = await make(counter)
    assert (made["state"], made["dueOn"], made["departmentDueOn"]) == ("RECEIVED", "2026-11-16", "2026-11-05")
    assert (made["overdue"], made["provisional"]) == (False, False)
    for who in (OWNER, DECIDER, BANK):
        assert await counter.record("罚1", who) == {"state": "ACTIVE", "objectionPending": True}
        assert await counter.record("罚2", who) == {"state": "ACTIVE", "objectionPending": False}
    given = {"objection": made["id"], "outcome": "UPHELD", "reason": "核查属实"}
    done = await counter.desk.do("decideObjection", OBJECTION, given, who=DECIDER)
    assert (done["state"], [step["state"] for step in done["steps"]]) == ("UPHELD", ["RECEIVED", "UPHELD"])
    for who in (OWNER, DECIDER, BANK):
        assert await counter.record("罚1", who) == {"state": "ACTIVE", "objectionPending": False}
    again = await make(counter)
    assert again["id"] != made["id"]
    assert (await counter.record("罚1", BANK))["objectionPending"] is True


@pytest.mark.parametrize("outcome", ["CORRECTED", "REVOKED"])
async def test_what_was_wrong_is_void_for_everybody_and_nothing_else_is(counter: Counter, outcome: str):
    made = await make(counter, "罚3")
    given = {"objection": made["id"], "outcome": outcome, "reason": "对象有误"}
    await counter.desk.do("decideObjection", "state", given, who=DECIDER)
    assert await counter.record("罚3", BANK) is None
    for who in (OWNER, DECIDER, BANK):
        if who is not BANK:
            assert await counter.record("罚3", who) == {"state": outcome, "objectionPending": False}
        assert (await counter.record("罚4", who))["state"] == "ACTIVE"
    document = (
        "query($c: USCC) { records(filter: {subject: $c, includeVoid: true}) { nodes { documentNumber state } } }"
    )
    found = await counter.query(document, DECIDER, c=FIRM)
    states = {node["documentNumber"]: node["state"] for node in found["data"]["records"]["nodes"]}
    assert states["罚3"] == outcome
    assert {state for number, state in states.items() if number != "罚3"} == {"ACTIVE"}
    refused = await counter.desk.refused("objectTo", {"record": counter.ids["罚3"], "ground": "再"}, who=OWNER)
    assert refused["code"] == "CONFLICT"


async def test_the_subject_sees_its_own_and_who_decided_only_as_that(counter: Counter):
    made = await make(counter)
    given = {"objection": made["id"], "outcome": "UPHELD", "reason": "属实"}
    await counter.desk.do("decideObjection", "id", given, who=DECIDER)
    await make(counter, "罚2")
    fields = "nodes { documentNumber state steps { by } record { documentNumber } subject { code } }"
    document = f"query($c: USCC) {{ objections(filter: {{subject: $c}}) {{ {fields} }} }}"
    own = (await counter.query(document, OWNER, c=FIRM))["data"]["objections"]["nodes"]
    assert [(node["documentNumber"], node["state"]) for node in own] == [("罚2", "RECEIVED"), ("罚1", "UPHELD")]
    assert own[1]["steps"] == [{"by": "firm"}, {"by": "decider"}]
    assert own[0]["record"] == {"documentNumber": "罚2"}
    assert own[0]["subject"] == {"code": FIRM}
    for who in (NEIGHBOUR, BANK):
        assert (await counter.query(document, who, c=FIRM))["data"] in ({"objections": None}, None)
    late = "query($d: Date, $s: ObjectionState) { objections(filter: {dueBefore: $d, state: $s}) { nodes { state } } }"
    assert (await counter.query(late, DECIDER, d="2026-11-16"))["data"]["objections"]["nodes"] == []
    open_ones = await counter.query(late, DECIDER, d="2026-11-17")
    assert open_ones["data"]["objections"]["nodes"] == [{"state": "RECEIVED"}]
    upheld = await counter.query(late, DECIDER, s="UPHELD")
    assert upheld["data"]["objections"]["nodes"] == [{"state": "UPHELD"}]


async def test_a_repeated_request_reads_the_same_act(counter: Counter):
    made = await make(counter, key='"once"')
    given = {"objection": made["id"], "outcome": "UPHELD", "reason": "属实"}
    await counter.desk.do("decideObjection", "id", given, who=DECIDER)
    assert await make(counter, key='"once"') == made


PLACE = """[pack]
title = "t"
title_zh = "测试"
[[procedure]]
id = "objection-of-two"
kind = "objection"
title_zh = "双人裁决"
article = "测试"
source = "illustrative"
days = 5
department_days = 2
four_eyes = true
"""


async def test_two_people_decide_where_the_place_wants_it(settings: Settings, clean_graph: Engine, tmp_path: Path):
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "place.toml").write_text(PLACE, encoding="utf-8")
    policies = load_policies("320400", [folder])
    await wipe(clean_graph)
    async with await Ledger.open(settings) as ledger:
        counter = await open_counter(settings, ledger, clean_graph, tmp_path, penalty("双1"), policies=policies)
        made = await make(counter, "双1")
        assert made["dueOn"] == "2026-11-09"
        given = {"objection": made["id"], "outcome": "REVOKED", "reason": "撤"}
        first = await counter.desk.do("decideObjection", OBJECTION, given, who=DECIDER)
        assert first["state"] == "PROPOSED"
        assert await counter.record("双1", BANK) == {"state": "ACTIVE", "objectionPending": True}
        assert (await counter.desk.refused("decideObjection", given, who=DECIDER))["code"] == "NOT_POSSIBLE"
        otherwise = {**given, "outcome": "UPHELD"}
        assert (await counter.desk.refused("decideObjection", otherwise, who=SECOND))["code"] == "CONFLICT"
        done = await counter.desk.do("decideObjection", OBJECTION, given, who=SECOND)
        assert done["state"] == "REVOKED"
        assert (await counter.desk.journal.case(made["id"]))[2].body["approves"]
        assert await counter.record("双1", BANK) is None


async def test_what_is_refused_writes_nothing(counter: Counter):
    made, record = await make(counter), counter.ids["罚5"]
    before = await counter.desk.count()
    wrong = [
        ({"record": counter.ids["罚1"], "ground": "再"}, "CONFLICT"),
        ({"record": record, "ground": "  "}, "BAD_USER_INPUT"),
        ({"record": record, "ground": "a\u202eb"}, "BAD_USER_INPUT"),
        ({"record": record, "ground": "a\x00b"}, "BAD_USER_INPUT"),
        ({"record": record, "ground": "长" * 2001}, "LIMIT_EXCEEDED"),
        ({"record": record, "ground": "x" * 1_000_000}, "LIMIT_EXCEEDED"),
        ({"record": record, "ground": "x", "evidence": ["e"] * 21}, "LIMIT_EXCEEDED"),
        ({"record": record, "ground": "x", "evidence": ["a\u2066"]}, "BAD_USER_INPUT"),
        ({"record": counter.ids["罚双"], "ground": "一号两案"}, "NOT_POSSIBLE"),
    ]
    for given, code in wrong:
        found = await counter.desk.refused("objectTo", given, who=OWNER)
        assert (found["code"], bool(found["hint"])) == (code, True), given["ground"][:20]
    document = counter.desk.document("objectTo", "id")
    for named in (global_id("Record", "0" * 32), global_id("Subject", FIRM), "x", counter.ids["罚他"]):
        answer = await counter.desk.ask(document, '"k"', who=OWNER, given={"record": named, "ground": "非本主体"})
        assert b'"objectTo":null' in answer.body
    decide = {"objection": made["id"], "outcome": "REVOKED", "reason": "x"}
    for given, who, code in (
        ({**decide, "reason": ""}, DECIDER, "BAD_USER_INPUT"),
        (decide, replace(DECIDER, client_id=OWNER.client_id), "NOT_POSSIBLE"),
        ({**decide, "objection": "0192f0c0-0000-7000-8000-000000000000"}, DECIDER, "NOT_FOUND"),
    ):
        assert (await counter.desk.refused("decideObjection", given, who=who))["code"] == code
    assert await counter.desk.count() == before
    await counter.desk.do("decideObjection", "id", {**decide, "outcome": "UPHELD"}, who=DECIDER)
    assert (await counter.desk.refused("decideObjection", decide, who=SECOND))["code"] == "CONFLICT"
    assert await counter.desk.count() == before + 1

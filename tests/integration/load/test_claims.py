"""Which claims are held, whatever the order in which they come, on both engines."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from load_facts import contract, ending, lift, penalty, role, state

from graph_loaders.engine import Engine
from graph_loaders.load.version import Clock, data_version
from graph_loaders.load.writer import Writer
from schema.times import OPEN_INSTANT

HELD_RECORDS = "MATCH (n:Record {document: $of}) WHERE n.retracted_at = $open RETURN n.amount AS it ORDER BY it"
HELD_NAMES = "MATCH (n:SubjectState {code: $of}) WHERE n.retracted_at = $open RETURN n.name AS it ORDER BY it"
HELD_ROLES = "MATCH (:Subject {code: $of})<-[r:REPRESENTS]-(p) WHERE r.retracted_at = $open RETURN p.token AS it"
KNOWN = """MATCH (n:Record {document: $of}) WHERE n.recorded_at <= $at AND $at < n.retracted_at
MATCH (n)-[:ABOUT]->(s) MATCH (n)-[:DECIDED_IN]->(d) RETURN n.amount AS it"""
UNCLAIM = "MATCH (n:Record {document: $of}) WHERE n.amount = $amount SET n.claimed = false RETURN n.key AS key"


async def write(engine: Engine, *batches: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    clock = await Clock.start(engine)
    for batch in batches:
        await Writer(engine, clock, "run", "key").write(batch)


async def held(engine: Engine, statement: str, of: str) -> list[str]:
    return [row["it"] for row in await engine.read(statement, {"of": of, "open": OPEN_INSTANT})]


async def test_two_fines_of_one_decision_hold_none(clean_graph: Engine) -> None:
    one, two = penalty("罚1", "C1", "100"), penalty("罚1", "C1", "200")
    await write(clean_graph, {"Record": [one]})
    assert await held(clean_graph, HELD_RECORDS, "罚1") == ["100"]
    await write(clean_graph, {"Record": [two]})
    assert await held(clean_graph, HELD_RECORDS, "罚1") == []


async def test_of_claims_that_do_not_conflict_the_earlier_end_is_held_in_any_order(clean_graph: Engine) -> None:
    for number, order in enumerate(itertools.permutations(["2026-03-31", "2026-06-30", "2026-12-31"])):
        document = f"罚2-{number}"
        for end in order:
            await write(clean_graph, {"Record": [penalty(document, "C1", "100", end)]})
        rows = await clean_graph.read(
            "MATCH (n:Record {document: $of}) WHERE n.retracted_at = $open RETURN n.valid_to AS it",
            {"of": document, "open": OPEN_INSTANT},
        )
        assert [row["it"] for row in rows] == ["2026-03-31"]


async def test_a_completed_contract_wins_over_the_open_one(clean_graph: Engine) -> None:
    await write(clean_graph, {"Contract": [contract("H1", "C1", "C2", "2026-05-01")]})
    await write(clean_graph, {"Contract": [contract("H1", "C1", "C2")]})
    rows = await clean_graph.read(
        """MATCH (n:Contract {number: 'H1'}) WHERE n.retracted_at = $open
        MATCH (s:Subject)-[p:PARTY_TO]->(n) RETURN n.completed_on AS done, s.code AS code, p.role AS role
        ORDER BY code""",
        {"open": OPEN_INSTANT},
    )
    assert rows == [
        {"done": "2026-05-01", "code": "C1", "role": "PARTY_A"},
        {"done": "2026-05-01", "code": "C2", "role": "PARTY_B"},
    ]


async def test_a_code_under_two_names_has_neither_name_nor_representative(clean_graph: Engine) -> None:
    first = {"SubjectState": [state("C3", "甲公司")], "Role": [role("C3", "aa")]}
    await write(clean_graph, first)
    assert await held(clean_graph, HELD_NAMES, "C3") == ["甲公司"]
    assert await held(clean_graph, HELD_ROLES, "C3") == ["aa"]
    await write(clean_graph, {"SubjectState": [state("C3", "乙公司")], "Role": [role("C3", "bb")]})
    assert await held(clean_graph, HELD_NAMES, "C3") == []
    assert await held(clean_graph, HELD_ROLES, "C3") == []


async def test_loading_again_changes_nothing_at_all(clean_graph: Engine) -> None:
    batch = {
        "SubjectState": [state("C4", "丁公司")],
        "Role": [role("C4", "cc"), role("C4", relation="HOLDS", holder_code="C5", share=60.0)],
        "Record": [penalty("罚4", "C4")],
        "Ending": [ending("罚4", "REPAIR", "2026-05-01")],
        "Lift": [lift("罚4", "cc", "2026-05-01")],
    }
    await write(clean_graph, batch)
    everything = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS nodes, count(r) AS relations"
    before = (await clean_graph.read(everything), await data_version(clean_graph))
    await write(clean_graph, batch)
    assert (await clean_graph.read(everything), await data_version(clean_graph)) == before


async def test_a_version_that_comes_back_leaves_its_earlier_time_known(clean_graph: Engine) -> None:
    one, two = penalty("罚5", "C1", "100"), penalty("罚5", "C1", "200")
    await write(clean_graph, {"Record": [one]})
    first = int(await data_version(clean_graph))
    await write(clean_graph, {"Record": [two]})
    second = int(await data_version(clean_graph))
    await clean_graph.write(UNCLAIM, {"of": "罚5", "amount": "200"})
    await write(clean_graph, {"Record": [one]})
    third = int(await data_version(clean_graph))
    assert first < second < third
    for at, amounts in ((first - 1, []), (first, ["100"]), (second, []), (third - 1, []), (third, ["100"])):
        rows = await clean_graph.read(KNOWN, {"of": "罚5", "at": at})
        assert [row["it"] for row in rows] == amounts, at


async def test_a_person_has_the_smallest_of_the_names_given(clean_graph: Engine) -> None:
    await write(clean_graph, {"Lift": [lift("执1", "dd", "2026-05-01")]})
    await write(clean_graph, {"Role": [role("C6", "dd", name="王五"), role("C7", "dd", name="李四")]})
    await write(clean_graph, {"Role": [role("C8", "dd", name="赵六")]})
    rows = await clean_graph.read("MATCH (p:Person {token: 'dd'}) RETURN p.name AS name, p.adult_on AS adult_on")
    assert rows == [{"name": min("王五", "李四", "赵六"), "adult_on": "1990-01-01"}]


@pytest.mark.parametrize("order", [0, 1])
async def test_endings_and_lifts_find_their_document_before_or_after_it(clean_graph: Engine, order: int) -> None:
    document = f"罚6-{order}"
    parts: list[dict[str, Any]] = [
        {"Record": [penalty(document, "C1")]},
        {"Ending": [ending(document, "REPAIR", "2026-05-01")], "Lift": [lift(document, "ee", "2026-05-02")]},
    ]
    await write(clean_graph, *(parts if order else reversed(parts)))
    rows = await clean_graph.read(
        """MATCH (r:Record)-[:DECIDED_IN]->(d:Document {number: $of})<-[:ENDS]-(e:Ending)
        MATCH (d)<-[:LIFTS]-(l:Lift)-[:FOR]->(p:Person) RETURN e.on AS ended, l.on AS lifted, p.token AS token""",
        {"of": document},
    )
    assert rows == [{"ended": "2026-05-01", "lifted": "2026-05-02", "token": "ee"}]

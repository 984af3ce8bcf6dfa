"""Reads, writes and the schema on both engines, with the same expectations."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from neo4j.exceptions import ConstraintError, CypherSyntaxError

from graph_loaders.engine import Engine, migrate
from schema.errors import TimedOut

ENDLESS = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS x RETURN sum(x) AS s"


@pytest.fixture
def graph(clean_graph: Engine) -> Engine:
    return clean_graph


async def test_a_written_row_is_read_back_with_nested_values(graph: Engine) -> None:
    statement = "MERGE (s:Subject {code: $code}) RETURN s.code AS code, [1, 2.5, null, 'é', {a: $code}] AS nested"
    written = await graph.write(statement, {"code": "A"})
    read = await graph.read("MATCH (s:Subject {code: $code}) RETURN s {.code, missing: s.nothing} AS s", {"code": "A"})
    assert written == [{"code": "A", "nested": [1, 2.5, None, "é", {"a": "A"}]}]
    assert read == [{"s": {"code": "A", "missing": None}}]


async def test_a_transaction_of_several_statements_is_all_or_none(graph: Engine) -> None:
    create = "CREATE (:Subject {code: $code})"
    with pytest.raises(ConstraintError):
        await graph.write_many([(create, {"code": "all"}), (create, {"code": "all"})], idempotent=False)
    assert await graph.read("MATCH (s:Subject {code: 'all'}) RETURN count(*) AS n") == [{"n": 0}]


async def test_migrating_again_and_at_once_changes_nothing(graph: Engine) -> None:
    versions = await asyncio.gather(*(migrate(graph) for _ in range(4)))
    assert len(set(versions)) == 1
    assert await graph.read("MATCH (v:SchemaVersion) RETURN count(*) AS n") == [{"n": 1}]


async def test_contended_increments_are_all_kept(graph: Engine) -> None:
    await graph.write("MERGE (c:Counter {name: 'c'}) SET c.n = 0")

    async def climb() -> None:
        for _ in range(15):
            await graph.write("MATCH (c:Counter {name: 'c'}) SET c.n = c.n + 1")

    await asyncio.gather(*(climb() for _ in range(4)))
    assert await graph.read("MATCH (c:Counter {name: 'c'}) RETURN c.n AS n") == [{"n": 60}]


async def test_merging_one_key_at_once_makes_one_node(graph: Engine) -> None:
    merge = "MERGE (s:Subject {code: 'contended'}) ON CREATE SET s.by = $by"
    await asyncio.gather(*(graph.write(merge, {"by": i}) for i in range(8)))
    assert await graph.read("MATCH (s:Subject {code: 'contended'}) RETURN count(*) AS n") == [{"n": 1}]


async def test_a_syntax_fault_is_not_taken_for_an_outage(graph: Engine) -> None:
    with pytest.raises(CypherSyntaxError):
        await graph.read("MATCH (")
    assert graph.is_up


async def test_a_statement_past_its_limit_ends_and_says_so(graph: Engine) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut):
        await graph.read(ENDLESS, timeout=0.5)
    assert time.monotonic() - started < 2.5
    assert await graph.read("RETURN 1 AS one") == [{"one": 1}]


async def test_a_read_that_takes_long_does_not_open_the_breaker(graph: Engine) -> None:
    with pytest.raises(TimedOut):
        await graph.read(ENDLESS, timeout=2)
    assert graph.is_up


async def test_a_cancelled_read_leaves_the_engine_usable(graph: Engine) -> None:
    reading = asyncio.create_task(graph.read(ENDLESS))
    await asyncio.sleep(0.3)
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    assert reading.cancelled()
    assert await asyncio.gather(*(graph.read("RETURN $i AS i", {"i": i}) for i in range(8))) == [
        [{"i": i}] for i in range(8)
    ]


async def test_statements_are_counted_by_name(graph: Engine) -> None:
    seen: list[tuple[str, float]] = []
    graph.on_statement(lambda name, seconds: seen.append((name, seconds)))
    await graph.read("RETURN 1 AS one", name="subject")
    await graph.write("MERGE (s:Subject {code: 'B'})", name="load")
    assert [name for name, _ in seen] == ["subject", "load"]
    assert all(0 < seconds < 5 for _, seconds in seen)

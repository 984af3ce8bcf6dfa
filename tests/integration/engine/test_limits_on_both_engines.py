"""Statements that run too long, that nobody waits for any more, or that want too much memory."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from graph_loaders.engine import Engine, GraphConfig, open_engine
from graph_loaders.engine.place import Place
from schema.errors import TimedOut

LIMIT = 1.0
ENDLESS = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS x RETURN sum(x) AS s"
ENDLESS_WRITE = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b MERGE (r:Row {n: a % 3})"


@pytest.fixture
def short(graph_config: GraphConfig, tmp_path: Path) -> GraphConfig:
    """One second for every statement; the embedded engine is one of its own."""
    return replace(graph_config, data=tmp_path, timeout=LIMIT, heap_mb=256)


@pytest.fixture
async def graph(short: GraphConfig) -> AsyncIterator[Engine]:
    async with open_engine(short) as engine:
        yield engine


@pytest.fixture
def process(graph: Engine, short: GraphConfig, request: pytest.FixtureRequest) -> psutil.Process:
    address = Place(short.data.absolute()).address()
    return psutil.Process(address.pid if address else request.getfixturevalue("neo4j_server").pid)


async def idle_within(process: psutil.Process, seconds: float) -> None:
    """Fails unless the graph's process stops using the processor."""
    deadline = time.monotonic() + seconds
    while True:
        before = _busy(process)
        await asyncio.sleep(0.5)
        if _busy(process) - before < 0.2:
            return
        assert time.monotonic() < deadline, "the statement still runs"


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def test_a_statement_past_its_limit_ends_in_the_graph(graph: Engine, process: psutil.Process) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut) as told:
        await graph.read(ENDLESS)
    assert time.monotonic() - started < LIMIT + 2
    assert told.value.hint
    await idle_within(process, 2.5)


async def test_a_statement_that_nobody_waits_for_ends_in_the_graph(graph: Engine, process: psutil.Process) -> None:
    readings = [asyncio.create_task(graph.read(ENDLESS)) for _ in range(3)]
    await asyncio.sleep(0.4)
    for reading in readings:
        reading.cancel()
    results = await asyncio.gather(*readings, return_exceptions=True)
    assert {type(result) for result in results} == {asyncio.CancelledError}
    await idle_within(process, 2.5)
    assert await graph.read("RETURN 1 AS one") == [{"one": 1}]


async def test_a_shorter_limit_than_the_configured_one_holds(graph: Engine, process: psutil.Process) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut):
        await graph.read(ENDLESS, timeout=0.3)
    assert time.monotonic() - started < 2
    await idle_within(process, 2.5)


async def test_a_write_may_be_given_more_time_than_a_read(graph: Engine) -> None:
    some = "UNWIND range(1, 30000) AS a UNWIND range(1, 100) AS b WITH a % 7 AS x, sum(b) AS s MERGE (r:Row {n: x})"
    started = time.monotonic()
    while time.monotonic() - started < 1.5:
        await graph.write(some + " SET r.s = s", timeout=30)
        some = some.replace("range(1, 100)", "range(1, 1000)")
    assert await graph.write("MATCH (r:Row) DETACH DELETE r RETURN count(*) AS n") == [{"n": 7}]


async def test_the_statement_of_a_killed_process_ends_in_the_graph(
    graph: Engine, process: psutil.Process, short: GraphConfig
) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from graph_loaders.engine import GraphConfig, open_engine\n"
        "async def main(url, data, user, secret):\n"
        "    config = GraphConfig(Path(data), url, user, Path(secret) if secret else None, timeout=50)\n"
        "    async with open_engine(config) as engine:\n"
        "        print('asks', flush=True)\n"
        f"        await engine.read('{ENDLESS}')\n"
        "asyncio.run(main(*sys.argv[1:]))"
    )
    line = [sys.executable, "-c", code, short.url, str(short.data), short.user, str(short.password_file or "")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert await asyncio.to_thread(other.stdout.readline) == "asks\n"
        await asyncio.sleep(1)
        other.kill()
    await idle_within(process, 2.5)


async def test_a_write_past_its_limit_writes_nothing(graph: Engine, process: psutil.Process) -> None:
    with pytest.raises(TimedOut):
        await graph.write(ENDLESS_WRITE)
    await idle_within(process, 2.5)
    assert await graph.read("MATCH (r:Row) RETURN count(*) AS n") == [{"n": 0}]


async def test_a_statement_that_wants_all_memory_does_not_take_the_graph_away_for_long(graph: Engine) -> None:
    grow = "RETURN size(reduce(text = 'x', i IN range(1, 29) | text + text)) AS n"
    with contextlib.suppress(Exception):
        await graph.read(grow)
    await graph.wait_until_up(10)
    assert await graph.read("RETURN 1 AS one") == [{"one": 1}]

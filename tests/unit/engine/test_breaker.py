"""The circuit breaker by itself, with a graph that is a pair of coroutines."""

from __future__ import annotations

import asyncio
import time

import pytest

from graph_loaders.engine.breaker import PATIENCE, Breaker
from schema.errors import GraphUnavailable


class Graph:
    def __init__(self) -> None:
        self.alive = True
        self.silent = False
        self.pings = 0
        self.tries = 0

    async def ping(self) -> None:
        self.pings += 1
        if self.silent:
            await asyncio.sleep(60)
        if not self.alive:
            raise ConnectionResetError

    async def recover(self) -> None:
        self.tries += 1
        await self.ping()


async def under_way(breaker: Breaker, seconds: float, write: bool = False) -> float:
    """A statement that takes ``seconds``; how long it was let run."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(30) as deadline:
            breaker.enter(deadline, write)
            try:
                await asyncio.sleep(seconds)
            finally:
                breaker.leave(deadline)
    except TimeoutError:
        assert breaker.is_open
    return time.monotonic() - started


async def test_an_open_breaker_refuses_until_the_graph_is_back() -> None:
    graph = Graph()
    graph.alive = False
    breaker = Breaker(graph.ping, graph.recover)
    breaker.check()
    breaker.trip()
    with pytest.raises(GraphUnavailable):
        breaker.check()
    graph.alive = True
    async with asyncio.timeout(3):
        await breaker.wait_until_up()
    breaker.check()
    await breaker.close()


async def test_a_graph_that_went_a_moment_ago_is_waited_for_and_a_long_lost_one_is_not() -> None:
    graph = Graph()
    graph.alive = False
    breaker = Breaker(graph.ping, graph.recover)
    loop = asyncio.get_running_loop()
    breaker.trip()
    loop.call_later(0.3, setattr, graph, "alive", True)
    await breaker.admit(loop.time() + PATIENCE)
    assert not breaker.is_open
    graph.alive = False
    breaker.trip()
    began = loop.time()
    with pytest.raises(GraphUnavailable):
        await breaker.admit(began + 60)
    assert PATIENCE - 0.1 < loop.time() - began < PATIENCE + 0.5
    began = loop.time()
    with pytest.raises(GraphUnavailable):
        await breaker.admit(began + 60)
    assert loop.time() - began < 0.1
    await breaker.close()


async def test_one_task_looks_for_the_graph_however_often_it_is_missed() -> None:
    graph = Graph()
    graph.alive = False
    breaker = Breaker(graph.ping, graph.recover)
    for _ in range(50):
        breaker.trip()
    await asyncio.sleep(0.7)
    assert 1 <= graph.tries <= 8
    await breaker.close()


async def test_reads_under_way_are_given_up_when_a_silent_graph_is_noticed_and_writes_are_not() -> None:
    graph = Graph()
    graph.silent = True
    breaker = Breaker(graph.ping, graph.recover)
    read, write = await asyncio.gather(under_way(breaker, 10), under_way(breaker, 2.5, write=True))
    assert read < 2
    assert write >= 2.5
    await breaker.close()


async def test_a_slow_read_of_a_graph_that_answers_is_left_alone() -> None:
    graph = Graph()
    breaker = Breaker(graph.ping, graph.recover)
    assert await under_way(breaker, 1.2) >= 1.2
    assert graph.pings >= 1
    assert not breaker.is_open
    await breaker.close()


async def test_a_busy_event_loop_is_not_taken_for_a_dead_graph() -> None:
    class Blocking(Graph):
        async def ping(self) -> None:
            time.sleep(1.8)
            await asyncio.sleep(0.05)
            await super().ping()

    graph = Blocking()
    breaker = Breaker(graph.ping, graph.recover)
    await under_way(breaker, 1.0)
    assert not breaker.is_open
    await breaker.close()


async def test_a_graph_that_works_or_answers_others_is_busy_and_not_down() -> None:
    graph, worked = Graph(), 0.0
    graph.silent = True
    breaker = Breaker(graph.ping, graph.recover, lambda: worked)
    asked = asyncio.create_task(breaker.answers(0.2))
    await asyncio.sleep(0.05)
    worked = 0.15  # its process has used the processor meanwhile
    assert await asked
    assert not await breaker.answers(0.1)
    asked = asyncio.create_task(breaker.answers(0.2))
    await asyncio.sleep(0.05)
    breaker.answered()
    assert await asked
    graph.silent, graph.alive = False, False
    assert not await breaker.answers(0.1)
    await breaker.close()


async def test_a_server_of_which_no_process_is_seen_is_down_when_it_is_silent() -> None:
    graph = Graph()
    graph.silent = True
    breaker = Breaker(graph.ping, graph.recover)
    assert not await breaker.answers(0.1)
    await breaker.close()

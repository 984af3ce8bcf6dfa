"""Turns at the graph: one client's many statements leave room for the others'."""

from __future__ import annotations

import asyncio

import pytest

from graph_loaders.engine.turns import EACH, HEAVY, WAITING, Turns
from schema.errors import LimitExceeded


class Graph:
    """Counts what is under way."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.under_way: list[str] = []
        self.most = 0
        self.go = asyncio.Event()

    async def ask(self, client: str, *, heavy: bool = False, within: float = 30) -> None:
        async with self.turns.of(client, heavy=heavy, within=within):
            self.under_way.append(client)
            self.most = max(self.most, len(self.under_way))
            await self.go.wait()
            self.under_way.remove(client)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_client_takes_a_few_places_and_others_wait_for_none_of_its() -> None:
    graph = Graph()
    mine = [asyncio.create_task(graph.ask("one")) for _ in range(58)]
    await settle()
    assert graph.under_way == ["one"] * EACH
    other = asyncio.create_task(graph.ask("two"))
    await settle()
    assert graph.under_way.count("two") == 1
    graph.go.set()
    await asyncio.gather(*mine, other)
    assert len(graph.turns) == 0


async def test_wide_searches_are_few_for_all_together_and_stop_no_others() -> None:
    graph = Graph()
    wide = [asyncio.create_task(graph.ask(f"client {i % 4}", heavy=True)) for i in range(20)]
    await settle()
    assert graph.under_way == ["client 0", "client 1"]
    assert len(graph.under_way) == HEAVY
    light = asyncio.create_task(graph.ask("client 0"))
    await settle()
    assert len(graph.under_way) == HEAVY + 1
    graph.go.set()
    await asyncio.gather(*wide, light)
    assert len(graph.turns) == 0


async def test_who_waits_too_long_or_in_too_great_numbers_is_told_so() -> None:
    graph = Graph()
    held = [asyncio.create_task(graph.ask("one", heavy=True)) for _ in range(2)]
    await settle()
    with pytest.raises(LimitExceeded, match="turn"):
        await graph.ask("one", heavy=True, within=0.05)
    waiting = [asyncio.create_task(graph.ask("one")) for _ in range(WAITING - 2)]
    await settle()
    with pytest.raises(LimitExceeded, match="wait"):
        await graph.ask("one")
    two = asyncio.create_task(graph.ask("two"))
    await settle()
    assert "two" in graph.under_way
    for task in waiting[:100]:
        task.cancel()
    graph.go.set()
    await asyncio.gather(*held, *waiting, two, return_exceptions=True)
    assert len(graph.turns) == 0

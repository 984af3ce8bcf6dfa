"""The hash of the facts held now: what it depends on and what not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from load_facts import contract, ending, lift, penalty, role, state

from graph_loaders.engine import Engine
from graph_loaders.graph_hash import graph_hash
from graph_loaders.load.version import Clock
from graph_loaders.load.writer import Writer

PARTS: list[dict[str, Sequence[Mapping[str, Any]]]] = [
    {"SubjectState": [state("C1", "甲"), state("C2", "乙")], "Role": [role("C1", "aa"), role("C2", "bb")]},
    {"SubjectState": [state("C2", "丙")], "Role": [role("C2", "cc")]},
    {"Record": [penalty("罚1", "C1", "1"), penalty("罚2", "C1", "1")], "Contract": [contract("H1", "C1", "C2")]},
    {"Record": [penalty("罚1", "C1", "2"), penalty("罚2", "C1", "1", "2026-02-01")]},
    {"Ending": [ending("罚1", "REPAIR", "2026-05-01")], "Lift": [lift("罚1", "aa", "2026-05-01")]},
    {"Role": [role("C1", relation="HOLDS", holder_code="C9", share=51.0)]},
]


async def wiped(engine: Engine) -> None:
    await engine.write("MATCH (n) WHERE NOT n:SchemaVersion DETACH DELETE n")


async def load(engine: Engine, parts: Sequence[Mapping[str, Sequence[Mapping[str, Any]]]], run: str = "run") -> str:
    clock = await Clock.start(engine)
    for part in parts:
        await Writer(engine, clock, run, "key").write(part)
    return await graph_hash(engine)


async def test_the_hash_does_not_depend_on_the_order_of_loading(clean_graph: Engine) -> None:
    found = set()
    for number, order in enumerate(itertools.permutations(PARTS)):
        if number % 97 == 0:
            await wiped(clean_graph)
            found.add(await load(clean_graph, order, run=str(number)))
    assert len(found) == 1


async def test_both_engines_give_this_hash(clean_graph: Engine) -> None:
    await wiped(clean_graph)
    assert await load(clean_graph, PARTS) == "f01ddc27ed20453d118e9da34fe1411cb5bf44396950e4ad7407c569d53a6bee"


async def test_any_fact_and_any_content_of_it_changes_the_hash(clean_graph: Engine) -> None:
    await wiped(clean_graph)
    seen = [await graph_hash(clean_graph)]
    for batch in (
        {"Record": [penalty("罚7", "C1")]},
        {"Ending": [ending("罚7", "REPAIR", "2026-05-01")]},
        {"Role": [role("C1", "aa")]},
        {"Role": [role("C1", "aa", name="李四", until="2026-01-01")]},
        {"Lift": [lift("罚7", "aa", "2026-05-01")]},
        {"Contract": [contract("H7", "C1", "C2")]},
    ):
        seen.append(await load(clean_graph, [batch]))
    assert len(set(seen)) == len(seen)
    assert seen[0] == "0" * 64

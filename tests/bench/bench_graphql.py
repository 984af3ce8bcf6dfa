"""What a GraphQL answer of about a thousand objects costs in process, against dumping it as JSON.

The rows come from a real engine once; after that each answer gets its own copy of them (new texts, too, as a driver
would make: a text that was written once is written faster the second time), so that planning, shaping and writing
are measured and the database is not. Times are of the processor, the best of several rounds, so that a busy machine
matters little.
"""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration" / "reader")]

from reader_town import FIRM, OTHER, RENAMED, Town  # noqa: E402

from graph_loaders.engine import Engine, GraphConfig, migrate, open_engine  # noqa: E402
from graph_loaders.persons import Persons  # noqa: E402
from graph_loaders.reader import CypherGraph  # noqa: E402
from hub.graphql.service import GraphQLService, Options  # noqa: E402
from schema.caller import Caller  # noqa: E402
from schema.types.build import build_schema  # noqa: E402

AIM = 8.0
RECORDS = 170
STEPS = 40
ROUNDS, CALLS = 12, 5
CODES = (FIRM, OTHER, RENAMED)
QUERY = """query Dossiers($codes: [String!]!) {
  subjects(codes: $codes) {
    code
    subject {
      name
      records(first: 200) {
        nodes { id documentNumber kind state decidedOn until lastDay authority ground amount { value unit } }
      }
    }
  }
}"""
HEADERS = [(b"content-type", b"application/json")]
WHO = Caller("bench", frozenset({"credit:mutual"}), purpose="mutual-recognition")


class Replay:
    """An engine that hands out copies, made beforehand, of the rows of the first read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: list[Any] | None = None
        self._copies: list[Any] = []

    def prepare(self, count: int) -> None:
        self._copies = [pickle.loads(pickle.dumps(self._rows)) for _ in range(count)]

    async def read(self, *args: Any, **more: Any) -> Any:
        if more.get("name") == "data_version":
            return [{"at": 1}]
        if self._rows is None:
            rows = await self._engine.read(*args, **more)
            self._rows = copy.deepcopy(rows)
            return rows
        return self._copies.pop()


async def graphql_answer(engine: Engine, folder: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """The figure: seconds of an answer, of its JSON alone, and their ratio."""
    town = Town()
    for code in CODES:
        town.registered(code, f"常州市{code[-4:]}有限公司")
        for number in range(RECORDS):
            day = f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
            town.record(code, f"常环罚〔2025〕{code[-3:]}{number:04d}号", day, "2027-01-01", amount=f"{number}.50")
    for start in range(0, len(town.steps), STEPS):
        await engine.write_many(town.steps[start : start + STEPS])
    replay: Any = Replay(engine)
    graph = CypherGraph(replay, Persons.open(folder / "key", folder), cursor_key=bytes(64), region="320400")
    service = GraphQLService(build_schema(), graph, Options(today=lambda: "2026-11-01"))
    body = json.dumps({"query": QUERY, "variables": {"codes": CODES}}).encode()

    async def answer() -> bytes:
        return (await service.answer("POST", b"", HEADERS, body, WHO)).body

    first = await answer()
    data = orjson.loads(first)
    assert "errors" not in data, data
    assert _objects(data["data"]) > 1000

    fresh: list[Any] = []

    async def dump() -> bytes:
        return orjson.dumps(fresh.pop())

    whole = await _best(rounds, answer, lambda: replay.prepare(CALLS))
    bare = await _best(rounds, dump, lambda: fresh.extend(orjson.loads(first) for _ in range(CALLS)))
    return {"objects": _objects(data["data"]), "seconds": whole, "dumps": bare, "ratio": whole / bare, "aim": AIM}


async def _best(rounds: int, work: Callable[[], Awaitable[bytes]], before: Callable[[], None]) -> float:
    best = float("inf")
    for _ in range(rounds):
        before()
        started = time.process_time()
        for _ in range(CALLS):
            await work()
        best = min(best, (time.process_time() - started) / CALLS)
    return best


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return sum(map(_objects, value)) if isinstance(value, list) else 0


async def _measured(rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        async with open_engine(GraphConfig(data=Path(name) / "hub", heap_mb=512)) as engine:
            await migrate(engine)
            return await graphql_answer(engine, Path(name), rounds)


def run(quick: bool = False) -> dict[str, dict[str, float]]:
    """The figures of this module by title."""
    return {"1000-object GraphQL answer / orjson.dumps": asyncio.run(_measured(3 if quick else ROUNDS))}


if __name__ == "__main__":
    print(json.dumps(run()))

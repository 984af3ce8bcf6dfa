"""A dossier over HTTP, signed and logged: its latency against the raw Bolt query, throughput against a plain worker,
and the latency among ten times as many subjects."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from graph_loaders.engine import Engine, GraphConfig, open_engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.sample import make_city
from hub.federated.internal import InternalDocument
from schema.caller import Caller
from schema.ports import Asking
from tests.bench import http_client

DOSSIER = """query Dossier($code: USCC!) { subject(code: $code) { code name kind status
 representatives { name } records(first: 20) { nodes { documentNumber kind state decidedOn until authority } }
 roles(first: 20) { nodes { kind validFrom validTo } } contracts(first: 20) { nodes { number state overdue } } } }"""
MUTUAL = frozenset(("credit:mutual",))


class Spy:
    """Remembers the statement that a root field comes to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked: tuple[str, dict[str, Any]] = ("", {})

    async def read(self, text: str, parameters: Any = None, **more: Any) -> Any:
        if more.get("name") == "subject":
            self.asked = (text, dict(parameters))
        return await self._engine.read(text, parameters, **more)


def environment(data: Path) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    return {**own, "HUB_DATA": str(data), "HUB_PORT": "0", "HUB_LOG_LEVEL": "WARNING", "HUB_RATE_LIMIT": "100000000"}


def serve(data: Path, module: str) -> tuple[subprocess.Popen[bytes], str]:
    arguments = ["hub", "serve", "--json"] if module == "hub" else [module]
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment(data), stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["url"]


def load(data: Path, subjects: int) -> None:
    folder = data.parent / f"city-{subjects}"
    make_city(folder, "changzhou", "320400", "常州市", "utf8", 7, subjects, date.today())
    subprocess.run(
        [sys.executable, "-m", "hub", "load", str(folder)], env=environment(data), check=True, capture_output=True
    )


async def raw(data: Path, codes: list[str], rounds: int) -> dict[str, list[float]]:
    """Seconds of the same statement over Bolt, without a hub: as bare as the driver can (a kept session, auto-commit),
    and as its manual says (``execute_query``)."""
    found: dict[str, list[float]] = {"bare": [], "execute_query": []}
    async with open_engine(GraphConfig(data=data)) as engine:
        spy: Any = Spy(engine)
        persons = Persons.open(data / "keys" / "person.key", data)
        graph = CypherGraph(spy, persons, cursor_key=bytes(64), region="320400")
        prepared = InternalDocument(DOSSIER, MUTUAL, graph)
        asking = Asking(Caller("bench", MUTUAL), date.today().isoformat())
        link: Any = engine._link
        for _ in range(rounds):
            for code in codes:
                await prepared({"code": code}, asking)
                text, parameters = spy.asked
                began = time.perf_counter()
                await engine.read(text, parameters, name="raw")
                found["bare"].append(time.perf_counter() - began)
                began = time.perf_counter()
                await link.driver.execute_query(text, parameters, database_=link.database, routing_="r")
                found["execute_query"].append(time.perf_counter() - began)
    return found


async def codes_of(data: Path, count: int) -> list[str]:
    async with open_engine(GraphConfig(data=data)) as engine:
        rows = await engine.read("MATCH (s:Subject) RETURN s.code AS code ORDER BY code LIMIT $n", {"n": count})
    return [row["code"] for row in rows]


async def measure(data: Path, requests: int) -> dict[str, Any]:
    codes = await codes_of(data, 60)
    variables = [{"code": codes[n % len(codes)]} for n in range(requests)]
    process, url = serve(data, "hub")
    try:
        await http_client.latencies(url, await http_client.requests(url, data, DOSSIER, variables[:100]))
        signed = await http_client.latencies(url, await http_client.requests(url, data, DOSSIER, variables))
        bolt = await raw(data, codes, max(1, requests // len(codes)))
        signed_rate = await http_client.throughput(url, await http_client.requests(url, data, DOSSIER, variables))
    finally:
        process.terminate()
        process.wait(20)
    process, url = serve(data, "tests.bench.unsigned")
    try:
        await http_client.latencies(url, await http_client.requests(url, data, DOSSIER, variables[:100]))
        plain_rate = await http_client.throughput(url, await http_client.requests(url, data, DOSSIER, variables))
    finally:
        process.terminate()
        process.wait(20)
    return {
        "http_ms": statistics.median(signed) * 1000,
        "bolt_ms": statistics.median(bolt["bare"]) * 1000,
        "execute_query_ms": statistics.median(bolt["execute_query"]) * 1000,
        "signed_per_s": signed_rate,
        "plain_per_s": plain_rate,
    }


def run(quick: bool) -> dict[str, dict[str, Any]]:
    requests = 300 if quick else 1500
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small" / "var", Path(name) / "large" / "var"
        load(small, 400)
        one = asyncio.run(measure(small, requests))
        load(large, 4000)
        ten = asyncio.run(measure(large, requests))
    return {
        "dossier over HTTP / raw Bolt": {"ratio": one["http_ms"] / one["bolt_ms"], "aim": "<= 2.5", **one},
        "dossier over HTTP / the driver's execute_query": {"ratio": one["http_ms"] / one["execute_query_ms"]},
        "signed and logged / plain throughput": {"ratio": one["signed_per_s"] / one["plain_per_s"], "aim": ">= 0.8"},
        "ten times the subjects: latency": {"ratio": ten["http_ms"] / one["http_ms"], "aim": "<= 1.15", **ten},
    }

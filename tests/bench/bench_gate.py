"""Gate checks over HTTP, each an act with its evidence: latency against a point read, subjects a second in batches."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from graph_loaders.engine import GraphConfig, open_engine
from tests.bench import http_client
from tests.bench.bench_http import codes_of, load, serve

CHECK = """mutation Check($input: GateCheckInput!) { gateCheck(input: $input) {
 id decision findings { kind rule article measure { id class } } } }"""
BATCH = "mutation Batch($input: GateCheckBatchInput!) { gateCheckBatch(input: $input) { code case { id decision } } }"
POINT = "MATCH (s:Subject {code: $code}) RETURN s.code AS code"
GATE = {"scope": "credit:gate", "purpose": "gate-check"}


async def points(data: Path, codes: list[str], rounds: int) -> list[float]:
    """Seconds of a raw point read over Bolt, through the driver as its manual says."""
    found = []
    async with open_engine(GraphConfig(data=data)) as engine:
        link: Any = engine._link
        for _ in range(rounds):
            for code in codes:
                began = time.perf_counter()
                await link.driver.execute_query(POINT, {"code": code}, database_=link.database, routing_="r")
                found.append(time.perf_counter() - began)
    return found


async def measure(data: Path, quick: bool) -> dict[str, dict[str, Any]]:
    codes, rounds = await codes_of(data, 100), 3 if quick else 15
    process, url = serve(data, "hub")
    try:
        connection = await http_client.Connection().open(url)
        seconds: list[float] = []
        for turn in range(-2, rounds):
            given = [{"input": {"subject": code, "matter": "gov-procurement"}} for code in codes]
            for request in await http_client.requests(url, data, CHECK, given, **GATE, key=f"one{turn}"):
                began = time.perf_counter()
                await connection.send(request)
                if turn >= 0:
                    seconds.append(time.perf_counter() - began)
        raw = await points(data, codes, rounds)
        many = await codes_of(data, 1000)
        batches, turns = [{"input": {"subjects": many, "matter": "gov-procurement"}}], 2 if quick else 8
        rates = []
        for turn in range(turns):
            [request] = await http_client.requests(url, data, BATCH, batches, **GATE, key=f"many{turn}")
            began = time.perf_counter()
            await connection.send(request)
            rates.append(len(many) / (time.perf_counter() - began))
    finally:
        process.terminate()
        process.wait()
    p50, p99 = _ms(seconds, 50), _ms(seconds, 99)
    point = _ms(raw, 99)
    return {
        "gate check, ms": {"p50": p50, "p99": p99, "aim": "p50 <= 10"},
        "gate check against a raw point read": {"p99": p99, "raw p99": point, "times": p99 / point, "aim": "<= 3"},
        "gate checks in batches of 1000, subjects a second": {"median": statistics.median(rates), "aim": ">= 3000"},
    }


def _ms(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def run(quick: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "var"
        load(data, 1200)
        return asyncio.run(measure(data, quick))

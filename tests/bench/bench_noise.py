"""What one client's noise costs another: p99 of an ordinary client's dossiers while each noise is made, as a ratio to
p99 without any."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jwcrypto import jwk

from tests.attacks.attacker import Attacker
from tests.bench import http_client
from tests.bench.bench_http import DOSSIER, codes_of, environment, load, serve
from tests.journeys.hub_process import run as command

AIM = 1.5
Noise = Callable[[Attacker], Awaitable[None]]
PATHS = "{ " + " ".join(f'p{n}: path(from: "x", to: "y", maxHops: 6) {{ edges {{ kind }} }}' for n in range(58)) + " }"


async def distinct_documents(a: Attacker) -> None:
    number = random.randrange(10**9)
    fields = " ".join(f"a{number}_{n}: documentNumber" for n in range(50))
    await _ask(a, f"{{ records(filter: {{}}, first: 1) {{ nodes {{ {fields} }} }} }}")


async def deep_forms(a: Attacker) -> None:
    parts = ["documentNumber", "state", "until", "authority", "decidedOn", "kind", "tier"]
    chosen = " ".join(random.sample(parts, random.randint(1, 6)))
    inner = f"records(first: {random.randint(1, 5)}) {{ nodes {{ {chosen} }} }}"
    for _ in range(3):
        inner = f"roles(first: 2) {{ nodes {{ kind subject {{ {inner} name }} }} }}"
    await _ask(a, f"{{ records(filter: {{}}, first: 2) {{ nodes {{ subject {{ {inner} }} }} }} }}")


async def costly_pages(a: Attacker) -> None:
    await _ask(
        a, "{ records(filter: {}, first: 200) { nodes { id subject { records(first: 50) { nodes { id } } } } } }"
    )


async def many_paths(a: Attacker) -> None:
    await _ask(a, PATHS)


async def tokens(a: Attacker) -> None:
    answer = await a.me.ask_token(scope="credit:mutual")
    if answer.status_code == 429:
        await asyncio.sleep(0.05)


async def public_addresses(a: Attacker) -> None:
    await a.http.get(f"{a.url}/ledger/checkpoint")
    await a.http.get(f"{a.url}/receipts/00000000-0000-7000-8000-000000000000")


async def half_open(a: Attacker) -> None:
    opened = []
    with contextlib.suppress(OSError, asyncio.CancelledError):
        for _ in range(250):
            opened.append(await a.open())
        await asyncio.sleep(3)
    for _, writer in opened:
        writer.close()


async def _ask(a: Attacker, document: str) -> None:
    answer = await a.post("/graphql", json.dumps({"query": document}).encode())
    if answer.status_code == 429:
        await asyncio.sleep(0.05)


NOISES: dict[str, tuple[Noise, int]] = {
    "1000 half-open connections": (half_open, 4),
    "a flood of token requests": (tokens, 4),
    "public addresses": (public_addresses, 4),
    "distinct small documents": (distinct_documents, 4),
    "deep forms": (deep_forms, 4),
    "costly pages": (costly_pages, 4),
    "58 paths in a question": (many_paths, 2),
}


async def _for_ever(noise: Noise, a: Attacker) -> None:
    while True:
        with contextlib.suppress(OSError, AssertionError, ValueError):
            await noise(a)


async def p99(url: str, data: Path, codes: list[str], requests: int) -> float:
    variables = [{"code": codes[n % len(codes)]} for n in range(requests)]
    found = await http_client.latencies(url, await http_client.requests(url, data, DOSSIER, variables))
    return statistics.quantiles(found, n=100)[98]


async def measure(url: str, data: Path, noisy: tuple[str, Path], requests: int) -> dict[str, dict[str, Any]]:
    codes = await codes_of(data, 60)
    await p99(url, data, codes, 100)
    figures: dict[str, dict[str, Any]] = {}
    for title, (noise, at_once) in NOISES.items():
        quiet = await p99(url, data, codes, requests)
        a = Attacker(url, noisy[0], jwk.JWK.from_json(noisy[1].read_text()))
        tasks = [asyncio.create_task(_for_ever(noise, a)) for _ in range(at_once)]
        await asyncio.sleep(1)
        try:
            loud = await p99(url, data, codes, requests)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await a.close()
        figures[f"beside {title}: p99"] = {
            "ratio": loud / quiet,
            "aim": f"<= {AIM}",
            "quiet_ms": quiet * 1000,
            "loud_ms": loud * 1000,
        }
    return figures


def run(quick: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "small" / "var"
        load(data, 400)
        process, url = serve(data, "hub")
        try:
            key = Path(name) / "noisy.jwk"
            made = command(
                environment(data),
                "client",
                "add",
                "noisy",
                "--scope",
                "credit:mutual",
                "--generate",
                str(key),
                "--json",
            )
            return asyncio.run(measure(url, data, (json.loads(made)["client_id"], key), 200 if quick else 1000))
        finally:
            process.terminate()
            process.wait(20)

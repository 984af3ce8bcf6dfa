"""What a faulty neighbour costs the answers of the others: their slowest percent with and without it, side by side.

The same neighbours as in ``bench_federation``. The faulty one is left alone by its breaker only where the fault opens
it; a fault inside a well-formed answer is met again with every question.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from federation.ports import Response
from tests.bench.bench_federation import HOLDERS, Delta

FAULTY = HOLDERS[0]
DEADLINE = 0.5


def body(content: bytes) -> Callable[[Response], Response]:
    return lambda response: replace(response, body=content)


def unsigned(response: Response) -> Response:
    return replace(response, headers=tuple(pair for pair in response.headers if pair[0] != "signature"))


HUGE, DEEP = b'{"data":[' + b'"",' * 3_000_000 + b"0]}", b'{"data":' + b"[" * 5000 + b"]" * 5000 + b"}"
PIECES = b'{"data":[' + b"[]," * 2_500_000 + b"0]}"
FAULTS: dict[str, Callable[[Response], Response] | None] = {
    "silent": None,
    "no signature": unsigned,
    "malformed": body(b"<html>"),
    "deep": body(DEEP),
    "too large": body(HUGE),
    "many pieces": body(PIECES),
}


async def others(delta: Delta) -> list[float]:
    """Seconds of the other holders' answers to one question, each of which must be whole."""
    answers = await delta.answers(DEADLINE)
    told = [answer for answer in answers if answer["region"] in HOLDERS[1:]]
    assert len(told) == 3 * len(HOLDERS[1:])
    assert {answer["status"] for answer in told} <= {"ANSWERED", "NOT_RECOGNISED"}
    return [delta.seconds[region] for region in HOLDERS[1:]]


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


async def measure(folder: Path, rounds: int) -> dict[str, dict[str, Any]]:
    calm, harmed = Delta(folder / "calm", 0), Delta(folder / "harmed", 0)
    found: dict[str, Any] = {}
    for name, change in {"none": lambda response: response, **FAULTS}.items():
        hub = harmed.hubs[0]
        hub.delay, hub.change = (30.0, lambda response: response) if change is None else (0.02, change)
        seconds: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds + 2):
            for place, delta in enumerate((calm, harmed)):
                delta.renew_digests()
                gc.collect()
                taken = await others(delta)
                if turn >= 2:
                    seconds[place].extend(taken)
        found[name] = {
            "p99": p99(seconds[1]) / p99(seconds[0]),
            "median": statistics.median(seconds[1]) / statistics.median(seconds[0]),
        }
    await calm.close()
    await harmed.close()
    worst = max(one["p99"] for one in found.values())
    return {"p99 of unharmed cities under a fault / without": {"ratio": worst, "aim": "< 1.2", **found}}


def run(quick: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("calm", "harmed"):
            (folder / part).mkdir()
        return asyncio.run(measure(folder, 20 if quick else 120))

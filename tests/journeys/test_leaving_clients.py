"""A client that leaves, or a statement that runs too long, through the whole of a hub: it ends in the graph too."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil
import pytest

from graph_loaders.sample.identifiers import organisation_code
from hub.cli.query import LocalAsker
from hub.settings import load_settings
from tests.journeys.hub_process import HubProcess, running_hub

pytestmark = pytest.mark.slow
HEADERS = {"Content-Type": "application/json", "Credit-Purpose": "mutual-recognition"}
CODE = organisation_code(Random(1), "91", "320400")
BODY = json.dumps({"query": f'{{ subject(code: "{CODE}") {{ name }} }}'}).encode()
LIMIT = 4


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    folder: Path = tmp_path_factory.mktemp("endless")
    with running_hub(
        folder / "var", module="tests.journeys.endless_hub", HUB_GRAPH_TIMEOUT=str(LIMIT), HUB_INTROSPECTION="on"
    ) as running:
        yield running


def asker_of(hub: HubProcess) -> LocalAsker:
    return LocalAsker(load_settings({name: v for name, v in hub.environment.items() if name.startswith("HUB_")}))


def engine_of(hub: HubProcess) -> psutil.Process:
    file = Path(hub.environment["HUB_DATA"]) / "run" / "engine.json"
    return psutil.Process(json.loads(file.read_text())["pid"])


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def busy(process: psutil.Process, wanted: bool, within: float) -> None:
    """Waits until the engine works without pause, or has stopped to."""
    deadline = time.monotonic() + within
    while True:
        before = spent(process)
        await asyncio.sleep(0.4)
        if (spent(process) - before > 0.2) is wanted:
            return
        assert time.monotonic() < deadline, f"the engine is not {'busy' if wanted else 'idle'}"


async def test_the_statement_of_a_client_that_left_ends_in_the_graph(hub: HubProcess) -> None:
    engine = engine_of(hub)
    async with asker_of(hub) as asker:
        await asker.ask("credit:mutual", HEADERS, b'{"query": "{ __typename }"}')
        await busy(engine, False, 15)
        asking = asyncio.create_task(asker.ask("credit:mutual", HEADERS, BODY))
        await busy(engine, True, 2.5)
        began = time.monotonic()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await busy(engine, False, 2)
        assert time.monotonic() - began < LIMIT, "ended by its limit, not by the client that left"
        assert (await asker.ask("credit:mutual", HEADERS, b'{"query": "{ __typename }"}')).status == 200


async def test_a_statement_past_its_limit_is_told_signed_and_ends_in_the_graph(hub: HubProcess) -> None:
    engine = engine_of(hub)
    async with asker_of(hub) as asker:
        began = time.monotonic()
        exchange = await asker.ask("credit:mutual", HEADERS, BODY)
        assert LIMIT - 1 < time.monotonic() - began < LIMIT + 2
    answer = json.loads(exchange.answer)
    assert answer["data"] == {"subject": None}
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert answer["errors"][0]["extensions"]["hint"]
    assert {"credit-receipt", "signature"} <= {name.lower() for name, _ in exchange.answer_headers}
    await busy(engine, False, 2.5)

"""A hub in operation: several workers, health and metrics, a graph or a ledger that goes away, a graceful end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import httpx
import psutil
import pytest

from graph_loaders.sample import make_city
from hub.cli.query import LocalAsker
from hub.settings import load_settings
from schema.errors import HubError, ServiceError
from tests.journeys.hub_process import HubProcess, running_hub

pytestmark = pytest.mark.slow
LISTED = "{ records(filter: {kinds: [PENALTY]}, first: 20) { nodes { documentNumber subject { code } } } }"
HEADERS = {"Content-Type": "application/json", "Credit-Purpose": "mutual-recognition"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Two workers with the sample city loaded while they serve."""
    folder = tmp_path_factory.mktemp("serving")
    with running_hub(folder / "var", workers=2) as running:
        make_city(folder / "city", "changzhou", "320400", "常州市", "utf8", 3, 40, date.today())
        running.command("load", str(folder / "city"))
        yield running


def settings(hub: HubProcess):
    return load_settings({name: value for name, value in hub.environment.items() if name.startswith("HUB_")})


async def ask(hub: HubProcess, document: str = LISTED):
    async with LocalAsker(settings(hub)) as asker:
        return await asker.ask("credit:mutual", HEADERS, json.dumps({"query": document}).encode())


async def test_both_workers_answer_from_one_graph_into_one_ledger(hub: HubProcess):
    async with LocalAsker(settings(hub)) as asker:
        body = json.dumps({"query": LISTED}).encode()
        exchanges = await asyncio.gather(*(asker.ask("credit:mutual", HEADERS, body) for _ in range(40)))
        assert {exchange.status for exchange in exchanges} == {200}
        assert len({exchange.answer for exchange in exchanges}) == 1
        bundle = await asker.bundle("credit:mutual", exchanges[0])
        assert bundle["proof"]["size"] >= 1
    assert hub.facts("ledger", "verify")["ok"]


async def test_a_proof_used_at_one_worker_is_refused_at_the_other(hub: HubProcess):
    async with LocalAsker(settings(hub)) as asker:
        proof = await asker._client.headers("POST", f"{hub.url}/graphql", "credit:mutual")
        body = json.dumps({"query": LISTED}).encode()
        statuses = []
        for _ in range(8):
            async with httpx.AsyncClient(trust_env=False) as fresh:  # another connection, perhaps another worker
                answer = await fresh.post(f"{hub.url}/graphql", headers={**HEADERS, **proof}, content=body)
                statuses.append(answer.status_code)
    assert statuses == [200] + [401] * 7


def test_health_and_metrics(hub: HubProcess):
    assert httpx.get(f"{hub.url}/healthz", trust_env=False).json() == {"status": "ok"}
    assert httpx.get(f"{hub.url}/readyz", trust_env=False).json() == {"status": "ready"}
    for headers in ({}, {"Authorization": "Bearer guessed-guessed-guessed"}):
        assert httpx.get(f"{hub.url}/metrics", headers=headers, trust_env=False).status_code == 401
    token = settings(hub).metrics_token.read_text().strip()
    text = httpx.get(f"{hub.url}/metrics", headers={"Authorization": f"Bearer {token}"}, trust_env=False).text
    for name in (
        "requests_total",
        "graph_seconds_count",
        "ledger_seconds_count",
        "plans_total",
        "source_rows",
        "source_loaded_timestamp_seconds",
    ):
        assert f"credit_hub_{name}" in text, name


def test_refusals_before_authentication_are_unsigned_problems(hub: HubProcess):
    url = f"{hub.url}/graphql"
    refused = [
        (httpx.post(url, content=b"{}", trust_env=False), 401),
        (httpx.post(url, content=b"{}", headers={"content-encoding": "gzip"}, trust_env=False), 415),
        (httpx.get(f"{hub.url}/nowhere", trust_env=False), 404),
        (httpx.delete(f"{hub.url}/healthz", trust_env=False), 405),
    ]
    for answer, status in refused:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"]
        assert answer.json()["hint"]
        assert "credit-receipt" not in answer.headers
    assert refused[0][0].headers["www-authenticate"].startswith("DPoP")


async def test_an_authenticated_refusal_is_signed_and_logged(hub: HubProcess):
    async with LocalAsker(settings(hub)) as asker:
        wrong = await asker.ask(
            "credit:mutual", {**HEADERS, "Credit-Purpose": "gossip"}, b'{"query": "{ __typename }"}'
        )
        large = await asker._client.request(
            "POST", f"{hub.url}/graphql", scope="credit:mutual", headers=HEADERS, content=b" " * 300_000
        )
    assert wrong.status == 403
    names = [name.lower() for name, _ in wrong.answer_headers]
    assert "credit-receipt" in names
    assert len(names) == len(set(names)), "each field once"
    assert large.status_code == 413


async def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path):
    with running_hub(tmp_path / "var", HUB_RATE_LIMIT="2") as running:
        async with LocalAsker(settings(running)) as asker:
            answers = [
                await asker._client.request(
                    "POST",
                    f"{running.url}/graphql",
                    scope="credit:mutual",
                    headers=HEADERS,
                    content=b'{"query": "{ __typename }"}',
                )
                for _ in range(4)
            ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_graph_that_dies_is_told_at_once_and_is_back_within_ten_seconds(hub: HubProcess):
    engine = json.loads((settings(hub).run / "engine.json").read_text())
    os.kill(engine["pid"], signal.SIGKILL)
    began = time.monotonic()
    seen = set()
    while time.monotonic() - began < 30:
        asked = time.monotonic()
        exchange = await ask(hub)
        assert time.monotonic() - asked < 5
        seen.add(exchange.status)
        if exchange.status == 200 and time.monotonic() - began > 1:
            break
        assert exchange.status in (200, 503)
        names = {name.lower() for name, _ in exchange.answer_headers}
        assert {"credit-receipt", "signature"} <= names, "an answer without the graph is signed too"
        await asyncio.sleep(0.2)
    assert exchange.status == 200


LOCK = """import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(60)
"""


async def test_a_ledger_that_cannot_be_written_answers_nothing(tmp_path: Path):
    body = b'{"query": "{ __typename }"}'
    with running_hub(tmp_path / "var") as running:
        async with LocalAsker(settings(running)) as asker:
            assert (await asker.ask("credit:mutual", HEADERS, body)).status == 200
            database = str(settings(running).data / "hub.sqlite")
            with subprocess.Popen([sys.executable, "-c", LOCK, database], stdout=subprocess.PIPE, text=True) as holder:
                try:
                    assert holder.stdout is not None
                    assert holder.stdout.readline().strip() == "held"
                    with pytest.raises(ServiceError, match="LEDGER_UNAVAILABLE"):
                        await asker.ask("credit:mutual", HEADERS, body)
                finally:
                    holder.kill()
            deadline = time.monotonic() + 20
            while True:
                try:
                    assert (await asker.ask("credit:mutual", HEADERS, body)).status == 200
                    break
                except HubError:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.3)


def test_terminating_ends_everything_within_ten_seconds(tmp_path: Path):
    with running_hub(tmp_path / "var", workers=2) as running:
        family = psutil.Process(running.pid).children(recursive=True)
        engine = json.loads((settings(running).run / "engine.json").read_text())["pid"]
        began = time.monotonic()
        os.kill(running.pid, signal.SIGTERM)
        psutil.wait_procs([psutil.Process(running.pid), *family], timeout=12)
        assert time.monotonic() - began < 11
        deadline = time.monotonic() + 10
        while psutil.pid_exists(engine) and psutil.Process(engine).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the engine was left behind"
            time.sleep(0.2)


def test_one_hub_serves_a_data_folder_and_ends_with_code_0(tmp_path: Path):
    with running_hub(tmp_path / "var") as running:
        asked = ("query", "{ __typename }")
        running.command("serve", code=3)
        assert json.loads(running.command(*asked))["data"], "the second one took the address of the first"
        os.kill(running.pid, signal.SIGTERM)
        _, status = os.waitpid(running.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        running.command(*asked, code=3)
        assert not (settings(running).run / "serve.json").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_start_with_settings_that_cannot_be_ends_with_code_2(tmp_path: Path, workers: str):
    given = {"HUB_DATA": str(tmp_path / "var"), "HUB_PORT": "0", "HUB_GRAPH_HEAP_MB": "999999999"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | given
    line = [sys.executable, "-m", "hub", "serve", "--workers", workers]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "HUB_GRAPH_HEAP_MB" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_end_with_their_supervisor(tmp_path: Path):
    with running_hub(tmp_path / "var", workers=2) as running:
        workers = psutil.Process(running.pid).children(recursive=True)
        engine = json.loads((settings(running).run / "engine.json").read_text())["pid"]
        os.kill(running.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=15)
        assert alive == []
        deadline = time.monotonic() + 15
        while psutil.pid_exists(engine) and psutil.Process(engine).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the engine was left behind"
            time.sleep(0.2)

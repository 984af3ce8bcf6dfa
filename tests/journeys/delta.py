"""The whole delta on this machine: five real hub processes of the demonstration, each behind a proxy of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.cli.query import LocalAsker
from hub.settings import load_settings
from tests.journeys.fault_proxy import FaultProxy

READY_WITHIN = 420


@dataclass
class City:
    region: str
    name: str
    url: str
    listen: str
    data: Path


@dataclass
class Delta:
    process: subprocess.Popen[bytes]
    directory: Path
    anchors: list[Path]
    cities: dict[str, City]
    proxies: dict[str, FaultProxy]
    today: str
    expected: dict[str, Any] = field(default_factory=dict)

    def settings(self, region: str):
        return load_settings({"HUB_DATA": str(self.cities[region].data), "HUB_REGION": region})

    def environment(self, region: str) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
        return {**own, "HUB_DATA": str(self.cities[region].data), "HUB_REGION": region, "HUB_GRAPH_HEAP_MB": "256"}

    def command(self, region: str, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            env=self.environment(region),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    async def ask(self, region: str, document: str, variables: dict[str, Any], *, scope: str = "credit:mutual") -> Any:
        exchange = await self.exchange(region, document, variables, scope=scope)
        answer = json.loads(exchange.answer)
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    async def exchange(self, region: str, document: str, variables: dict[str, Any], *, scope: str = "credit:mutual"):
        purposes = {"credit:mutual": "mutual-recognition", "credit:investigate": "investigation"}
        headers = {"Content-Type": "application/json", "Credit-Purpose": purposes[scope], "Credit-Case": "C-1"}
        body = json.dumps({"query": document, "variables": variables}).encode()
        async with LocalAsker(self.settings(region)) as asker:
            return await asker.ask(scope, headers, body)

    async def bundle(self, region: str, exchange) -> bytes:
        async with LocalAsker(self.settings(region)) as asker:
            return json.dumps(await asker.bundle("credit:mutual", exchange)).encode()


def start_delta(folder: Path, source: Path | None, today: str) -> Delta:
    regions = ("320400", "320583", "330700", "330500", "330305")
    proxies = {region: FaultProxy().start() for region in regions}
    behind = [f"--behind={region}={proxy.url}" for region, proxy in proxies.items()]
    arguments = [sys.executable, "-m", "hub", "demo", "--json", "--today", today, *behind]
    if source is not None:
        arguments += ["--from", str(source)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=log, env={**environment, "TMPDIR": str(folder)}
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError((folder / "demo.log").read_text()[-2000:])
    facts = json.loads(line)
    if "hubs" not in facts:
        process.kill()
        raise AssertionError(f"{facts} {(folder / 'demo.log').read_text()[-2000:]}")
    cities = {hub["region"]: City(**{**hub, "data": Path(hub["data"])}) for hub in facts["hubs"]}
    for region, city in cities.items():
        proxies[region].target = city.listen
    return Delta(process, Path(facts["directory"]), [Path(p) for p in facts["anchors"]], cities, proxies, today)


def stop_delta(delta: Delta) -> None:
    delta.process.terminate()
    try:
        delta.process.wait(40)
    except subprocess.TimeoutExpired:
        delta.process.kill()
        delta.process.wait()
    if delta.process.stdout is not None:
        delta.process.stdout.close()
    for proxy in delta.proxies.values():
        proxy.stop()


def wait_until(deadline: float, holds) -> float:
    """Seconds until ``holds()`` is true; fails after ``deadline`` seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < deadline, "it did not come to hold in time"
        time.sleep(0.2)
    return time.monotonic() - began


def part_of(evidence: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(b64decode(evidence))
    return found

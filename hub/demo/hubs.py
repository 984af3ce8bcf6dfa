"""Starting and ending the hubs of a demonstration, each in its own process with its own data folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.demo.cities import City
from hub.serve.child_process import command, environment
from schema.errors import ServiceError

READY_WITHIN = 240.0
HEAP_MB = "256"
FIRST_PORT = 8000
Say = Callable[[str], None]


@dataclass
class RunningHub:
    city: City
    data: Path
    environment: dict[str, str]
    process: Process | None = None
    url: str = ""
    listen: str = ""

    def facts(self) -> dict[str, str]:
        return {
            "region": self.city.region,
            "name": self.city.name,
            "url": self.url,
            "listen": self.listen,
            "data": str(self.data),
        }

    async def start(self, log: Path) -> None:
        """Raises ServiceError when the hub does not become ready."""
        with log.open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *command("hub", "serve", "--json"), env=self.environment, stdout=PIPE, stderr=errors
            )
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), READY_WITHIN)
            ready = json.loads(line)
        except (TimeoutError, ValueError):
            raise ServiceError(
                f"the hub of {self.city.name} did not start: {_last_line(log)}", hint="see the message before"
            ) from None
        self.url = ready["url"]
        port = json.loads((self.data / "run" / "serve.json").read_text())["port"]
        self.listen = f"http://127.0.0.1:{port}"

    async def load(self, today: str | None) -> None:
        """Loads the city's folder into the running hub. Raises ServiceError when the load fails."""
        when = ["--today", today] if today else []
        arguments = ["load", str(self.city.folder), "--json", *when]
        process = await asyncio.create_subprocess_exec(
            *command("hub", *arguments), env=self.environment, stdout=DEVNULL, stderr=PIPE
        )
        _, errors = await process.communicate()
        if process.returncode != 0:
            told = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise ServiceError(f"loading {self.city.name} failed: {' '.join(told)}", hint="see the files' report")

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), 12)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


def prepare(
    cities: Sequence[City],
    folder: Path,
    directory: Path,
    anchors: Sequence[Path],
    today: str | None,
    behind: Mapping[str, str],
) -> list[RunningHub]:
    """The hubs with their settings, not yet started. The first takes the usual port when it is free."""
    hubs = []
    for place, city in enumerate(cities):
        data = folder / city.region
        data.mkdir(parents=True)
        settings = {
            "HUB_DATA": str(data),
            "HUB_REGION": city.region,
            "HUB_NAME": city.name,
            "HUB_HOST": "127.0.0.1",
            "HUB_PORT": str(FIRST_PORT if place == 0 and _free(FIRST_PORT) else 0),
            "HUB_GRAPH_HEAP_MB": HEAP_MB,
            "HUB_DIRECTORY": str(directory),
            "HUB_TRUST_ANCHORS": os.pathsep.join(map(str, anchors)),
            "HUB_GRAPHIQL": "1",
            "HUB_INTROSPECTION": "1",
            "HUB_LOG_LEVEL": "WARNING",
        }
        if today:
            settings["HUB_AS_OF"] = today
        if city.region in behind:
            settings["HUB_BASE_URL"] = behind[city.region]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        hubs.append(RunningHub(city, data, environment({**inherited, **settings})))
    return hubs


async def start_all(hubs: Sequence[RunningHub], folder: Path, today: str | None, say: Say) -> None:
    """Two at a time: each brings its own graph engine, and the machine may be small."""
    gate = asyncio.Semaphore(2)
    ready = 0

    async def one(hub: RunningHub) -> None:
        nonlocal ready
        async with gate:
            say(f"  {hub.city.name}: starting 启动 …")
            await hub.start(folder / f"{hub.city.region}.log")
            say(f"  {hub.city.name}: loading its files 加载数据 …")
            await hub.load(today)
            ready += 1
            say(f"  {hub.city.name}: ready 就绪 ({ready}/{len(hubs)})")

    async with asyncio.TaskGroup() as group:
        for hub in hubs:
            group.create_task(one(hub))


async def stop_all(hubs: Sequence[RunningHub]) -> None:
    await asyncio.gather(*(hub.stop() for hub in hubs), return_exceptions=True)


def _last_line(log: Path) -> str:
    return " ".join(log.read_text(errors="replace").strip().splitlines()[-1:])[-600:]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def published(hub: RunningHub) -> Mapping[str, Any]:
    """What the hub publishes of itself, asked at its own address."""
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        answer = await client.get(f"{hub.listen}/.well-known/credit-hub")
        answer.raise_for_status()
        value: Mapping[str, Any] = answer.json()
    return value

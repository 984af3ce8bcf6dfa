"""Several workers over one listening socket: started, started again when they end, and ended with this process.

The parent holds the engine open as one of its users, so restarts of a worker never stop it. Workers inherit the
listening socket, and the lock of the data folder: while one of them lives, no other hub serves it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from hub.logs import configure_logging
from hub.serve.child_process import command, environment
from hub.serve.server import GRACE_SECONDS
from hub.settings import WORKERS, Settings
from hub.wiring import engine_config, open_engine

AGAIN_AFTER = 0.5  # seconds before a worker that ended is started again; doubled while that happens at once
AGAIN_AT_MOST = 30.0
LIVED_WELL = 60.0  # seconds
READY_EVERY = 0.1


def worker_environment(settings: Settings, metrics: Path, count: int) -> dict[str, str]:
    return {
        **environment(os.environ),
        WORKERS: str(count),
        "HUB_BASE_URL": settings.base_url,
        "HUB_PORT": str(settings.port),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }


class Workers:
    """The children. ``watch`` returns when ``stop`` is set, or when a worker says that it can never start."""

    def __init__(self, listener: socket.socket, lock: int, settings: Settings, count: int, stop: asyncio.Event) -> None:
        metrics = settings.run / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        self._pipe, self._held = os.pipe()  # the end that is held closes with this process
        shared = [listener.fileno(), self._pipe, lock]
        self._passed = shared
        words = [f"{name}={fd}" for name, fd in zip(("listener", "pipe", "lock"), shared, strict=True)]
        self._line = command("hub", "serve", "--worker", ",".join([*words, f"parent={os.getpid()}"]))
        self._environment = worker_environment(settings, metrics, count)
        self._ended = asyncio.Event()
        self.stop = stop
        self.ready = False
        self.children = [self._spawn() for _ in range(count)]

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._line, env=self._environment, pass_fds=self._passed, stdout=subprocess.DEVNULL, umask=0o077
        )

    def told(self) -> None:
        """SIGCHLD."""
        self._ended.set()

    async def watch(self) -> None:
        started = [time.monotonic()] * len(self.children)
        waits = [AGAIN_AFTER] * len(self.children)
        while not self.stop.is_set():
            for place, child in enumerate(self.children):
                if child.poll() is None:
                    continue
                if child.returncode in (2, 3) and not self.ready:
                    return
                waits[place] = AGAIN_AFTER if time.monotonic() - started[place] > LIVED_WELL else waits[place]
                await _either(self.stop, waits[place])
                if self.stop.is_set():
                    return
                waits[place] = min(AGAIN_AT_MOST, waits[place] * 2)
                started[place] = time.monotonic()
                self.children[place] = self._spawn()
            self._ended.clear()
            if all(child.poll() is None for child in self.children):
                await _first(self._ended, self.stop)

    async def end(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS + 1.5
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(child.wait, max(0.05, deadline - time.monotonic()))
            if child.poll() is None:
                child.kill()
            child.wait()
        os.close(self._held)
        os.close(self._pipe)


async def supervise(
    listener: socket.socket, lock: int, settings: Settings, count: int, announce: Callable[[str | None], None]
) -> int:
    """Until SIGTERM; the exit code. ``announce`` is told None when all is ready, else what is waited for."""

    configure_logging(settings.log_level)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    async with contextlib.AsyncExitStack() as stack:
        engine = open_engine(engine_config(settings))
        stack.push_async_callback(engine.close)
        await engine.open(patient=not engine.is_embedded)
        workers = Workers(listener, lock, settings, count, stopped)
        loop.add_signal_handler(signal.SIGCHLD, workers.told)
        ready = asyncio.create_task(_announce_when_ready(settings, workers, announce))
        try:
            await workers.watch()
        finally:
            ready.cancel()
            await workers.end()
    return 0 if stopped.is_set() else next((c.returncode for c in workers.children if c.returncode in (2, 3)), 3)


async def _announce_when_ready(settings: Settings, workers: Workers, announce: Callable[[str | None], None]) -> None:
    import httpx

    url = f"http://{settings.host if ':' not in settings.host else f'[{settings.host}]'}:{settings.port}/readyz"
    waiting = None
    async with httpx.AsyncClient(trust_env=False) as client:
        while not workers.ready:
            with contextlib.suppress(httpx.HTTPError, ValueError):
                answer = await client.get(url, timeout=5)
                workers.ready = answer.status_code == 200
                why = None if workers.ready else str(answer.json().get("waiting_for"))
                if why != waiting:
                    announce(waiting := why)
            await asyncio.sleep(READY_EVERY if waiting is None else 1.0)
    if waiting is None:
        announce(None)


async def _either(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()

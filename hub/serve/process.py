"""``credit-hub serve``: bind first, so that the address is known; then one worker here, or several as children.

The parent holds the engine open as one of its users, so restarts of a worker never stop it. Workers inherit the
listening socket. SIGTERM lets running requests finish and ends within ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import uvicorn

from hub.app import create_app
from hub.logs import configure_logging
from hub.settings import RUN_FILE, WORKERS, Settings
from hub.wiring import engine_config, open_engine
from schema.errors import HubError, ServiceError, SettingsError

GRACE_SECONDS = 8
SWITCH_SECONDS = 0.0005


def bind(settings: Settings) -> tuple[socket.socket, Settings]:
    """The listening socket, and the settings with the port and base URL that it gives."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ServiceError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}",
            hint="stop the other program or choose another HUB_PORT (0 picks a free one)",
            message_zh="端口不可用",
        ) from None
    listener.listen(1024)
    listener.set_inheritable(True)
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    if host in ("0.0.0.0", "[::]") and not settings.base_url:  # noqa: S104 - compared, not bound
        listener.close()
        raise SettingsError("HUB_BASE_URL is needed when HUB_HOST is a wildcard", hint="give the https address")
    base_url = settings.base_url or f"http://{host}:{port}"
    return listener, replace(settings, port=port, base_url=base_url)


def write_run_file(settings: Settings) -> Path:
    """Where local commands find this hub: url and pid."""
    settings.run.mkdir(parents=True, exist_ok=True)
    path = settings.run / RUN_FILE
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps({"url": settings.base_url, "port": settings.port, "pid": os.getpid()}))
    draft.replace(path)
    return path


def announce(settings: Settings, *, as_json: bool) -> None:
    if as_json:
        line = json.dumps({"ready": True, "url": settings.base_url, "pid": os.getpid()})
    else:
        line = f"{settings.name or 'credit-hub'} ({settings.region}) is ready at {settings.base_url} 已就绪"
    print(line, flush=True)  # noqa: T201


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, settings: Settings, *, as_json: bool, quiet: bool = False) -> None:
        super().__init__(config)
        self._announce = None if quiet else (lambda: announce(settings, as_json=as_json))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and self._announce:
            self._announce()


def end_with(parent: int) -> None:
    """A worker whose supervisor was killed ends too: nobody would restart or stop it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def run_worker(listener: socket.socket, settings: Settings, *, as_json: bool = False, quiet: bool = False) -> int:
    """Serves until SIGTERM or SIGINT."""
    configure_logging(settings.log_level)
    # The ledger's threads hold the interpreter for moments while an answer is made; the default of 5 ms would be felt.
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=False,
    )
    server = _Server(config, settings, as_json=as_json, quiet=quiet)
    _end_in_order(server)
    try:
        server.run(sockets=[listener])
    except SystemExit:  # uvicorn's way to say that the start failed, always with its own code
        if server.started:
            raise
    if server.started:
        return 0
    failure = getattr(app.state, "failure", None)
    return 2 if isinstance(failure, HubError) and failure.exit_code == 2 else 3


def _end_in_order(server: uvicorn.Server) -> None:
    """uvicorn raises the signal that ended it again when it is done, which by default would end this process at once:
    without tidying up, and not with exit code 0. Before it runs, a signal ends the process."""

    def ended(*_: object) -> None:
        if not server.should_exit:
            raise SystemExit(0)

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, ended)


def _alone(settings: Settings) -> None:
    """One hub for each data folder, held to the end: two would write receipts of two issuers into one log."""
    from hub.ledger.lock import FileLock

    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.run.mkdir(exist_ok=True, mode=0o700)
        os.close(os.open(settings.run / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SettingsError(
            f"the data folder {settings.data} cannot be used: {error.strerror}",
            hint="set HUB_DATA to a folder that this user may write",
            message_zh="数据目录不可写",
        ) from None
    if not FileLock(settings.run / "serve.lock").acquire():
        raise ServiceError(
            f"a hub serves {settings.data} already",
            hint="stop it, or give this one another HUB_DATA; --workers N makes one hub faster",
            message_zh="该数据目录的枢纽已在运行",
        )


def serve(settings: Settings, *, workers: int, as_json: bool) -> int:
    listener, settings = bind(settings)
    with listener:
        _alone(settings)
        run_file = write_run_file(settings)
        try:
            if workers == 1:
                return run_worker(listener, settings, as_json=as_json)
            return asyncio.run(_supervise(listener, settings, workers, as_json=as_json))
        finally:
            run_file.unlink(missing_ok=True)


def worker_environment(settings: Settings, metrics: Path, count: int) -> dict[str, str]:
    return {
        **os.environ,
        WORKERS: str(count),
        "HUB_BASE_URL": settings.base_url,
        "HUB_PORT": str(settings.port),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }


async def _supervise(listener: socket.socket, settings: Settings, count: int, *, as_json: bool) -> int:
    configure_logging(settings.log_level)
    metrics = settings.run / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)

    def spawn() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub", "serve", "--worker-fd", str(listener.fileno())],
            env=worker_environment(settings, metrics, count),
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
        )

    async with open_engine(engine_config(settings)):
        children = [spawn() for _ in range(count)]
        ready = asyncio.create_task(_announce_when_ready(settings, as_json=as_json))
        try:
            while not stop.is_set():
                for place, child in enumerate(children):
                    if child.poll() is not None and not stop.is_set():
                        if child.returncode in (2, 3) and not ready.done():
                            stop.set()
                            break
                        await asyncio.sleep(0.5)
                        children[place] = spawn()
                await _wait(stop, 0.25)
        finally:
            ready.cancel()
            await _end(children)
    return 0 if ready.done() and not ready.cancelled() else 3


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


async def _announce_when_ready(settings: Settings, *, as_json: bool) -> None:
    import httpx

    url = f"http://{settings.host}:{settings.port}/readyz"
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                answer = await client.get(url, timeout=5)
                if answer.status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    announce(settings, as_json=as_json)


async def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS + 1.5
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(child.wait, max(0.05, deadline - time.monotonic()))
        if child.poll() is None:
            child.kill()
        child.wait()

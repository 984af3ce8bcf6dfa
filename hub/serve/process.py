"""``credit-hub serve``: bind first, so that the address is known; then one worker here, or several as children.

SIGTERM lets running requests finish, ends long polls at once, and ends within ten seconds.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from hub.addresses import TrustedProxies
from hub.app import create_app
from hub.logs import configure_logging
from hub.serve.child_process import end_with_parent
from hub.serve.http_protocol import Connections
from hub.serve.server import GRACE_SECONDS, SIGNALS, Server, connection_limits, server_config
from hub.serve.supervisor import supervise
from hub.settings import RUN_FILE, Settings
from hub.wiring import Hub
from schema.errors import HubError, ServiceError, SettingsError

SWITCH_SECONDS = 0.0005
READY_EVERY = 0.25


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


def announce(settings: Settings, waiting_for: str | None, *, as_json: bool) -> None:
    """One line: ready, or what is still waited for (then another follows when it is there)."""
    found = {"url": settings.base_url, "pid": os.getpid()}
    name = f"{settings.name or 'credit-hub'} ({settings.region})"
    if as_json:
        missing = {} if waiting_for is None else {"waiting_for": waiting_for}
        line = json.dumps({"ready": waiting_for is None, **missing, **found}, ensure_ascii=False)
    elif waiting_for is None:
        line = f"{name} is ready at {settings.base_url} 已就绪"
    else:
        line = f"{name} listens at {settings.base_url} and waits for: {waiting_for} 等待中，尚未就绪"
    print(line, flush=True)  # noqa: T201


def run_worker(listener: socket.socket, settings: Settings, *, as_json: bool = False, quiet: bool = False) -> int:
    """Serves until SIGTERM or SIGINT; a signal before that ends the process at once, with code 0."""
    configure_logging(settings.log_level)
    # The ledger's threads hold the interpreter for moments while an answer is made; the default of 5 ms would be felt.
    sys.setswitchinterval(SWITCH_SECONDS)
    for name in SIGNALS:
        signal.signal(name, _ended_early)
    app = create_app(settings)
    waits: list[asyncio.Task[None]] = []

    def ready() -> None:
        if not quiet:
            waits.append(asyncio.get_running_loop().create_task(_tell_when_ready(app.state.hub, settings, as_json)))

    def ending() -> None:
        for wait in waits:
            wait.cancel()
        app.state.hub.end_waiting()

    connections = Connections(connection_limits(settings.address_connections), TrustedProxies(settings.trusted_proxies))
    server = Server(server_config(app), connections, when_ready=ready, when_ending=ending)
    try:
        server.run(sockets=[listener])
    except SystemExit:  # uvicorn's way to say that the start failed, always with its own code
        if server.started:
            raise
    if server.started:
        return 0
    failure = getattr(app.state, "failure", None)
    return 2 if isinstance(failure, HubError) and failure.exit_code == 2 else 3


async def _tell_when_ready(hub: Hub, settings: Settings, as_json: bool) -> None:
    told = ""
    while (why := hub.problem()) is not None:
        if why != told:
            announce(settings, told := why, as_json=as_json)
        await asyncio.sleep(READY_EVERY)
    announce(settings, None, as_json=as_json)


def _ended_early(*_: object) -> None:
    raise SystemExit(0)


def _alone(settings: Settings) -> int:
    """One hub for each data folder, held to the end: two would write receipts of two issuers into one log. The lock's
    descriptor: workers share it, so that it is free only when the last of them has ended."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.run.mkdir(exist_ok=True, mode=0o700)
        lock = os.open(settings.run / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(
            f"the data folder {settings.data} cannot be used: {error.strerror}",
            hint="set HUB_DATA to a folder that this user may write",
            message_zh="数据目录不可写",
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ServiceError(
            f"a hub serves {settings.data} already",
            hint="stop it, or give this one another HUB_DATA; --workers N makes one hub faster",
            message_zh="该数据目录的枢纽已在运行",
        ) from None
    return lock


def serve(settings: Settings, *, workers: int, as_json: bool) -> int:
    listener, settings = bind(settings)
    with listener:
        lock = _alone(settings)
        run_file = write_run_file(settings)
        try:
            if workers == 1:
                return run_worker(listener, settings, as_json=as_json)
            tell = partial(announce, settings, as_json=as_json)
            return asyncio.run(supervise(listener, lock, settings, workers, tell))
        finally:
            run_file.unlink(missing_ok=True)


def serve_as_worker(given: str, settings: Settings) -> int:
    """One of several; ``given`` is what the supervisor passes on: open descriptors, and its pid."""
    passed = {name: int(value) for name, _, value in (part.partition("=") for part in given.split(","))}
    for name in ("listener", "lock"):
        os.set_inheritable(passed[name], False)  # the engine's keeper may be started from here, and lives on
    end_with_parent(passed["pipe"], passed["parent"], GRACE_SECONDS + 2)
    return run_worker(socket.socket(fileno=passed["listener"]), settings, quiet=True)

"""uvicorn's server without its ten looks a second: it waits for connections and signals, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from hub.serve.http_protocol import BoundedProtocol, ConnectionLimits, Connections

GRACE_SECONDS = 8
OTHER_FILES = 256  # descriptors kept free of clients: databases, the graph, neighbours, files being read
MOST_FILES = 65_536
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """``when_ready`` is called once it listens, ``when_ending`` before it waits for what runs (to end long polls)."""

    def __init__(
        self,
        config: uvicorn.Config,
        connections: Connections,
        *,
        when_ready: Callable[[], None],
        when_ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.server_state = connections
        self._when_ready, self._when_ending = when_ready, when_ending
        self._ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._when_ready()

    async def main_loop(self) -> None:
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._when_ending()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """From the loop, so that a signal wakes it; afterwards signals change nothing: the process is ending."""
        loop = asyncio.get_running_loop()
        for name in SIGNALS:
            loop.add_signal_handler(name, self.handle_exit, name, None)
        try:
            yield
        finally:
            for name in SIGNALS:
                loop.remove_signal_handler(name)
                signal.signal(name, signal.SIG_IGN)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self._ending.set()


def server_config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=False,
    )


def connection_limits(per_address: int) -> ConnectionLimits:
    """As many connections as the process may open files, after asking the system for more of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    files = MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return ConnectionLimits(per_address=per_address, in_all=max(16, files - OTHER_FILES))

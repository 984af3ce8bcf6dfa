"""How a process uses the embedded engine of its data folder: joins a live one or has it started; the last stops it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import graph_loaders
from graph_loaders.engine.config import GraphConfig
from graph_loaders.engine.jvm import wheel
from graph_loaders.engine.locks import FileLock, is_held
from graph_loaders.engine.place import Address, Place
from schema.errors import GraphUnavailable

JOIN_WITHIN = 150.0  # seconds: the end of an earlier engine, a start, a recovery
LEAVE_WITHIN = 12.0  # seconds that the last user waits for the engine's clean end
LOOK_EVERY = 0.03


class Seat:
    """One user of the engine. While it is held the engine is kept alive, and started again if it crashes."""

    def __init__(self, config: GraphConfig) -> None:
        self.place = Place(config.data.absolute())
        self._config = config
        self._lock: FileLock | None = None
        self._child: int | None = None  # pid of the keeper, when this process started it

    async def take(self) -> None:
        """Raises SettingsError when the engine is not installed or the folder not writable."""
        wheel()
        self.place.make()
        lock = FileLock(self.place.users)
        try:
            await _until(lock.try_shared, JOIN_WITHIN, "an engine that is stopping did not end")
        except BaseException:
            lock.close()
            raise
        self._lock = lock

    async def address(self, within: float = JOIN_WITHIN) -> Address:
        """A live engine's address; starts a keeper when there is none.

        Raises the keeper's own SettingsError or GraphUnavailable, or GraphUnavailable after ``within`` seconds.
        """
        deadline = time.monotonic() + within
        while True:
            ended = self._keeper_ended()
            if ended and (failure := self.place.failure()):
                raise failure
            if is_held(self.place.keeper):
                found = self.place.address()
                if found is not None:
                    return found
            elif self._child is None:
                self._start_keeper()
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    "the embedded graph engine is not up yet",
                    hint=f"try again shortly; its output is in {self.place.output}",
                    message_zh="内嵌图引擎尚未就绪",
                )
            await asyncio.sleep(LOOK_EVERY)

    async def leave(self) -> None:
        """The last user stops the engine and waits for its clean end."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        try:
            if lock.try_exclusive():
                pid = self.place.keeper_pid()
                if pid is not None and is_held(self.place.keeper):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
                    with contextlib.suppress(GraphUnavailable):
                        await _until(lambda: not is_held(self.place.keeper), LEAVE_WITHIN, "")
        finally:
            lock.close()
            self._keeper_ended()

    def _start_keeper(self) -> None:
        """Detached: its own session, none of our descriptors. It outlives this process if others use the engine."""
        root = str(Path(next(iter(graph_loaders.__path__))).parent)
        given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        path = os.pathsep.join([root, *(part for part in given if part and part != root)])  # "" is the current folder
        line = [sys.executable, "-P", "-m", "graph_loaders.engine.keeper", str(self.place.data)]
        self._child = os.posix_spawn(
            sys.executable,
            [*line, str(self._config.heap_mb)],
            {**os.environ, "PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)],
            setsid=True,
        )

    def _keeper_ended(self) -> int | None:
        """The exit code of the keeper started here, once; None while it runs."""
        if self._child is None:
            return None
        pid, status = os.waitpid(self._child, os.WNOHANG)
        if pid == 0:
            return None
        self._child = None
        return os.waitstatus_to_exitcode(status)


async def _until(done: Callable[[], bool], within: float, message: str) -> None:
    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline:
            raise GraphUnavailable(message, hint="wait for it, or end its process", message_zh="内嵌图引擎未结束")
        await asyncio.sleep(LOOK_EVERY)

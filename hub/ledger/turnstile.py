"""Turns at SQLite's write lock between processes.

SQLite lets waiting writers poll, so a process that writes without pause starves the others until they give up. Here a
writer first takes the place of the next one, then waits for the writer before it, then frees that place: whoever has
just written finds the next place taken and queues behind. Only fairness hangs on it, never the data.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


class Turnstile:
    """Two advisory locks on files in the data folder; freed by the system when their process ends."""

    def __init__(self, folder: Path) -> None:
        self._paths = folder / "write-next.lock", folder / "write.lock"
        self._handles: tuple[int, int] | None = None
        self._threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one turn to write. Raises OSError when the folder cannot be used at first use."""
        with self._threads:
            following, writing = self._open()
            fcntl.flock(following, fcntl.LOCK_EX)
            try:
                fcntl.flock(writing, fcntl.LOCK_EX)
            finally:
                fcntl.flock(following, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(writing, fcntl.LOCK_UN)

    @contextmanager
    def turn_now(self) -> Iterator[bool]:
        """Hold one turn if it is free and nobody is next; otherwise False. Never waits. Raises OSError."""
        with ExitStack() as stack:
            yield self._threads.acquire(blocking=False) and self._take(stack)

    def _take(self, stack: ExitStack) -> bool:
        stack.callback(self._threads.release)
        following, writing = self._open()
        try:
            fcntl.flock(following, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stack.callback(fcntl.flock, following, fcntl.LOCK_UN)
            fcntl.flock(writing, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        stack.callback(fcntl.flock, writing, fcntl.LOCK_UN)
        return True

    def _open(self) -> tuple[int, int]:
        if self._handles is None:
            self._paths[0].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            first, second = (os.open(path, os.O_RDWR | os.O_CREAT, 0o600) for path in self._paths)
            self._handles = first, second
        return self._handles

    def close(self) -> None:
        with self._threads:
            for handle in self._handles or ():
                os.close(handle)
            self._handles = None

"""One entry written on the calling thread, for when nobody else is there to share a commit with.

Handing an entry to the writing thread and being told of its end costs more than the commit itself while the disk is
quick. Nothing here waits: a lock that is held, a store that was touched, any fault at all, and the entry takes the
ordinary way, which also has the words for what is wrong.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hub.ledger.turnstile import Turnstile

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "journal_size_limit=67108864")


class Shortcut:
    """A connection of its own to the SQLite file, opened at first use and forgotten with the others."""

    def __init__(self, path: Path, turnstile: Turnstile) -> None:
        self._path = path
        self._turnstile = turnstile
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def write(self, work: Callable[[sqlite3.Connection], bool]) -> bool:
        """True when ``work`` was done and is on the disk. False, with nothing written, when it said no or could not
        be done at once."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            with self._turnstile.turn_now() as free:
                return free and self._transaction(work)
        except Exception:
            self._forget()
            return False
        finally:
            self._lock.release()

    def _transaction(self, work: Callable[[sqlite3.Connection], bool]) -> bool:
        if self._connection is None:
            self._connection = self._open()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = work(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT" if done else "ROLLBACK")
        return done

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{self._path}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
        # the write-ahead log is folded back by the other writers, off the event loop
        for pragma in (*PRAGMAS, "wal_autocheckpoint=0"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def forget(self) -> None:
        """Close the connection; the next write opens a new one."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

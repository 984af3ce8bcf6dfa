"""Who is the sequencer: one process per hub, chosen by a lock that dies with its holder.

On SQLite all processes are on one machine and an operating-system lock decides; on PostgreSQL an advisory lock of one
database session does. In both cases a sequencer also compares the tree's size in the transaction that extends it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from hub.ledger.database import SEQUENCER_LOCK, Database
from schema.errors import LedgerUnavailable


class SequencerLock(Protocol):
    def acquire(self) -> bool:
        """True when this process holds the lock (again). Never waits."""

    def release(self) -> None: ...


class FileLock:
    """An exclusive lock on a file in the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self) -> bool:
        if self._handle is not None:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class SessionLock:
    """A PostgreSQL advisory lock; lost together with its session."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack: ExitStack | None = None
        self._session: Connection | None = None

    def acquire(self) -> bool:
        try:
            if self._session is not None:
                self._session.execute(text("SELECT 1"))
                return True
            self._stack = ExitStack()
            session = self._stack.enter_context(self._database.session())
            if session.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": SEQUENCER_LOCK}):
                self._session = session
                return True
        except LedgerUnavailable:
            pass
        except Exception:
            if self._session is not None:
                self._session.invalidate()
        self.release()
        return False

    def release(self) -> None:
        if self._session is not None and not self._session.invalidated:
            try:
                self._session.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": SEQUENCER_LOCK})
            except Exception:
                self._session.invalidate()
        if self._stack is not None:
            with suppress(LedgerUnavailable):
                self._stack.close()
        self._session = self._stack = None

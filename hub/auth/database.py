"""The SQL store of OAuth state: one synchronous engine, used from worker threads only.

SQLite runs in WAL mode with ``synchronous=FULL``: a token that was answered, or a revocation that was confirmed,
outlives a power cut. Writers begin with ``BEGIN IMMEDIATE``, so two processes queue instead of failing half-way.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.disk_space import HINT, is_disk_full
from schema.errors import LedgerUnavailable, SettingsError

BUSY_SECONDS = 5
_WRITE = "hub_write"


def open_engine(url: str) -> Engine:
    """An engine for a driverless ``sqlite:///`` or ``postgresql://`` URL. Raises SettingsError when a driver lacks."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, pool_timeout=BUSY_SECONDS)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_timeout=BUSY_SECONDS,
            connect_args={"connect_timeout": BUSY_SECONDS},
        )
    except ImportError:
        raise SettingsError(
            "HUB_SQL names PostgreSQL, but its driver is not installed",
            hint="pip install 'delta-credit-hub[postgres]'",
            message_zh="缺少 PostgreSQL 驱动",
        ) from None


class Database:
    """Transactions on the store. Raises LedgerUnavailable where the store cannot be reached or written."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._file = self._engine.url.database if self.dialect == "sqlite" else None
        self._replacing = threading.Lock()
        self.identity: tuple[int, int] | None = None  # device and inode of the SQLite file in use

    def make_file(self) -> None:
        """The file of an SQLite store, for its owner alone (its journal files follow). Raises SettingsError."""
        if self._file is None:
            return
        try:
            Path(self._file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Only ever a new file: closing a descriptor of one in use would drop this process's locks on it (POSIX).
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise SettingsError(f"{error.filename} cannot be made: {error.strerror}", hint="check HUB_DATA") from None

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        self._same_file()
        with _failures(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends; IntegrityError passes through."""
        self._same_file()
        with _failures(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITE: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _same_file(self) -> None:
        """A file that was removed or replaced would go on answering through open connections, deaf to revocations."""
        if self._file is None:
            return
        try:
            stat = os.stat(self._file)
        except OSError:
            raise _unavailable("its file is gone") from None
        if self.identity != (stat.st_dev, stat.st_ino):
            with self._replacing:
                self._engine.dispose()
                self.identity = (stat.st_dev, stat.st_ino)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        cause = getattr(error, "orig", None) or error
        if is_disk_full(cause):
            raise LedgerUnavailable(
                "the disk is full: nothing can be issued", hint=HINT, message_zh="磁盘已满"
            ) from error
        raise _unavailable(type(cause).__name__) from error


def _unavailable(why: str) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"the SQL store does not answer: {why}",
        hint="check HUB_SQL, free disk space and that no other program holds the database",
        message_zh="数据库不可用",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Autocommit at the driver (SQLAlchemy's begin event opens transactions), WAL, full synchronisation."""
    connection.isolation_level = None
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:  # changing the mode does not wait for a lock by itself
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

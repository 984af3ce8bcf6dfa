"""The ledger's SQL engines, SQLite or PostgreSQL, and the one place that turns database trouble into an error.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit has reached the disk. A database file that is removed or
replaced while in use would silently swallow writes, so its identity is compared before every use.
"""

from __future__ import annotations

import logging
import operator
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from hub.ledger.engines import postgres_engine, sqlite_engine
from hub.ledger.shortcut import Shortcut
from hub.ledger.tables import meta, metadata
from hub.ledger.turnstile import Turnstile
from hub.ledger.versions import VERSION, upgrade
from hub.settings import Settings
from schema.errors import LedgerUnavailable, SettingsError
from schema.sql_tables import lock_schema, make_missing

START = 6.0  # seconds that a locked database is waited for at the start
SEQUENCER_LOCK = 0x43524544  # PostgreSQL advisory lock numbers


_CAUSES = (
    (("locked", "busy", "lock timeout", "deadlock"), "its database is locked"),
    (("full", "no space", "disk i/o", "file too large", "quota"), "the disk is full or fails"),
    (("readonly", "read-only", "permission", "unable to open"), "its database may not be written"),
)


def unavailable(reason: str) -> LedgerUnavailable:
    """The error that clients see, so ``reason`` holds nothing of the inside."""
    return LedgerUnavailable(
        f"the ledger cannot be written or read: {reason}",
        hint="nothing is answered unlogged; free disk space or bring the database back, then ask again",
        message_zh="账本不可用，暂不应答",
    )


class SetBack(LedgerUnavailable):
    """The log does not continue a head that a witness knows: of all faults the one that says so."""


def failed(cause: BaseException) -> LedgerUnavailable:
    """Trouble of the database or its driver: the whole of it goes to the hub's own log, its kind to the client."""
    text = str(getattr(cause, "orig", None) or cause)
    logging.getLogger("hub.ledger").warning("ledger database: %s: %s", type(cause).__name__, text)
    for words, reason in _CAUSES:
        if any(word in text.lower() for word in words):
            return unavailable(reason)
    return unavailable("its database does not answer as it should")


class Database:
    """Connections for one writer thread, the sequencer and readers. Raises LedgerUnavailable for all trouble."""

    def __init__(self, settings: Settings) -> None:
        self.sqlite = settings.sql == "sqlite"
        self._path = settings.data.absolute() / "hub.sqlite"
        self._log = self._path.with_name("hub.sqlite-wal")
        self._log_inode: int | None = None
        self._turnstile = Turnstile(settings.run)
        self._identity: tuple[int, int] | None = None
        self._replacing = threading.RLock()
        self.on_replaced: Callable[[], None] = lambda: None
        self.shortcut = Shortcut(self._path, self._turnstile) if self.sqlite else None
        if self.sqlite:
            self._writes = sqlite_engine(settings.sql_url, begin="BEGIN IMMEDIATE")
            self._reads = sqlite_engine(settings.sql_url, begin="BEGIN")
        else:
            self._writes = self._reads = postgres_engine(settings.sql_url)

    def insert(self, table: Any) -> Any:
        """An INSERT that knows ON CONFLICT, in this database's dialect."""
        return sqlite.insert(table) if self.sqlite else postgresql.insert(table)

    def prepared(
        self, statement: Any, columns: Sequence[str], *, returns: bool = False
    ) -> Callable[[Connection | sqlite3.Connection, list[dict[str, Any]]], list[Any]]:
        """A statement compiled once, for the path that every answer takes: one dict of values per row, what it
        returns in a list. On SQLite it goes to the driver itself, which halves the time of a commit."""
        if not self.sqlite:

            def run(connection: Connection | sqlite3.Connection, rows: list[dict[str, Any]]) -> list[Any]:
                assert isinstance(connection, Connection)
                result = connection.execute(statement, rows)
                return list(result) if returns else []

            return run
        compiled = statement.compile(dialect=self._writes.dialect, column_keys=list(columns))
        sql, values = str(compiled), operator.itemgetter(*compiled.positiontup)

        def run_direct(connection: Connection | sqlite3.Connection, rows: list[dict[str, Any]]) -> list[Any]:
            driver: Any = connection
            if isinstance(connection, Connection):
                driver = connection.connection.driver_connection
            if returns:
                return [one for row in rows for one in driver.execute(sql, values(row)).fetchall()]
            driver.executemany(sql, [values(row) for row in rows])
            return []

        return run_direct

    def has_tables(self) -> bool:
        """Whether there is a ledger at all."""
        with self.read() as connection:
            return inspect(connection).has_table(meta.name)

    def create(self) -> None:
        """Make the tables that are missing. Raises SettingsError for a database of a newer program."""
        if self.sqlite:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # Only ever a new file: closing a descriptor of one in use would drop this process's locks on it
                # (POSIX), and another process would take the write-ahead log away from under its connections.
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                pass
            except OSError as error:
                raise failed(error) from None
        deadline = time.monotonic() + START
        while True:
            try:
                self._create()
                break
            except LedgerUnavailable as error:
                # Several processes that start at once meet where SQLite does not wait: the change to WAL mode.
                if "locked" not in error.message or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.check_identity(first=True)

    def _create(self) -> None:
        with self.write() as connection:
            lock_schema(connection)
            if not inspect(connection).has_table(meta.name):  # those of an earlier version are upgraded first
                make_missing(connection, metadata)
            connection.execute(self.insert(meta).on_conflict_do_nothing(), [{"key": "version", "value": VERSION}])
            found = connection.scalar(select(meta.c.value).where(meta.c.key == "version"))
            if found is not None and upgrade(connection, found, sqlite=self.sqlite):
                make_missing(connection, metadata, whole=True)
                connection.execute(update(meta).where(meta.c.key == "version").values(value=VERSION))
                found = VERSION
        if found != VERSION:
            raise SettingsError(f"the ledger has version {found}", hint=f"this program knows version {VERSION}")

    def check_identity(self, *, first: bool = False) -> None:
        """Raises LedgerUnavailable when the SQLite file is gone, or was replaced by one ``on_replaced`` refuses."""
        if not self.sqlite or (self._identity is None and not first):
            return
        try:
            stat = os.stat(self._path)
        except OSError as error:
            self.drop()
            raise unavailable(f"{self._path.name} is gone") from error
        identity = (stat.st_dev, stat.st_ino)
        if identity == self._identity and self._same_log():
            return
        with self._replacing:
            before, self._identity = self._identity, identity
            if not first:
                self.drop()
                try:
                    self.on_replaced()
                except BaseException:
                    self._identity = before
                    self.drop()
                    raise

    def unchanged(self) -> bool:
        """Whether the SQLite file is the one of the last check; says so without mending anything."""
        try:
            stat = os.stat(self._path)
        except OSError:
            return False
        return (stat.st_dev, stat.st_ino) == self._identity and self._same_log()

    def _same_log(self) -> bool:
        """Whether connections write to the write-ahead log that others read; it stays while any is open."""
        try:
            found = os.stat(self._log).st_ino
        except OSError:
            return self._log_inode is None
        if self._log_inode is None:
            self._log_inode = found
        return self._log_inode == found

    def drop(self) -> None:
        """Forget all connections; the next use opens new ones."""
        self._log_inode = None
        if self.shortcut is not None:
            self.shortcut.forget()
        self._writes.dispose()
        self._reads.dispose()

    def forget(self) -> None:
        """Let erased rows vanish from SQLite's write-ahead log too (their pages are overwritten already)."""
        if self.sqlite:
            connection = self._reads.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise failed(error) from None
            finally:
                connection.close()

    def close(self) -> None:
        self.drop()
        self._turnstile.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that writes; it holds SQLite's write lock from its start."""
        with ExitStack() as stack:
            if self.sqlite:
                self.check_identity()
                try:
                    stack.enter_context(self._turnstile.turn())
                except OSError as error:
                    raise failed(error) from None
            yield stack.enter_context(self._transaction(self._writes, {}))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that sees one state of the database."""
        options = {} if self.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._transaction(self._reads, options) as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection of its own, kept (for a lock that lives as long as it does). PostgreSQL only."""
        try:
            with self._writes.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError as error:
            raise failed(error) from None

    @contextmanager
    def _transaction(self, engine: Engine, options: dict[str, Any]) -> Iterator[Connection]:
        self.check_identity()
        try:
            with engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise failed(error) from None
        except sqlite3.Error as error:
            raise failed(error) from None

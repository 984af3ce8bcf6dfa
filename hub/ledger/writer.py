"""The thread that writes: whatever waits goes into one transaction, and the waiters go on when it is on the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DataError

from hub.ledger.database import Database, failed, unavailable
from hub.ledger.receipts import Row
from hub.ledger.tables import details, entries, seen
from schema.errors import HubError, LedgerUnavailable, Unauthenticated

GATHER = 0.002  # seconds to wait for company when the last batch had some
GATHERED = 8
BATCH = 256
QUEUE = 20_000  # waiting entries; beyond it the answer is 503 at once
FAILING = 5.0
QUICK = 0.0015  # seconds; while commits take longer, the event loop is not kept waiting for one
CLOCK_SKEW = 120  # seconds that used values are remembered beyond their expiry
T = TypeVar("T")
Observe = Callable[[str, float], None]


def replayed(what: str = "this DPoP proof") -> Unauthenticated:
    """The refusal of RFC 9449 section 11.1, with the challenge of its section 7.1."""
    refusal = Unauthenticated(
        f"{what} was used before", hint="make a new one with a new jti for every request", message_zh="证明已被使用"
    )
    refusal.headers["WWW-Authenticate"] = 'DPoP error="invalid_dpop_proof", error_description="used before"'
    return refusal


@dataclass(slots=True)
class _Entry:
    row: Row
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]


@dataclass(slots=True)
class _Call:
    work: Callable[[Connection], Any]
    future: Future[Any]


class Writer:
    """One per process. ``submit`` may be called from the event loop only, ``call`` from any other thread."""

    def __init__(self, database: Database, observe: Observe) -> None:
        self._database = database
        self._observe = observe
        self._waiting: deque[_Entry | _Call] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._crowded = False
        self._failure: tuple[float, str] | None = None
        self._pace = 0.0
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._insert_entries = database.prepared(insert(entries), ("id", "kind", "leaf", "recorded_us"))
        self._insert_details = database.prepared(insert(details), details.c.keys())
        once = database.insert(seen).on_conflict_do_nothing().returning(seen.c.key)
        self._insert_seen = database.prepared(once, seen.c.keys(), returns=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=8)

    def failing(self) -> str | None:
        """Why the last write failed, for ``FAILING`` seconds after it did."""
        failure = self._failure
        return failure[1] if failure is not None and time.monotonic() - failure[0] < FAILING else None

    def at_once(self, row: Row) -> bool:
        """Write a row here and now, for an asker who is alone. False when it has to be submitted: others wait, the
        store is busy, slow or in trouble. Raises Unauthenticated when its jti was used before."""
        shortcut = self._database.shortcut
        if shortcut is None or self._waiting or self._stopping or self._pace > QUICK or not self._database.unchanged():
            return False
        started = time.perf_counter()
        refused: set[int] = set()

        def work(connection: sqlite3.Connection) -> bool:
            refused.update(self._write(connection, [row]))
            return not refused

        done = shortcut.write(work)
        if refused:
            raise replayed()
        if done:
            self._failure = None
            self._timed(started, 1)
        return done

    def _timed(self, started: float, entries: int) -> None:
        seconds = time.perf_counter() - started
        self._pace += (seconds - self._pace) / 5
        self._observe("commit_seconds", seconds)
        self._observe("commit_entries", entries)

    def submit(self, row: Row) -> asyncio.Future[None]:
        """Write a row of the log; the future ends once it is on the disk. Raises LedgerUnavailable when swamped."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._put(_Entry(row, loop, future))
        return future

    def call(self, work: Callable[[Connection], T]) -> Future[T]:
        """Run ``work`` in a transaction of its own on the writing thread. Raises LedgerUnavailable when swamped."""
        future: Future[T] = Future()
        self._put(_Call(work, future))
        return future

    def _put(self, job: _Entry | _Call) -> None:
        with self._wake:
            if self._stopping:
                raise unavailable("the hub is stopping")
            if len(self._waiting) >= QUEUE:
                raise unavailable("too many entries wait to be written")
            self._waiting.append(job)
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._stopping:
                    self._wake.wait()
                if not self._waiting:
                    return
            if self._crowded and len(self._waiting) < GATHERED:
                time.sleep(GATHER)  # others are about to come: one commit for all of them costs less than one each
            with self._wake:
                batch: list[_Entry] = []
                while self._waiting and len(batch) < BATCH and isinstance(self._waiting[0], _Entry):
                    batch.append(self._waiting.popleft())  # type: ignore[arg-type]
                call = self._waiting.popleft() if not batch else None
            if isinstance(call, _Call):
                self._run_call(call)
            else:
                self._crowded = len(batch) > 1
                self._run_batch(batch)

    def _run_call(self, call: _Call) -> None:
        if not call.future.set_running_or_notify_cancel():
            return  # whoever asked went away before its turn: nothing of it is done
        try:
            with self._database.write() as connection:
                result = call.work(connection)
        except HubError as error:
            call.future.set_exception(error)
        except Exception as error:
            call.future.set_exception(failed(error))
        else:
            call.future.set_result(result)

    def _run_batch(self, batch: list[_Entry]) -> None:
        started = time.perf_counter()
        failure: str | None = None
        refused: set[int] = set()
        try:
            with self._database.write() as connection:
                refused = self._write(connection, [job.row for job in batch])
        except LedgerUnavailable as error:
            failure = error.message.partition(": ")[2]
            if isinstance(error.__context__, DataError) and len(batch) > 1:
                for job in batch:  # one entry that the store cannot hold must not fail its neighbours
                    self._run_batch([job])
                return
        except Exception as error:
            failure = failed(error).message.partition(": ")[2]
        self._failure = (time.monotonic(), failure) if failure else None
        self._timed(started, len(batch))
        ended: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[None], HubError | None]]] = {}
        for job in batch:
            outcome = unavailable(failure) if failure else replayed() if id(job.row) in refused else None
            ended.setdefault(job.loop, []).append((job.future, outcome))
        for loop, outcomes in ended.items():
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_settle, outcomes)

    def _write(self, connection: Connection | sqlite3.Connection, rows: list[Row]) -> set[int]:
        """Write the rows whose jti is new; the others' identities are returned."""
        refused: set[int] = set()
        first: dict[bytes, Row] = {}
        for row in rows:
            if row.seen is not None and first.setdefault(row.seen[0], row) is not row:
                refused.add(id(row))
        if first:
            expiries = sorted((row.seen for row in first.values() if row.seen), key=lambda item: item[0])
            values = [
                {"key": key, "expires": expires + CLOCK_SKEW} for key, expires in expiries
            ]  # one order: no deadlock
            new = {bytes(key) for (key,) in self._insert_seen(connection, values)}
            refused |= {id(row) for key, row in first.items() if key not in new}
        good = [row for row in rows if id(row) not in refused]
        if good:
            self._insert_entries(connection, [row.entry for row in good])
            self._insert_details(connection, [row.detail for row in good])
        return refused


def _settle(outcomes: list[tuple[asyncio.Future[None], HubError | None]]) -> None:
    for future, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

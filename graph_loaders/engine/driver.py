"""The graph as the rest of the hub uses it: one ``Engine`` per event loop, the same for both engines."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import neo4j

from graph_loaders.engine.breaker import PATIENCE, Breaker
from graph_loaders.engine.config import GraphConfig
from graph_loaders.engine.connect import Connector
from graph_loaders.engine.failures import is_gone, is_odd, is_passing, told, unavailable, uncertain
from graph_loaders.engine.jvm import worked_seconds
from graph_loaders.engine.link import POOL_SIZE, RETRY_FOR, WARM, Link, Row
from graph_loaders.engine.room import Room
from graph_loaders.engine.transaction import Statements, Transaction
from schema.errors import GraphUnavailable

GRACE = 1.0  # seconds that a server gets to report its own time-out before the connection is dropped
FIRST_PAUSE = 0.02
ODD_PAUSE = 0.3
AT_ONCE = POOL_SIZE - 10  # statements under way; the rest wait, so that a ping always finds a connection

Observer = Callable[[str, float], None]


class Engine:
    """Runs statements. Use as an async context manager, on one event loop.

    Every call raises GraphUnavailable while the graph is down (within two seconds, at once when that is known),
    TimedOut when a statement passed its limit, SettingsError when the graph refuses user or database. Syntax and type
    faults of a statement stay the driver's errors. Rows are plain dicts.
    """

    def __init__(self, config: GraphConfig) -> None:
        self.config = config
        self._connector = Connector(config)
        self._link: Link | None = None
        self._breaker = Breaker(self._ping, self._reconnect, self._worked)
        self._observers: list[Observer] = []
        self._grace = 0.0 if config.is_embedded else GRACE
        self._room = Room(WARM, AT_ONCE)

    @property
    def is_embedded(self) -> bool:
        return self.config.is_embedded

    @property
    def is_up(self) -> bool:
        return self._link is not None and not self._breaker.is_open

    def on_statement(self, observer: Observer) -> None:
        """Calls ``observer(name, seconds)`` after each statement; name as given to ``read`` or ``write``."""
        self._observers.append(observer)

    async def open(self, *, patient: bool = False) -> Self:
        """Connects. ``patient``: a graph that does not answer yet is looked for in the background, as after a loss."""
        try:
            await self._connector.join()
            self._link = await self._connector.first()
        except GraphUnavailable:
            if not patient:
                await self.close()
                raise
            self._breaker.trip(waited=True)
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """The last user of an embedded engine waits until it has ended."""
        await self._breaker.close()
        link, self._link = self._link, None
        if link is not None:
            await link.close()
        await self._connector.leave()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def ping(self) -> None:
        """Raises GraphUnavailable unless the graph answers now."""
        self._breaker.check()
        await self.read("RETURN 1 AS one", timeout=1.0, name="ping")

    async def wait_until_up(self, within: float) -> None:
        """Waits for the return of a graph that is down; raises GraphUnavailable after ``within`` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._breaker.wait_until_up()
        except TimeoutError:
            raise unavailable() from None

    async def read(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - it is also the graph's own limit
        name: str = "read",
    ) -> list[Row]:
        """All rows of a statement that writes nothing. ``timeout`` in seconds, by default the configured one.

        Ends in the graph at its limit and when the calling task is cancelled. A graph that is starting anew is waited
        for, as long as an answer within two seconds allows.
        """
        limit = timeout or self.config.timeout
        query = neo4j.Query(statement, timeout=limit)
        started = time.perf_counter()
        until = asyncio.get_running_loop().time() + min(PATIENCE, limit)
        for tries_left in (2, 1, 0):
            if self._breaker.is_open:
                await self._breaker.admit(until)
            link = self._living()
            try:
                rows = await self._bounded_read(link, query, parameters or {}, limit)
            except Exception as error:
                if not self._is_gone(error):
                    if tries_left < 2 or not is_odd(error):
                        raise told(error, limit) from error
                    await asyncio.sleep(ODD_PAUSE)  # what an engine says that is just being ended
                    continue
                if not await self._answers(link):
                    self._breaker.trip()
                if not tries_left:
                    raise unavailable() from error
            else:
                self._observe(name, started)
                return rows
        raise AssertionError("unreachable")

    async def write(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        name: str = "write",
        idempotent: bool = True,
    ) -> list[Row]:
        """One statement in its own transaction; see ``write_many``."""
        return (
            await self.write_many([(statement, parameters or {})], timeout=timeout, name=name, idempotent=idempotent)
        )[0]

    async def write_many(
        self,
        statements: Statements,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        name: str = "write",
        idempotent: bool = True,
    ) -> list[list[Row]]:
        """All statements in one transaction, all or none; the rows of each.

        Deadlocks and conflicts are retried for up to two seconds. When the graph is lost while committing, the outcome
        is unknown: idempotent statements are run again; otherwise, or when the graph does not come back in that time,
        GraphUnavailable says that the change may be there.
        """
        limit = timeout or self.config.timeout
        started = time.perf_counter()
        pause, until, unknown = FIRST_PAUSE, 0.0, False
        while True:
            if unknown and self._breaker.is_open:
                raise uncertain()
            link = self._living()
            transaction = Transaction(link, statements, limit)
            try:
                rows = await self._bounded_write(transaction, limit)
            except Exception as error:
                unknown = unknown or transaction.committing
                gone = self._is_gone(error)
                if gone and not await self._answers(link):
                    self._breaker.trip()
                    raise (uncertain() if unknown else unavailable()) from error
                now = time.perf_counter()
                until = until or now + RETRY_FOR
                again = (gone or is_passing(error)) and (idempotent or not unknown)
                if not again or now + pause > until:
                    raise (uncertain() if unknown else unavailable() if gone else told(error, limit)) from error
                await asyncio.sleep(pause * (0.5 + random.random()))
                pause = min(pause * 2, 0.4)
            else:
                self._observe(name, started)
                return rows

    async def define(self, statement: str) -> None:
        """A schema statement (constraint, index): auto-commit, since neither engine mixes it with data."""
        link = self._living()
        try:
            async with link.session() as session:
                await (await session.run(neo4j.Query(statement))).consume()
        except Exception as error:
            if self._is_gone(error):
                self._breaker.trip()
            raise told(error, self.config.timeout) from error

    async def _bounded_read(
        self, link: Link, query: neo4j.Query, parameters: Mapping[str, Any], limit: float
    ) -> list[Row]:
        async with asyncio.timeout(limit + self._grace) as deadline, self._room:
            self._breaker.enter(deadline)
            try:
                rows = await link.read(query, parameters)
                self._breaker.answered()
                return rows
            finally:
                self._breaker.leave(deadline)

    async def _bounded_write(self, transaction: Transaction, limit: float) -> list[list[Row]]:
        async with asyncio.timeout(limit + self._grace) as deadline, self._room:
            self._breaker.enter(deadline, write=True)
            try:
                return await transaction.run()
            finally:
                self._breaker.leave(deadline)

    def _living(self) -> Link:
        self._breaker.check()
        if self._link is None:
            raise GraphUnavailable("the graph is closed", hint="open the engine first")
        return self._link

    def _is_gone(self, error: Exception) -> bool:
        """Also: given up because the breaker opened, and an embedded engine that was started anew meanwhile."""
        if isinstance(error, TimeoutError):
            return self._breaker.is_open
        if self.is_embedded and isinstance(error, neo4j.exceptions.AuthError):
            return True
        return is_gone(error)

    def _observe(self, name: str, started: float) -> None:
        seconds = time.perf_counter() - started
        for observer in self._observers:
            observer(name, seconds)

    async def _answers(self, link: Link) -> bool:
        """Whether a broken connection was only that: an idle one closed by the other side."""
        if link is not self._link or self._breaker.is_open:
            return False
        return await self._breaker.answers(1.0)

    def _worked(self) -> float | None:
        """Seconds that an embedded engine's process ran or waited to; None for a server, or when it has ended."""
        address = self._link.address if self._link is not None else None
        return None if address is None else worked_seconds(address.pid)

    async def _ping(self) -> None:
        if self._link is not None:
            await self._link.ping()

    async def _reconnect(self) -> None:
        """For the breaker: goes on with the same link, or with a new one to wherever the engine is now."""
        old = self._link
        self._link = await self._connector.again(old)
        self._room = Room(WARM, AT_ONCE)
        if old is not None and old is not self._link:
            await old.close()


def open_engine(config: GraphConfig) -> Engine:
    """``async with open_engine(config) as engine``."""
    return Engine(config)

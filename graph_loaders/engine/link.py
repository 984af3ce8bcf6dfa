"""One connection pool to one living graph, with the sessions that its reads reuse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncResult, AsyncSession, Query
from neo4j.exceptions import Neo4jError

from graph_loaders.engine.config import DEFAULT_DATABASE, GraphConfig
from graph_loaders.engine.place import Address
from schema.errors import SettingsError

CONNECT_WITHIN = 5.0  # seconds; a server that is silent is noticed earlier, by the breaker
ACQUIRE_WITHIN = 6.0
CONNECTION_LIFE = 1800.0
IDLE_BEFORE_CHECK = 60.0  # seconds; a connection idle for longer is checked before use
RETRY_FOR = 2.0
WARM = 4  # connections opened ahead
IDLE_SESSIONS = 50
POOL_SIZE = 50

Row = dict[str, Any]


class Link:
    """A driver and its idle read sessions. A session costs 30 µs to make, a tenth of a point read: so they are kept."""

    def __init__(self, driver: AsyncDriver, database: str, address: Address | None) -> None:
        self.driver = driver
        self.database = database
        self.address = address
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self._idle: list[AsyncSession] = []

    @classmethod
    def to(cls, config: GraphConfig, address: Address | None) -> Link:
        """``address`` is the embedded engine's, None for a server. Opens nothing yet."""
        if address is None:
            url, auth = config.url, neo4j.basic_auth(config.user, read_password(config))
        else:
            url, auth = f"bolt://127.0.0.1:{address.port}", neo4j.basic_auth(address.user, address.password)
        driver = AsyncGraphDatabase.driver(
            url,
            auth=auth,
            connection_timeout=CONNECT_WITHIN,
            connection_acquisition_timeout=ACQUIRE_WITHIN,
            max_connection_lifetime=CONNECTION_LIFE,
            liveness_check_timeout=IDLE_BEFORE_CHECK,
            max_transaction_retry_time=RETRY_FOR,
            max_connection_pool_size=POOL_SIZE,
            keep_alive=True,
            notifications_min_severity="OFF",
            user_agent="delta-credit-hub",
        )
        database = config.database or (address.database if address else DEFAULT_DATABASE)
        return cls(driver, database, address)

    async def ping(self) -> None:
        """One round trip through the pool."""
        await self.read(Query("RETURN 1 AS one"), {})

    async def warm(self) -> None:
        """Opens some connections ahead; those that do not open now will when they are needed."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CONNECT_WITHIN):
                await asyncio.gather(*(self.ping() for _ in range(WARM)), return_exceptions=True)

    async def read(self, query: Query, parameters: Mapping[str, Any]) -> list[Row]:
        """Auto-commit, routed to a reader, all rows in one fetch. A session that failed is not used again."""
        session = self._idle.pop() if self._idle else self.session(neo4j.READ_ACCESS)
        try:
            result = await session.run(query, dict(parameters))
            rows = await all_rows(result)
        except Neo4jError:
            await session.close()  # the graph answered: its connection is sound
            raise
        except BaseException:
            await drop(session)
            raise
        if len(self._idle) < IDLE_SESSIONS:
            self._idle.append(session)
        else:
            await session.close()
        return rows

    def session(self, access: str = neo4j.WRITE_ACCESS) -> AsyncSession:
        return self.driver.session(
            database=self.database, default_access_mode=access, fetch_size=-1, bookmark_manager=self._bookmarks
        )

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                for session in idle:
                    await session.close()
                await self.driver.close()


async def drop(session: AsyncSession) -> None:
    """Drops the session's connection, which ends its statement in the graph. Never waits."""
    session.cancel()
    await session.close()


async def all_rows(result: AsyncResult) -> list[Row]:
    """Rows as plain dicts, nested values as the driver gives them."""
    keys = result.keys()
    return [dict(zip(keys, record, strict=True)) async for record in result]


def read_password(config: GraphConfig) -> str:
    """Raises SettingsError when the file is missing or not readable."""
    if config.password_file is None:
        return ""
    try:
        return config.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"HUB_GRAPH_PASSWORD_FILE {config.password_file} cannot be read: {error.strerror}",
            hint="give a file that holds the graph password only",
        ) from None

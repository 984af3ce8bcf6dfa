"""What revocation says now: clients and revoked tokens, held in memory and never older than ``MAX_STALE``.

Every call asks; a snapshot that is too old is renewed before the call goes on, one query for all that wait. An
unchanged set of counters costs one small read. If the store does not answer, the call fails: a revocation that
cannot be checked is not assumed absent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import select

from hub.auth.clients import Client, read_client, registered
from hub.auth.database import Database
from hub.auth.tables import CLIENTS, TOKENS, state, tokens

MAX_STALE = 0.25  # seconds; the contract allows one second until a revocation holds in every worker


@dataclass(frozen=True)
class Snapshot:
    """``stands`` are the change counters within one ``store`` (an SQLite file can be replaced by a backup)."""

    stands: Mapping[str, int] = field(default_factory=dict)
    store: tuple[int, int] | None = None
    clients: Mapping[str, Client] = field(default_factory=dict)
    revoked_tokens: frozenset[str] = frozenset()


class Revocations:
    """The current snapshot. ``current`` raises LedgerUnavailable when it is too old and cannot be renewed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "oauth-state")
        self._held = Snapshot()
        self._checked = float("-inf")
        self._renewal: asyncio.Task[None] | None = None

    async def current(self) -> Snapshot:
        if time.monotonic() - self._checked > MAX_STALE:
            await self.renew()
        return self._held

    async def renew(self) -> Snapshot:
        """Ask the store; calls that come while a question is under way share its answer."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
        await asyncio.shield(self._renewal)
        return self._held

    @property
    def held(self) -> Snapshot:
        """The last look, however old."""
        return self._held

    def expire(self) -> None:
        """The next call asks the store: something was just changed by this process."""
        self._checked = float("-inf")

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _renew(self) -> None:
        asked = time.monotonic()
        loop = asyncio.get_running_loop()
        self._held = await loop.run_in_executor(self._thread, self._read, self._held)
        self._checked = asked

    def _read(self, held: Snapshot) -> Snapshot:
        """Reads again only what changed: tokens are revoked often, clients change seldom and are many."""
        with self._database.read() as connection:
            stands = {row.name: row.value for row in connection.execute(select(state))}
            store = self._database.identity
            if (stands, store) == (held.stands, held.store):
                return held
            known, revoked = held.clients, held.revoked_tokens
            if store != held.store or stands[CLIENTS] != held.stands.get(CLIENTS):
                known = {row.client_id: read_client(row) for row in connection.execute(registered())}
            if store != held.store or stands[TOKENS] != held.stands.get(TOKENS):
                where = tokens.c.revoked_at.is_not(None) & (tokens.c.expires_at > int(time.time()) - 60)
                revoked = frozenset(connection.execute(select(tokens.c.jti).where(where)).scalars())
        return Snapshot(stands, store, known, revoked)

"""Performs mutations: once for each idempotency key, in one transaction, and read afterwards like any question."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Row

from hub.acts.graph_claims import GraphClaims
from hub.acts.journal import Journal, KeyTaken, Moved
from hub.acts.room import Mutation, Standing
from schema.errors import Conflict, KeyInUse, KeyReused
from schema.ports import Asking, Performing

TRIES = 8  # a case that moves on each time is left to its others
PATIENCE = 2.0  # seconds: for another request under the same key, and for the graph to hold what was written


class Acts:
    """One for each process."""

    def __init__(self, standing: Standing, claims: GraphClaims) -> None:
        self.standing = standing
        self.journal: Journal = standing.journal
        self._claims = claims
        self._under_way: dict[tuple[str, str], asyncio.Event] = {}

    async def perform(self, name: str, mutation: Mutation, given: Mapping[str, Any], asking: Asking) -> Any:
        """The ``result`` of the act: of this one, or of the one that was performed under its key before.

        Raises KeyReused, KeyInUse, Conflict, and what the room's function raises; then nothing is written.
        """
        performing = asking.performing
        assert performing is not None
        async with self._alone(asking.caller.client_id, performing.key):
            known = await self.journal.key(asking.caller.client_id, performing.key)
            if known is None:
                known = await self._perform(name, mutation, given, asking, performing)
            if known is not None:
                return await self._again(known, performing)
            key = await self.journal.key(asking.caller.client_id, performing.key)
            assert key is not None
            performing.pending = not await self._claims.wait(key.claimed, PATIENCE)
            return orjson.loads(key.result)

    async def _perform(
        self, name: str, mutation: Mutation, given: Mapping[str, Any], asking: Asking, performing: Performing
    ) -> Row[Any] | None:
        """None when it was performed now; the key's row when another process was first."""
        version = await self.standing.hub.reader.data_version()
        for _ in range(TRIES):
            performed = await mutation.perform(self.standing, given, asking)
            try:
                receipt, _ = await self.journal.record(name, performed, asking.caller, performing, data_version=version)
            except Moved:
                continue
            except KeyTaken:
                return await self.journal.key(asking.caller.client_id, performing.key)
            performing.receipt, performing.fresh = receipt.id, True
            return None
        raise Conflict(
            "the case changes faster than this could be done",
            hint="look at it, then try again 请查看后重试",
            message_zh="案件正在被他人处理",
        )

    async def _again(self, known: Row[Any], performing: Performing) -> Any:
        if known.content != performing.content:
            raise KeyReused(
                "this Idempotency-Key was used for another request",
                hint="send a new key for a new act, the same bytes, purpose and case for a repeated one 请更换幂等键",
                message_zh="幂等键已用于其他请求",
            )
        performing.receipt, performing.replayed = known.receipt, True
        performing.pending = not await self._claims.wait(known.claimed, PATIENCE)
        return orjson.loads(known.result)

    @contextlib.asynccontextmanager
    async def _alone(self, client: str, key: str) -> AsyncIterator[None]:
        """One request at a time under a key in this process; the others wait a little for its end. Between processes
        the journal decides."""
        mine = asyncio.Event()
        until = asyncio.get_running_loop().time() + PATIENCE
        while (other := self._under_way.get((client, key))) is not None:
            try:
                async with asyncio.timeout_at(until):
                    await other.wait()
            except TimeoutError:
                raise KeyInUse(
                    "a request under this Idempotency-Key is still running",
                    hint="send the same request again in a moment 请稍后重试",
                    message_zh="该幂等键的请求仍在处理",
                ) from None
        self._under_way[client, key] = mine
        try:
            yield
        finally:
            del self._under_way[client, key]
            mine.set()

"""Turns at the graph: one client's statements wait for each other, never others for all of one client's.

A request may hold dozens of root fields, and a client may send many requests. Without turns they would all run at once,
and a graph that is busy with them for seconds looks like one that is gone. So a client has a few statements under way
at a time; those that search widely (``heavy``) one at a time, and two of all clients together, so that the others keep
processors to run on. Within a client the order is that of asking.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from schema.errors import LimitExceeded

EACH = 8  # statements of one client under way
HEAVY_EACH = 1
HEAVY = 2
WAITING = 400  # statements of one client that wait: more are refused


@dataclass(slots=True)
class _Client:
    """One client's turns, kept while any statement of it is under way or waits."""

    light: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EACH))
    heavy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HEAVY_EACH))
    present: int = 0


class Turns:
    """On one event loop."""

    def __init__(self) -> None:
        self._clients: dict[str, _Client] = {}
        self._heavy = asyncio.Semaphore(HEAVY)

    @contextlib.asynccontextmanager
    async def of(self, client: str, *, heavy: bool, within: float) -> AsyncIterator[None]:
        """Waits for the client's turn, at most ``within`` seconds. Raises LimitExceeded when too many wait already, or
        the turn does not come in that time."""
        mine = self._clients.setdefault(client, _Client())
        if mine.present >= WAITING:
            raise _too_many(f"more than {WAITING} questions of this client wait for the graph")
        mine.present += 1
        try:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    async with asyncio.timeout(within):
                        await stack.enter_async_context(mine.light if not heavy else mine.heavy)
                        if heavy:
                            await stack.enter_async_context(self._heavy)
                except TimeoutError:
                    raise _too_many(f"the turn of this question did not come within {within:g} s") from None
                yield
        finally:
            mine.present -= 1
            if not mine.present:
                del self._clients[client]

    def __len__(self) -> int:
        """Clients with statements under way or waiting."""
        return len(self._clients)


def _too_many(message: str) -> LimitExceeded:
    return LimitExceeded(message, hint="ask less at once 请减少同时查询的数量", message_zh="同时查询过多")

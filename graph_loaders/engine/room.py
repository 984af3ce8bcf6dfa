"""How many statements run at once. The number grows slowly, since each new one means a new connection.

Forty connections opened at the same moment take a loaded server seconds of logins, which looks like an outage.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

GROW_EVERY = 0.05  # seconds


class Room:
    """A semaphore of ``first`` places that grows to ``most`` while statements wait."""

    def __init__(self, first: int, most: int) -> None:
        self._places = asyncio.Semaphore(first)
        self._size = first
        self._most = most
        self._growing: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        return self._size

    async def __aenter__(self) -> None:
        if self._places.locked():
            self._grow_soon()
        await self._places.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()

    def _grow_soon(self) -> None:
        if self._growing is None and self._size < self._most:
            self._growing = asyncio.get_running_loop().call_later(GROW_EVERY, self._grow)

    def _grow(self) -> None:
        self._growing = None
        if self._places.locked():
            self._size += 1
            self._places.release()
            self._grow_soon()

"""Finding the graph: a server by its address, an embedded engine by its data folder; the first time and again."""

from __future__ import annotations

import asyncio
import time

from graph_loaders.engine.config import GraphConfig
from graph_loaders.engine.embedded import Seat
from graph_loaders.engine.failures import is_gone, told
from graph_loaders.engine.link import Link
from graph_loaders.engine.place import Address
from schema.errors import GraphUnavailable

ANSWER_WITHIN = 1.9  # seconds of a server; less than the two in which an answer must say that the graph is down
LOGIN_WITHIN = 8.0  # seconds of a fresh embedded engine for its first login on a busy machine
OPEN_WITHIN = 40.0  # seconds of trying to reach an embedded engine that was just announced
ENGINE_WITHIN = 2.0  # seconds of waiting for an embedded engine in one look for a lost graph


class Connector:
    """Makes links. With the embedded engine it is also this process's seat among the engine's users."""

    def __init__(self, config: GraphConfig) -> None:
        self._config = config
        self._seat = Seat(config) if config.is_embedded else None

    async def join(self) -> None:
        if self._seat is not None:
            await self._seat.take()

    async def leave(self) -> None:
        if self._seat is not None:
            await self._seat.leave()

    async def first(self) -> Link:
        """A warm link. An announced embedded engine may be one that has just died: then the next one is asked."""
        deadline = time.monotonic() + OPEN_WITHIN
        while True:
            address = await self._seat.address() if self._seat is not None else None
            try:
                return await self._link(address)
            except Exception as error:
                if self._seat is None or time.monotonic() > deadline:
                    raise self._why_not(error) from error
            await asyncio.sleep(0.1)

    async def again(self, old: Link | None) -> Link:
        """The same link if it answers, otherwise a new one. Raises whatever the try raised."""
        address = await self._seat.address(within=ENGINE_WITHIN) if self._seat is not None else None
        if old is not None and old.address == address:
            async with asyncio.timeout(ANSWER_WITHIN):
                await old.ping()
            return old
        return await self._link(address)

    async def _link(self, address: Address | None) -> Link:
        link = Link.to(self._config, address)
        try:
            async with asyncio.timeout(ANSWER_WITHIN if address is None else LOGIN_WITHIN):
                await link.ping()
            await link.warm()
        except BaseException:
            await link.close()
            raise
        return link

    def _why_not(self, error: Exception) -> BaseException:
        if not isinstance(error, TimeoutError) and not is_gone(error):
            return told(error, self._config.timeout)
        where = "the embedded graph engine" if self._seat is not None else f"the graph at {self._config.url}"
        return GraphUnavailable(
            f"{where} does not answer", hint="start it, or check HUB_GRAPH", message_zh="图数据库没有响应"
        )

"""The circuit breaker: while the graph is down, questions are refused at once, and one task looks for its return."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from graph_loaders.engine.failures import unavailable

LOOK_EVERY = 0.5  # seconds between two tries to reach a graph that is down; a twentieth of its absence later on
LOOK_AT_MOST = 3.0
LOOK_AT_FIRST = 0.1  # the same in the first seconds: it may only be starting anew
PATIENCE = 1.3  # seconds that a read waits for a graph that has just gone: a restart takes about as long
SLOW = 0.5  # seconds after which a read makes the breaker ask whether the graph still answers at all
PING_WITHIN = 1.3  # seconds; SLOW + PING_WITHIN stays below two
BUSY = 0.05  # seconds that an engine which is busy, not gone, works or waits for a processor while a ping waits
LAG = 0.3  # seconds; a ping that ended later than this after its time says that this process was busy, not the graph
WRITES_WAIT = 8.0  # seconds of silence after which writes under way are given up too

log = logging.getLogger(__name__)


class Breaker:
    """Closed: questions pass. Open: they are refused until ``recover`` succeeds.

    ``ping`` asks the present link; ``recover`` makes a working link or raises. A read that takes long is suspicious:
    a graph that is frozen, or a network that swallows packets, raises no error by itself. Overload is not down: a graph
    that answers anything meanwhile, or whose process works or stands in the queue for a processor (``worked``: seconds
    of both, None where that is not known), is busy.
    """

    def __init__(
        self,
        ping: Callable[[], Awaitable[None]],
        recover: Callable[[], Awaitable[None]],
        worked: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._ping = ping
        self._recover = recover
        self._worked = worked
        self._answered = 0.0
        self._down = False
        self._tripped = 0.0
        self._reads: dict[asyncio.Timeout, float] = {}
        self._writes: dict[asyncio.Timeout, float] = {}
        self._healer: asyncio.Task[None] | None = None
        self._guard: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._up.set()

    @property
    def is_open(self) -> bool:
        return self._down

    def check(self) -> None:
        if self._down:
            raise unavailable()

    async def admit(self, until: float) -> None:
        """``check``, but a graph that went a moment ago is waited for, at most until then (the event loop's time)."""
        if self._down:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(until, self._tripped + PATIENCE)):
                    await self._up.wait()
        self.check()

    def enter(self, deadline: asyncio.Timeout, write: bool = False) -> None:
        (self._writes if write else self._reads)[deadline] = asyncio.get_running_loop().time()
        if self._guard is None:
            self._guard = asyncio.create_task(self._watch())

    def answered(self) -> None:
        """The graph has just answered something."""
        self._answered = asyncio.get_running_loop().time()

    async def answers(self, within: float) -> bool:
        """Whether the graph answers a ping in time, or else is only busy."""
        loop = asyncio.get_running_loop()
        asked, before = loop.time(), self._worked()
        try:
            async with asyncio.timeout(within):
                await self._ping()
        except TimeoutError:
            if self._answered > asked:
                return True
            after = self._worked()
            return before is not None and after is not None and after - before > BUSY
        except Exception:
            return False
        return True

    def leave(self, deadline: asyncio.Timeout) -> None:
        self._reads.pop(deadline, None)
        self._writes.pop(deadline, None)

    def trip(self, *, waited: bool = False) -> None:
        """The graph is gone: refuse from now on, give up the reads under way, and look for its return. ``waited``: it
        has been silent for long enough already."""
        if self._down:
            return
        self._down = True
        self._tripped = asyncio.get_running_loop().time() - (PATIENCE if waited else 0.0)
        self._up.clear()
        log.warning("the graph is down")
        self._give_up(self._reads)
        self._healer = asyncio.create_task(self._heal())

    async def wait_until_up(self) -> None:
        await self._up.wait()

    async def close(self) -> None:
        for task in (self._healer, self._guard):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _heal(self) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            try:
                await self._recover()
            except Exception as error:
                log.debug("the graph is still down: %s", error)
            else:
                break
            if loop.time() - since > WRITES_WAIT:
                self._give_up(self._writes)
            gone = loop.time() - since
            await asyncio.sleep(LOOK_AT_FIRST if gone < 4 * PATIENCE else min(LOOK_AT_MOST, max(LOOK_EVERY, gone / 20)))
        self._down = False
        self._up.set()
        log.warning("the graph is back after %.1f s", loop.time() - since)

    async def _watch(self) -> None:
        """Ends when it has had nothing to watch for a while; ``enter`` starts it again."""
        loop = asyncio.get_running_loop()
        idle = 0
        while idle < 20:
            await asyncio.sleep(SLOW / 2)
            oldest = min([*self._reads.values(), *self._writes.values()], default=None)
            idle = idle + 1 if oldest is None else 0
            if oldest is None or self._down or loop.time() - oldest < SLOW / 2:
                continue
            asked = loop.time()
            if not await self.answers(PING_WITHIN) and loop.time() - asked < PING_WITHIN + LAG:
                self.trip(waited=True)
        self._guard = None

    @staticmethod
    def _give_up(deadlines: dict[asyncio.Timeout, float]) -> None:
        now = asyncio.get_running_loop().time()
        for deadline in deadlines:
            if not deadline.expired():
                deadline.reschedule(now)

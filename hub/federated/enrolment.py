"""Doubly keyed tokens of this hub's own persons, made with one neighbour when a question needs them, and only then.

Each exchange is made for the end client whose question began it, under the daily number of the agreement; what was
made is kept, so later questions find it. One part of a day's number stays free for the persons of questions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from federation.errors import PeerFault, PeerRefused, PeerUnreachable
from federation.feed.follow import Follower
from federation.persons import PairExchange, Pairs
from federation.ports import Asker, LocalFacts, PersonPairs
from federation.quota import SENT, PersonCounts

log = logging.getLogger(__name__)
CATCHING_UP = 0.8  # of a day's number
TRIES = 2


class Enrolment:
    """``most()`` is the number of persons that the agreement lets this hub exchange in a day."""

    def __init__(
        self,
        exchange: PairExchange,
        follower: Follower,
        facts: LocalFacts,
        persons: PersonPairs,
        pairs: Pairs,
        counts: PersonCounts,
        most: Callable[[], int],
    ) -> None:
        self._exchange = exchange
        self._follower = follower
        self._facts = facts
        self._persons = persons
        self._pairs = pairs
        self._counts = counts
        self._most = most
        self._done: tuple[str, str, str] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None] | None:
        return self._task

    async def complete(self, asker: Asker, seconds: float) -> bool:
        """Whether all persons held here are exchanged; waits so long for it. It goes on when the time is up."""
        now = await self._state()
        if self._done == now:
            return True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._catch_up(asker, now))
        await asyncio.wait({self._task}, timeout=seconds)
        return self._done == now

    async def named(self, tokens: Sequence[str], asker: Asker, deadline: float) -> dict[str, str]:
        """Own tokens to doubly keyed ones, those that are missing exchanged now, once more where the peer was not
        reached. Raises PeerFault."""
        region = self._exchange.peer.hub.region
        known = await asyncio.to_thread(self._pairs.keys, region)
        holds = known is not None and known[0] == self._persons.key_id
        holds = holds and self._follower.person_key in ("", known[1] if known else "")
        missing = await asyncio.to_thread(self._pairs.missing, region, list(tokens)) if holds else list(tokens)
        for left in range(TRIES - 1, -1, -1):
            try:
                if missing:
                    await self._sent(len(missing), 1.0)
                    await self._exchange.exchange(missing, asker, deadline)
                break
            except PeerUnreachable:
                if not left or asyncio.get_running_loop().time() + 0.1 >= deadline:
                    raise
        return await asyncio.to_thread(self._pairs.pair_of, region, list(tokens))

    async def forget(self, tokens: Sequence[str]) -> None:
        """The peer does not know these as exchanged."""
        await asyncio.to_thread(self._pairs.forget, self._exchange.peer.hub.region, list(tokens))

    async def _state(self) -> tuple[str, str, str]:
        return await self._facts.data_version(), self._persons.key_id, self._follower.person_key

    async def _catch_up(self, asker: Asker, now: tuple[str, str, str]) -> None:
        region = self._exchange.peer.hub.region
        try:
            made = await self._exchange.refresh(now[2], asker, lambda count: self._sent(count, CATCHING_UP))
            self._done = now
            if made:
                log.info("person pairs", extra={"fields": {"peer": region, "made": made}})
        except PeerFault as fault:
            log.info("person pairs", extra={"fields": {"peer": region, "fault": fault.reason}})
        except Exception:
            log.exception("person pairs")

    async def _sent(self, count: int, part: float) -> None:
        region, most = self._exchange.peer.hub.region, int(self._most() * part)
        if not (await asyncio.to_thread(self._counts.take, region, SENT, count, most))[0]:
            raise PeerRefused("quota", "the agreement's number of persons for today is used up")

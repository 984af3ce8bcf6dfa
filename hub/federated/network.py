"""The hub's live view of its neighbours: one peer object, feed follower and person exchange for each, kept in step with
the directory. Feeds are followed only under agreements in force that open every kind of fact, persons exchanged only
when a question needs them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine as SqlEngine

from federation.directory.current import CurrentDirectory
from federation.directory.model import Directory
from federation.directory.model import Hub as PeerHub
from federation.errors import PeerFault
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.peer import Observe, Peer
from federation.persons import PairExchange, Pairs
from federation.ports import LocalFacts, Messenger, PersonPairs
from federation.quota import PersonCounts
from federation.transport import Transport
from hub.federated.enrolment import Enrolment
from hub.federated.successors import Learner
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.lock import SequencerLock
from policies.recognition import Recogniser
from policies.sharing import Sharing, sharing

log = logging.getLogger(__name__)
Heard = Callable[[str, Sequence[Mapping[str, Any]]], None]
GREETINGS = (0.0, 1.0, 3.0, 9.0)  # seconds before each try to get a token of a new neighbour
PATIENCE = 10.0


@dataclass
class Neighbour:
    peer: Peer
    follower: Follower
    enrolment: Enrolment
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    greeting: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Ends following it."""
        for task in self.tasks:
            task.cancel()

    def leave(self) -> list[asyncio.Task[None]]:
        """Ends all that runs for it; what was cancelled."""
        self.stop()
        others = [task for task in (self.greeting, self.enrolment.task) if task is not None]
        for task in others:
            task.cancel()
        return [*self.tasks, *others]


class Network:
    """Of several workers one follows the feeds (``lock``); the others only ask, and take the
    digests from what that one stored."""

    def __init__(
        self,
        here: str,
        directory: CurrentDirectory,
        recogniser: Recogniser,
        messenger: Messenger,
        transport: Transport,
        sql: SqlEngine,
        facts: LocalFacts,
        persons: PersonPairs,
        as_of: Callable[[], str],
        lock: SequencerLock,
        observe: Observe | None = None,
        on_entries: Heard | None = None,
        files: DatabaseFiles | None = None,
    ) -> None:
        self._files = files or DatabaseFiles(None)
        self._lock = lock
        self._on_entries = on_entries
        self.here = here
        self.directory = directory
        self._recogniser = recogniser
        self.messenger = messenger
        self._transport = transport
        self.copies = Copies(sql)
        self._learner = Learner(here, directory, messenger, transport)
        self.pairs = Pairs(sql)
        self.counts = PersonCounts(sql)
        self._facts = facts
        self._persons = persons
        self._as_of = as_of
        self._observe = observe
        self.neighbours: dict[str, Neighbour] = {}
        self._leads = False

    @property
    def leads(self) -> bool:
        """Whether this is the one of several workers that follows the neighbours."""
        return self._leads

    @property
    def recogniser(self) -> Recogniser:
        """With the agreements that the directory now lists."""
        found = self.directory.get()
        return replace(self._recogniser, listed=frozenset(a.sha256 for a in found.agreements) if found else frozenset())

    def peers(self) -> Mapping[str, Peer]:
        return {region: neighbour.peer for region, neighbour in self.neighbours.items()}

    def agreed(self, region: str) -> bool:
        """Whether any agreement in force binds this region and that one."""
        return bool(self.recogniser.between(self.here, region, self._as_of()))

    def shared(self, region: str, day: str | None = None) -> Sharing:
        """What this hub may tell that region now of a day (ISO; None: today)."""
        return sharing(self.recogniser, of=self.here, to=region, today=self._as_of(), day=day)

    def tells(self, region: str) -> Sharing:
        """What that region may tell this hub."""
        return sharing(self.recogniser, of=region, to=self.here, today=self._as_of())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        watcher, learner = asyncio.create_task(self._watch()), asyncio.create_task(self._learner.run())
        self.directory.listeners.append(self._moved)
        self.sync()
        try:
            yield
        finally:
            self.directory.listeners.remove(self._moved)
            watcher.cancel()
            learner.cancel()
            tasks = [task for neighbour in self.neighbours.values() for task in neighbour.leave()]
            await asyncio.gather(watcher, learner, *tasks, return_exceptions=True)
            self._lock.release()
            await self._transport.close()

    def sync(self) -> None:
        """Makes the neighbours those of the directory; unchanged ones keep their connections and state."""
        self._files.ask_again()  # whoever is new has no digest here yet
        found = self.directory.get()
        wanted = {hub.region: hub for hub in found.hubs if hub.region != self.here} if found else {}
        for region in list(self.neighbours):
            if wanted.get(region) != self.neighbours[region].peer.hub:
                self.neighbours.pop(region).leave()
        for region, hub in wanted.items():
            if region not in self.neighbours:
                made = self.neighbours[region] = self._neighbour(hub)
                made.greeting = asyncio.create_task(self._greet(made.peer))
        for region, neighbour in self.neighbours.items():
            self._keep_running(region, neighbour)

    def _moved(self) -> None:
        """Another directory is in force: names may have moved, and who is in it is asked from now on."""
        self._transport.resolver.forget()
        self.sync()

    async def _greet(self, peer: Peer) -> None:
        """Gets a token in advance, so that the first question after a start or a new directory need not wait for it."""
        for pause in GREETINGS:
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.messenger.sign(peer.hub, "GET", "/feed", b"", None)
                return
            except (PeerFault, TimeoutError):
                continue
            except Exception:
                log.exception("no token in advance", extra={"fields": {"peer": peer.hub.region}})
                return

    def _neighbour(self, hub: PeerHub) -> Neighbour:
        peer = Peer(hub, self.messenger, self._transport, self._observe)
        peer.on_unknown_key = self._learner.want
        follower = Follower(peer, self.messenger, self.copies, self.here, self._on_entries)
        exchange = PairExchange(peer, self.messenger, self._persons, self.pairs, self._facts)
        enrolment = Enrolment(
            exchange,
            follower,
            self._facts,
            self._persons,
            self.pairs,
            self.counts,
            lambda: self.tells(hub.region).persons_exchanged,
        )
        return Neighbour(peer, follower, enrolment)

    def _keep_running(self, region: str, neighbour: Neighbour) -> None:
        told = self.tells(region) if self._leads else Sharing()
        if not told.whole:
            neighbour.stop()
            neighbour.tasks.clear()
        elif not neighbour.tasks:
            neighbour.tasks = [asyncio.create_task(neighbour.follower.run())]

    async def _watch(self) -> None:
        """The directory may expire, an agreement may begin or end, another worker may have died."""
        seen: tuple[Directory | None, str, bool] | None = None
        while True:
            try:
                self._leads = await asyncio.to_thread(self._lock.acquire)
                now = (self.directory.get(), self._as_of(), self._leads)
                if now != seen:
                    self.sync()
                    seen = now
                if not self._leads and not self._files.is_quiet():
                    await self._take_digests()
            except Exception:
                self._files.ask_again()
                log.exception("neighbours not kept in step")
            await asyncio.sleep(2.0 if self._leads else 0.5)

    async def _take_digests(self) -> None:
        for neighbour in list(self.neighbours.values()):
            try:
                await neighbour.follower.load_digest()
            except PeerFault as fault:
                log.info("digest", extra={"fields": {"peer": neighbour.peer.hub.region, "fault": fault.reason}})

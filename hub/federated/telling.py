"""Writing the feed as the graph changes: one process of the hub at a time, within a second of a load.

A day's end changes states without a load, so the feed is compared whole at the start and once a day.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter
from federation.ports import LocalFacts
from hub.ledger import Ledger
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.lock import SequencerLock
from hub.ledger.receipts import REVOKED, STATUSES, SUPERSEDED
from schema.errors import HubError

log = logging.getLogger(__name__)
POLL = 0.5
PAGE = 400


class Teller:
    """``as_of`` gives the day for which the feed speaks; ``writer`` is made when the lock is held. ``neighbours`` are
    the client ids of the hubs that hear of receipts; ``keys`` gives the public signing keys, by ``kid``."""

    def __init__(
        self,
        facts: LocalFacts,
        make_writer: Callable[[], FeedWriter],
        lock: SequencerLock,
        ledger: Ledger,
        as_of: Callable[[], str],
        neighbours: Callable[[], Collection[str]],
        keys: Callable[[], Mapping[str, Mapping[str, Any]]],
    ) -> None:
        self._facts = facts
        self._make_writer = make_writer
        self._lock = lock
        self._ledger = ledger
        self._as_of = as_of
        self._neighbours = neighbours
        self._keys = keys
        self._keys_told: Mapping[str, Any] = {}
        self._mark = ""
        self._day = ""

    async def run(self) -> None:
        """Until cancelled."""
        writer: FeedWriter | None = None
        try:
            while True:
                try:
                    if await asyncio.to_thread(self._lock.acquire):
                        if writer is None:
                            writer = await asyncio.to_thread(self._make_writer)
                        await self.step(writer)
                except HubError as error:
                    log.warning("feed not written", extra={"fields": {"code": error.code}})
                except Exception:
                    log.exception("feed not written")
                await asyncio.sleep(POLL)
        finally:
            self._lock.release()

    async def step(self, writer: FeedWriter) -> int:
        """Tells what changed since the last step; how many facts."""
        await self._tell_keys(writer)
        day = self._as_of()
        since, last = self._mark, self._day
        mark, codes = await self._facts.changed(since if day == last else "")
        told = 0
        if codes is None:
            codes = await self._facts.all_codes()
        for start in range(0, len(codes), PAGE):
            told += await self._tell(writer, codes[start : start + PAGE], day, int(mark) if mark.isdigit() else None)
        if (mark, day) != (since, last):
            await self._revoke(writer, since, last, day)
        self._mark, self._day = mark, day
        return told

    async def _tell_keys(self, writer: FeedWriter) -> None:
        keys = {kid: {"jwk": jwk} for kid, jwk in self._keys().items()}
        if keys != self._keys_told:
            await asyncio.to_thread(writer.announce, "KEY", keys, once=True)
            self._keys_told = keys

    async def _tell(self, writer: FeedWriter, codes: Sequence[str], day: str, before_us: int | None) -> int:
        """Receipts are marked before the feed moves on: after a crash between the two, both are done again."""
        held = await self._facts.held(codes, day)
        told = await asyncio.to_thread(writer.compare, held)
        if not told.count:
            return 0
        dropped = record_ids(told.dropped)
        voided = await self._facts.voided(list(dropped.values()), day) if dropped else frozenset()
        void = [key for key in told.dropped if dropped.get(key) in voided]
        others = {**told.dropped, **told.changed, **told.added}
        await self._mark_receipts(writer, REVOKED, {key: others.pop(key) for key in void}, before_us)
        await self._mark_receipts(writer, SUPERSEDED, others, before_us)
        await asyncio.to_thread(writer.tell, held, void)
        return told.count

    async def _mark_receipts(
        self, writer: FeedWriter, status: str, facts: Mapping[str, str], before_us: int | None
    ) -> None:
        """Receipts that told of these facts, or of their subjects, before the change; neighbours hear of theirs."""
        if not facts:
            return
        named = {*facts.values(), *record_ids(facts).values()}
        await self._mark_named(writer, status, named, before_us)

    async def _revoke(self, writer: FeedWriter, since: str, last: str, day: str) -> None:
        """Receipts that told of a record which is void now, also where neighbours no longer saw it: it had expired or
        was repaired before. Answers given after the ending was known told of it as void, and stand."""
        for learnt_us, ids in (await self._facts.void_since(since, last, day)).items():
            await self._mark_named(writer, REVOKED, ids, learnt_us)

    async def _mark_named(self, writer: FeedWriter, status: str, named: Collection[str], before_us: int | None) -> None:
        because = "a record is void" if status == REVOKED else "a fact has ended, is new, or reads otherwise"
        receipts = await asyncio.to_thread(
            self._ledger.reader.told_to, named, self._neighbours(), STATUSES.index(status), before_us
        )
        if receipts:
            await asyncio.to_thread(writer.announce, "RECEIPT", {one: {"status": status} for one in receipts})
        await self._ledger.mark_receipts(status, named, because=because, before_us=before_us)


def record_ids(keys: Iterable[str]) -> dict[str, str]:
    """Ids in the graph of the records among feed ids."""
    return {key: raw_id(key.partition(":")[2]) for key in keys if key.startswith("record:")}


def raw_id(shown: str) -> str:
    """The part behind the type in a Relay global id."""
    try:
        text = urlsafe_b64decode(shown + "=" * (-len(shown) % 4)).decode()
    except (ValueError, UnicodeDecodeError):
        return shown
    return text.partition(":")[2] or shown


class Waiters:
    """Wakes long polls of this process when any process has written to the feed."""

    def __init__(self, reader: FeedReader, files: DatabaseFiles | None = None) -> None:
        self._reader = reader
        self._files = files or DatabaseFiles(None)
        self._changed = asyncio.Condition()
        self._head = 0
        self._ended = False

    async def run(self) -> None:
        while True:
            try:
                quiet = self._files.is_quiet()
                head = self._head if quiet else await asyncio.to_thread(self._reader.head)
            except Exception:
                log.exception("feed head not read")
                head = self._head
            if head != self._head:
                async with self._changed:
                    self._head = head
                    self._changed.notify_all()
            await asyncio.sleep(0.2)

    async def wait(self, after: int, seconds: float) -> None:
        """Returns when the feed is past a position, the time is up, or the hub ends."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self._ended or self._head > after)
        except TimeoutError:
            return

    async def end(self) -> None:
        """The hub ends: all that wait are answered now, and nobody waits any more."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

"""Writing the feed as the graph changes: one process of the hub at a time, within a second of a load.

A day's end changes states without a load, so the feed is compared whole at the start and once a day.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence

from federation.feed.writer import FeedReader, FeedWriter, Told
from federation.ports import LocalFacts
from hub.ledger import Ledger
from hub.ledger.lock import SequencerLock
from hub.ledger.receipts import REVOKED, SUPERSEDED
from schema.errors import HubError

log = logging.getLogger(__name__)
POLL = 0.5
PAGE = 400


class Teller:
    """``as_of`` gives the day for which the feed speaks; ``writer`` is made when the lock is held."""

    def __init__(
        self,
        facts: LocalFacts,
        make_writer: Callable[[], FeedWriter],
        lock: SequencerLock,
        ledger: Ledger,
        as_of: Callable[[], str],
    ) -> None:
        self._facts = facts
        self._make_writer = make_writer
        self._lock = lock
        self._ledger = ledger
        self._as_of = as_of
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
        """Tells what changed since the last step; how many entries."""
        day = self._as_of()
        mark, codes = await self._facts.changed(self._mark if day == self._day else "")
        told = 0
        if codes is None:
            codes = await self._facts.all_codes()
        for start in range(0, len(codes), PAGE):
            told += await self._tell(writer, codes[start : start + PAGE], day, int(mark) if mark.isdigit() else None)
        self._mark, self._day = mark, day
        return told

    async def _tell(self, writer: FeedWriter, codes: Sequence[str], day: str, before_us: int | None) -> int:
        told = await asyncio.to_thread(writer.tell, await self._facts.held(codes, day))
        dropped = record_ids(told.dropped)
        voided = await self._facts.voided(list(dropped.values()), day) if dropped else ()
        revoked = [key for key in told.dropped if dropped.get(key) in voided]
        ended = [key for key in (*told.dropped, *told.changed, *told.added) if key not in revoked]
        await self._mark_receipts(REVOKED, revoked, told, before_us)
        await self._mark_receipts(SUPERSEDED, ended, told, before_us)
        return len(told.dropped) + len(told.changed) + len(told.added)

    async def _mark_receipts(self, status: str, keys: Sequence[str], told: Told, before_us: int | None) -> None:
        """Receipts that told of these facts, or of their subjects, before the change."""
        if not keys:
            return
        because = "a record is void" if status == REVOKED else "a fact has ended, is new, or reads otherwise"
        named = {told.codes[key] for key in keys} | set(record_ids(keys).values())
        await self._ledger.mark_receipts(status, named, because=because, before_us=before_us)


def record_ids(keys: Sequence[str]) -> dict[str, str]:
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

    def __init__(self, reader: FeedReader) -> None:
        self._reader = reader
        self._changed = asyncio.Condition()
        self._head = 0

    async def run(self) -> None:
        while True:
            try:
                head = await asyncio.to_thread(self._reader.head)
            except Exception:
                log.exception("feed head not read")
                head = self._head
            if head != self._head:
                async with self._changed:
                    self._head = head
                    self._changed.notify_all()
            await asyncio.sleep(0.2)

    async def wait(self, after: int, seconds: float) -> None:
        """Returns when the feed is past a position, or the time is up."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self._head > after)
        except TimeoutError:
            return

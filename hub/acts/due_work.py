"""Work that has become due, done once each however many workers look for it, and however many of them are killed.

A worker takes rows under a lease; what they come to is written in one transaction with their end. A lease that ran out
frees its row. What was missed while no hub ran is due still.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, case, func, select, update

from hub.acts.journal import Journal, Moved, finish
from hub.acts.model import Act, Performed, new_id
from hub.acts.room import Handle, Standing
from hub.acts.tables import due
from hub.ledger.database_files import DatabaseFiles
from schema.caller import Caller
from schema.errors import HubError
from schema.times import now_us

log = logging.getLogger(__name__)
LEASE = 30_000_000  # microseconds
LOOK_EVERY = 1.0  # seconds
NEVER = 1 << 62
SOME = 50
AGAIN = 5_000_000  # microseconds after which work that failed is tried again
CLOCK = Caller(client_id="", scopes=frozenset(), purpose="operations")


class DueWork:
    def __init__(self, standing: Standing, handles: Mapping[str, Handle], files: DatabaseFiles | None = None) -> None:
        """``files`` tell when nothing was written since the last look: then nothing is due before its known time."""
        self._files = files or DatabaseFiles(None)
        self._next = 0  # when the first of the open rows will be free, microseconds
        self._standing = standing
        self._journal: Journal = standing.journal
        self._handles = handles
        self._me = new_id()

    async def take(self, limit: int = SOME) -> list[dict[str, Any]]:
        """Due rows under a lease of this worker."""
        now = now_us()
        ledger = self._journal.ledger
        free = select(due.c.id).where(
            due.c.done_us.is_(None), due.c.at_us <= now, due.c.lease_us < now, due.c.kind.in_(list(self._handles))
        )
        free = free.order_by(due.c.at_us).limit(limit)
        if not ledger.store.sqlite:
            free = free.with_for_update(skip_locked=True)
        lease = {"lease_us": now + LEASE, "holder": self._me}
        claim = update(due).where(due.c.id.in_(free.scalar_subquery())).values(**lease).returning(*due.c)

        def work(connection: Connection) -> list[dict[str, Any]]:
            return [dict(row._mapping) for row in connection.execute(claim)]

        free_from = case((due.c.lease_us > due.c.at_us, due.c.lease_us), else_=due.c.at_us)
        first = select(func.min(free_from)).where(due.c.done_us.is_(None), due.c.kind.in_(list(self._handles)))
        self._next = await ledger.store.read(lambda connection: connection.scalar(first)) or NEVER
        if self._next >= now:
            return []  # looking takes no writer's turn
        rows = await ledger.store.write(work)
        return sorted(rows, key=lambda row: int(row["at_us"]))

    async def do(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What rows come to, with their end, in one transaction. Raises Moved when one of them is done already."""
        made: list[Act] = []
        for row in rows:
            made += await self._handles[row["kind"]](self._standing, {**row, "about": orjson.loads(row["about"])})
        done = [str(row["id"]) for row in rows]
        if made:
            kinds = " ".join(dict.fromkeys(str(row["kind"]) for row in rows))
            await self._journal.record(f"due {kinds}", Performed(made, {}), CLOCK, None, done=done)
            return
        now = now_us()

        def work(connection: Connection) -> None:
            for named in done:
                finish(connection, named, now)

        await self._journal.ledger.store.write(work)

    async def once(self) -> int:
        """Do what is due now; how many rows were taken. What fails together is done row by row."""
        if self._files.is_quiet() and now_us() <= self._next:
            return 0
        rows = await self.take()
        if not rows:
            return 0
        try:
            await self.do(rows)
        except Exception:
            for row in rows:
                await self._alone(row)
        return len(rows)

    async def _alone(self, row: Mapping[str, Any]) -> None:
        try:
            await self.do([row])
        except Moved:
            return
        except HubError as error:
            log.info("due work waits: %s", error.message, extra={"fields": {"due": row["id"]}})
            await self._later(str(row["id"]))
        except Exception:
            log.exception("due work failed", extra={"fields": {"due": row["id"]}})
            await self._later(str(row["id"]))

    async def _later(self, named: str) -> None:
        values = {"lease_us": now_us() + AGAIN, "holder": ""}
        later = update(due).where(due.c.id == named, due.c.done_us.is_(None)).values(**values)
        await self._journal.ledger.store.write(lambda connection: connection.execute(later))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                taken = await self.once()
            except HubError as error:
                log.info("due work waits: %s", error.message)
                self._files.ask_again()
                taken = 0
            except Exception:
                log.exception("due work could not be looked for")
                self._files.ask_again()
                taken = 0
            if taken < SOME:
                await asyncio.sleep(LOOK_EVERY)

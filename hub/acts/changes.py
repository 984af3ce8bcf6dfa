"""What changed in the graph, told to the rooms: so that a case whose answer has become another one is noticed.

One process of a hub looks, every second. How far it has looked is kept beside the journal, so what changed while no hub
ran is told as well; a new day is a change of everything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import Connection, select

from hub.acts.journal import Moved
from hub.acts.model import Performed
from hub.acts.room import Changed, Standing
from hub.acts.tables import positions
from hub.ledger.lock import FileLock
from schema.caller import Caller
from schema.errors import HubError
from schema.ports import Asking
from schema.scopes import GATE

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0
SEEN, DAY = "changes", "changes-day"


class Changes:
    def __init__(self, standing: Standing, rooms: Sequence[Changed], lock: FileLock) -> None:
        self._standing, self._rooms, self._lock = standing, rooms, lock
        self._told: tuple[str, str] | None = None  # version and day that nothing is left to tell of

    async def once(self) -> int:
        """Tell the rooms of what has changed since the last look; how many acts came of it."""
        hub = self._standing.hub
        now, day = await hub.facts.data_version(), hub.as_of
        if (now, day) == self._told:
            return 0
        seen, last = await self._mark(SEEN), await self._mark(DAY)
        today = int(day.replace("-", ""))
        if not now.isdigit():
            return 0
        if seen is not None and str(seen) == now and last == today:
            self._told = (now, day)
            return 0
        count = 0
        mark, codes = await hub.facts.changed(str(seen) if seen is not None and last == today else "")
        if seen is not None and codes != ():
            caller = Caller(client_id=f"hub:{hub.settings.region}", scopes=frozenset((GATE,)), purpose="operations")
            for told in self._rooms:
                for act in await told(self._standing, codes, Asking(caller, day)):
                    try:
                        await self._standing.journal.record("change", Performed([act], {}), caller, None)
                        count += 1
                    except Moved:  # somebody acted on the case meanwhile: it is looked at with the next change
                        continue
        await self._note(SEEN, int(mark) if mark.isdigit() else int(now))
        await self._note(DAY, today)
        self._told = (mark, day)
        return count

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if self._lock.acquire():
                    await self.once()
            except HubError as error:
                log.info("changes wait: %s", error.message)
            except Exception:
                log.exception("changes could not be told")
            await asyncio.sleep(LOOK_EVERY)

    async def _mark(self, name: str) -> int | None:
        query = select(positions.c.seq).where(positions.c.name == name)
        return await self._standing.journal.ledger.store.read(lambda connection: connection.scalar(query))

    async def _note(self, name: str, seq: int) -> None:
        store = self._standing.journal.ledger.store

        def work(connection: Connection) -> None:
            upsert = store.insert(positions)
            made = upsert.on_conflict_do_update(index_elements=["name"], set_={"seq": upsert.excluded.seq})
            connection.execute(made, [{"name": name, "seq": seq}])

        await store.write(work)

"""From the journal into the graph: the facts of acts are claims of one more source, named ``acts``, loaded like a file.

One process of a hub does it at a time, in order; how far it has come is kept beside the journal. A claim that is loaded
twice changes nothing, so a kill between the graph and that note costs nothing either.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from graph_loaders.engine import Engine
from graph_loaders.load import LoadOptions, load_paths
from graph_loaders.persons import Persons
from graph_loaders.sources import load_profile
from hub.acts.journal import Journal
from hub.acts.tables import claims, positions
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.lock import FileLock
from policies import Policies
from schema.errors import HubError

log = logging.getLogger(__name__)
SOURCE = "acts"
LOOK_EVERY = 0.2  # seconds between looks for claims that another process wrote
WAITS = 0.02
MOST = 5_000
AFTER_TROUBLE = 1.0


class GraphClaims:
    """``run`` loads what is waiting, in the process that holds the lock; ``wait`` is for any process."""

    def __init__(
        self,
        journal: Journal,
        engine: Engine,
        persons: Persons,
        policies: Policies,
        lock: FileLock,
        today: Any,
        files: DatabaseFiles | None = None,
    ) -> None:
        self._journal, self._engine, self._persons, self._policies = journal, engine, persons, policies
        self._lock = lock
        self._files = files or DatabaseFiles(None)
        self._today = today
        self._loaded = 0
        self._wake = asyncio.Event()

    async def position(self) -> int:
        """The last claim that the graph holds."""
        query = select(positions.c.seq).where(positions.c.name == SOURCE)
        return int(await self._journal.ledger.store.read(lambda connection: connection.scalar(query)) or 0)

    async def wait(self, claim: int, seconds: float) -> bool:
        """Whether the graph holds a claim, waited for so long."""
        if claim <= self._loaded:
            return True
        self._wake.set()
        until = asyncio.get_running_loop().time() + seconds
        while True:
            self._loaded = max(self._loaded, await self.position())
            if claim <= self._loaded:
                return True
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(WAITS)

    async def run(self) -> None:
        """Load what waits, until cancelled."""
        try:
            while True:
                try:
                    if self._lock.acquire() and not self._files.is_quiet():
                        while await self.load_waiting():
                            pass
                except HubError as error:
                    log.info("claims of acts wait: %s", error.message)
                    self._files.ask_again()
                    await asyncio.sleep(AFTER_TROUBLE)
                except Exception:
                    log.exception("claims of acts could not be loaded")
                    self._files.ask_again()
                    await asyncio.sleep(AFTER_TROUBLE)
                self._wake.clear()
                try:
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            self._lock.release()

    async def load_waiting(self) -> bool:
        """Load the next claims. False when there were none."""
        after = await self.position()
        rows = await self.claims(after)
        if not rows:
            return False
        await self.load(rows)
        last = int(rows[-1].seq)

        def note(connection: Connection) -> None:
            upsert = self._journal.ledger.store.insert(positions)
            farther = {"seq": upsert.excluded.seq}
            connection.execute(
                upsert.on_conflict_do_update(
                    index_elements=["name"], set_=farther, where=positions.c.seq < upsert.excluded.seq
                ),
                [{"name": SOURCE, "seq": last}],
            )

        await self._journal.ledger.store.write(note)
        self._loaded = last
        return True

    async def claims(self, after: int) -> Sequence[Any]:
        query = select(claims).where(claims.c.seq > after).order_by(claims.c.seq).limit(MOST)
        return await self._journal.ledger.store.read(lambda connection: connection.execute(query).all())

    async def count(self) -> int:
        query = select(func.count()).select_from(claims)
        return await self._journal.ledger.store.read(lambda connection: connection.scalar(query) or 0)

    async def load(self, rows: Sequence[Any]) -> None:
        """Claims as files of their kinds, in order, through the same loading as any file."""
        profile = load_profile()
        run = self._engine.config.data / "run"
        run.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=run, prefix="acts-") as folder:
            paths = []
            for kind in dict.fromkeys(row.kind for row in rows):
                columns = profile.kinds[kind].columns
                path = Path(folder) / kind / SOURCE
                path.parent.mkdir()
                lines = []
                for row in rows:
                    if row.kind == kind:
                        values = orjson.loads(row.row)
                        lines.append(orjson.dumps({str(columns[name][0]): value for name, value in values.items()}))
                await asyncio.to_thread(path.write_bytes, b"\n".join(lines) + b"\n")
                paths.append(path)
            options = LoadOptions(today=date.fromisoformat(self._today()), max_bad=100.0)
            policies = self._policies
            result = await load_paths(
                self._engine, self._persons, paths, terms=policies, lists=policies, options=options
            )
        for file in result.report.files:
            if file.quarantined:
                log.error("claims of acts were set aside", extra={"fields": {"reasons": dict(file.quarantined)}})

"""The end of a full snapshot: what it did not repeat is withdrawn, what it renamed keeps its former name.

Everything about one key happens in one transaction, so a load that is killed here leaves each key as it was or as it
will be, and running the same snapshot again completes it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.binding import bind_endings
from graph_loaders.load.findings import Findings
from graph_loaders.load.steady import Step, read_page, run_steps
from graph_loaders.load.tables import RECORD_KINDS, ROLES, STATES, TABLES, Table, on_nodes, on_roles
from graph_loaders.load.version import Clock
from graph_loaders.load.writer import distinct, rivals_of_nodes, settle_roles
from graph_loaders.statements import statement
from schema.times import OPEN_INSTANT

PAGE = 2_000


class Snapshot:
    """One full snapshot of some kinds of file, after all its rows are noted under ``run``."""

    def __init__(self, engine: Engine, clock: Clock, run: str, today: date, findings: Findings | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._run = run
        self._today = today
        self._findings = findings or Findings()

    async def finish(self, kinds: Collection[str]) -> None:
        """Replaces the claims of these kinds of file by what the snapshot has."""
        for table in TABLES.values():
            if table is not STATES and not set(kinds).isdisjoint(table.kinds):
                await self._nodes(table, kinds)
        if "registry" in kinds or "shareholders" in kinds:
            async for codes in self._codes():
                now = self._clock.tick()
                steps: list[Step] = []
                if "registry" in kinds:
                    steps += self._states(codes, now)
                for relation, roles in ROLES.items():
                    if not set(kinds).isdisjoint(roles.kinds):
                        steps.append((on_roles("snapshot_claims_roles", relation), {"codes": codes, "run": self._run}))
                        steps += settle_roles(relation, codes, now)
                await run_steps(self._engine, steps)

    async def _nodes(self, table: Table, kinds: Collection[str]) -> None:
        wanted = {name for kind in kinds for name in RECORD_KINDS.get(kind, ())} if table.label == "Record" else None
        page = on_nodes("snapshot_page", table.label)
        after = ""
        while True:
            values = {"after": after, "limit": PAGE, "run": self._run}
            rows = await read_page(self._engine, page, values)
            keys = distinct(
                row["key"] for row in rows if not row["settled"] and (wanted is None or row["kind"] in wanted)
            )
            if keys:
                now = self._clock.tick()
                steps: list[Step] = [
                    (on_nodes("snapshot_claims", table.label), {"keys": keys, "run": self._run}),
                    (on_nodes("settle", table.label), {"keys": keys, "now": now, "open": OPEN_INSTANT}),
                ]
                steps += [(on_nodes(link, table.label), {"keys": keys}) for link in table.links]
                text, told, tell = rivals_of_nodes(table.label, keys, self._run, self._findings)
                found = (await run_steps(self._engine, [*steps, (text, told)]))[-1]
                if tell is not None:
                    tell(found)
                if table.label in ("Record", "Ending"):
                    forms = [row["form"] for row in rows if row["form"] and not row["settled"]]
                    await bind_endings(self._engine, self._clock, forms)
            if len(rows) < PAGE:
                return
            after = rows[-1]["vid"]

    def _states(self, codes: list[str], now: int) -> Iterator[Step]:
        times: Mapping[str, Any] = {"codes": codes, "now": now, "open": OPEN_INSTANT}
        before = (self._today - timedelta(days=1)).isoformat()
        yield on_nodes("snapshot_claims", STATES.label), {"keys": codes, "run": self._run}
        yield statement("write/rename_before"), {**times, "before": before}
        yield on_nodes("settle", STATES.label), {"keys": codes, "now": now, "open": OPEN_INSTANT}
        yield statement("write/rename_after"), {**times, "today": self._today.isoformat()}
        yield on_nodes("link_state", STATES.label), {"keys": codes}

    async def _codes(self) -> AsyncIterator[list[str]]:
        after = ""
        while True:
            values = {"after": after, "limit": PAGE}
            rows = await read_page(self._engine, statement("write/snapshot_codes"), values)
            if rows:
                yield [row["code"] for row in rows]
                after = rows[-1]["code"]
            if len(rows) < PAGE:
                return

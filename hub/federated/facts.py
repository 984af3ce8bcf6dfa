"""This hub's own facts for its neighbours: implements ``federation.ports.LocalFacts`` over the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from federation.documents import HELD
from graph_loaders.engine import Engine
from graph_loaders.engine.graph_files import GraphFiles
from graph_loaders.statements import statement
from hub.federated.internal import InternalDocument
from schema.caller import Caller
from schema.ports import Asking, Graph
from schema.scopes import MUTUAL
from schema.times import OPEN_INSTANT, SHANGHAI, instant_to_us

PAGE = 5000
SCAN = 50.0  # seconds for a look through everything, which nobody waits for: about 1.5 s for a million records


class GraphFacts:
    """What ``credit:mutual`` opens, read through the same port as every other answer."""

    def __init__(self, engine: Engine, graph: Graph, region: str, files: GraphFiles | None = None) -> None:
        """``files`` tell when an embedded graph has not changed, so that it is not asked."""
        self._files = files if engine.is_embedded else None
        self._version = ""
        self._engine = engine
        self._graph = graph
        self._held = InternalDocument(HELD, frozenset((MUTUAL,)), graph)
        self._caller = Caller(client_id=f"hub:{region}", scopes=frozenset((MUTUAL,)))

    async def held(self, codes: Sequence[str], as_of: str) -> dict[str, list[dict[str, Any]]]:
        rows = await self._held({"codes": list(codes), "asOf": as_of}, Asking(self._caller, as_of))
        return {row["code"]: list(row["facts"]) for row in rows["held"]}

    async def all_codes(self) -> Sequence[str]:
        return await self._keys("read/federation/codes", "code")

    async def data_version(self) -> str:
        if self._files is None or not self._version or not self._files.is_quiet():
            self._version = await self._graph.data_version()
        return self._version

    async def persons(self, after: str, limit: int) -> Sequence[str]:
        text = statement("read/federation/persons")
        rows = await self._engine.read(text, {"after": after, "limit": limit}, name="federation/persons")
        return [row["token"] for row in rows]

    async def changed(self, since: str) -> tuple[str, Sequence[str] | None]:
        """Marks are data versions: the instant of the latest change. "" or an unreadable mark asks for everything."""
        now = await self.data_version()
        if now == since:
            return now, ()
        if not since.isdigit():
            return now, None
        rows = await self._engine.read(
            statement("read/federation/changes"),
            {"since": int(since), "open": OPEN_INSTANT},
            name="federation/changes",
            timeout=SCAN,
        )
        return now, [row["code"] for row in rows]

    async def voided(self, ids: Sequence[str], day: str) -> frozenset[str]:
        rows = await self._engine.read(
            statement("read/federation/voided"),
            {"ids": list(ids), "day": day, "open": OPEN_INSTANT},
            name="federation/voided",
        )
        return frozenset(row["id"] for row in rows)

    async def void_since(self, since: str, last: str, day: str) -> dict[int, list[str]]:
        rows = await self._engine.read(
            statement("read/federation/void_since"),
            {"since": int(since) if since.isdigit() else 0, "last": last, "day": day, "open": OPEN_INSTANT},
            name="federation/void_since",
            timeout=SCAN,
        )
        found: dict[int, list[str]] = {}
        for row in rows:
            comes = datetime.fromisoformat(row["on"]).replace(tzinfo=SHANGHAI)
            found.setdefault(max(row["at"], instant_to_us(comes)), []).append(row["id"])
        return found

    async def _keys(self, name: str, key: str) -> list[str]:
        found: list[str] = []
        after = ""
        while True:
            rows: Sequence[Mapping[str, Any]] = await self._engine.read(
                statement(name), {"after": after, "limit": PAGE}, name=name.removeprefix("read/")
            )
            found += [row[key] for row in rows]
            if len(rows) < PAGE:
                return found
            after = found[-1]

"""The ``Graph`` port: root fields of a selection, each made ready once and read with one statement."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.engine.turns import Turns
from graph_loaders.reader.composer import TypeFields
from graph_loaders.reader.cursors import Cursors
from graph_loaders.reader.fields import types
from graph_loaders.reader.forms import Forms, normalised, own_arguments
from graph_loaders.reader.looking_back import ALL_KNOWN, closes_the_past, is_past
from graph_loaders.reader.reading import Reading, day_asked, instant_known
from graph_loaders.reader.roots import ROOTS
from graph_loaders.reader.roots.root import Making, Root
from graph_loaders.reader.wear import Wear
from graph_loaders.statements import statement
from schema.piercing import Piercing
from schema.ports import Asking, PersonTokens, Prepared
from schema.selection import Arguments, Select

VERSION_KEPT = 1.0  # seconds
TURN_WITHIN = 20.0  # seconds; a question waits for others of the same client only, or behind two wide searches
HEAVY_ROOTS = frozenset(("path", "neighbourhood", "dataQuality"))
OWNED = {"Record": "owner/record", "Contract": "owner/contract"}


class CypherGraph:
    """Reads the city's graph over an engine.

    ``cursor_key`` has 64 bytes, the same in every worker of a hub; ``piercing`` are the hub's rules (None: effects
    are empty); ``timeout`` is the longest time of one statement in seconds (default: the engine's); ``wear`` is the
    allowance of new forms of statements, for an engine that needs it.
    """

    def __init__(
        self,
        engine: Engine,
        tokens: PersonTokens,
        *,
        cursor_key: bytes,
        region: str,
        piercing: Piercing | None = None,
        timeout: float | None = None,
        wear: Wear | None = None,
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._cursors = Cursors(cursor_key)
        self._region = region
        self._piercing = piercing
        self._timeout = timeout
        self._types: Mapping[str, TypeFields] = types(piercing)
        self._forms: Forms[PreparedRoot] = Forms()
        self._turns = Turns()
        self._wear = wear
        self._version = ("", 0.0)
        self._asking_version = asyncio.Lock()

    def prepare(self, root: Select, scopes: frozenset[str]) -> Prepared:
        """One root field made ready, or taken from those of the same form. Raises LookupError for a field that the
        graph does not answer."""
        found = normalised(root)
        if found is None:
            return self._made(root, scopes)
        form, fields = found
        made = self._forms.get((form, scopes))
        if made is None:
            made = self._made(form, scopes)
            self._forms.put((form, scopes), made, fields)
        offset = root.index - 1
        return made if not offset else Renumbered(made, offset, fields)

    def _made(self, root: Select, scopes: frozenset[str]) -> PreparedRoot:
        making = Making(self._types, scopes, self._region, self._piercing)
        back = replace(making, past=True) if closes_the_past(scopes) else None
        return PreparedRoot(self, root, " ".join(sorted(scopes)), making, back)

    async def owners(self, type_name: str, key: str) -> frozenset[str]:
        name = OWNED.get(type_name)
        if name is None:
            return frozenset()
        rows = await self.rows(name, statement(f"read/{name}"), {"id": key})
        return frozenset(row["code"] for row in rows)

    async def data_version(self) -> str:
        version, until = self._version
        if time.monotonic() < until:
            return version
        async with self._asking_version:
            version, until = self._version
            if time.monotonic() >= until:
                rows = await self._engine.read(statement("write/version"), name="data_version")
                version = str(rows[0]["at"]) if rows else "0"
                self._version = (version, time.monotonic() + VERSION_KEPT)
        return version

    def reading(self, asking: Asking, arguments: Arguments, scopes: str) -> Reading:
        return Reading(asking, arguments, scopes, self._tokens, self._cursors)

    async def rows(
        self, name: str, text: str, parameters: Mapping[str, Any], client: str = ""
    ) -> Sequence[Mapping[str, Any]]:
        """``client`` is who asks; "" is the hub itself, which waits for no turn."""
        if not client:
            return await self._engine.read(text, parameters, timeout=self._timeout, name=name)
        if self._wear is not None:
            self._wear.take(client, text)
        async with self._turns.of(client, heavy=name in HEAVY_ROOTS, within=TURN_WITHIN):
            return await self._engine.read(text, parameters, timeout=self._timeout, name=name)


class PreparedRoot:
    """A root field for one document and scope set; called with each request's arguments.

    ``back`` makes the statements of questions about the past, where they are others; they are made when first asked.
    """

    def __init__(self, graph: CypherGraph, root: Select, scopes: str, making: Making, back: Making | None) -> None:
        self._graph = graph
        self._root = root
        self._scopes = scopes
        self._back = back
        self._choose = ROOTS[root.name](making, root)
        self._choose_back: Callable[[Reading], Root] | None = None

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        reading = self._graph.reading(asking, arguments, self._scopes)
        given = reading.of(self._root.index)
        reading.times_given = (given.get("asOf"), given.get("knownAt"))
        values = reading.values
        values["as_of"] = day_asked(given, asking)
        values["known"] = instant_known(given)
        root = self._chosen(reading, asking)
        if root.unless is not None:
            answer = root.unless(reading)
            if answer is not None:
                return answer[0]
        for name, produce in root.producers.items():
            values[name] = produce(reading)
        rows = await self._graph.rows(self._root.name, root.text, values, asking.caller.client_id)
        return root.shape(rows, reading)

    def _chosen(self, reading: Reading, asking: Asking) -> Root:
        if self._back is None or not is_past(reading.values, asking):
            return self._choose(reading)
        reading.values["today"], reading.values["now"] = asking.as_of, ALL_KNOWN
        if self._choose_back is None:
            self._choose_back = ROOTS[self._root.name](self._back, self._root)
        return self._choose_back(reading)


class Renumbered:
    """A prepared root of another place in its document."""

    def __init__(self, made: PreparedRoot, offset: int, fields: int) -> None:
        self._made = made
        self._offset = offset
        self._fields = fields

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        return await self._made(own_arguments(arguments, self._offset, self._fields), asking)

"""The graph with the root fields of the rooms: mutations perform and then read; their rows lie in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.acts.acts import Acts
from hub.acts.room import Mutation, Room, View
from hub.acts.rows import RowsRoot
from schema.ports import Asking, Graph, PersonTokens, Prepared
from schema.selection import Arguments, Select


class ActsGraph:
    """Implements ``schema.ports.Graph`` around another one."""

    def __init__(self, acts: Acts, rooms: Sequence[Room], graph: Graph, persons: PersonTokens) -> None:
        self._acts = acts
        self._graph = graph
        self._persons = persons
        self._mutations: Mapping[str, Mutation] = {n: m for room in rooms for n, m in room.mutations.items()}
        self._refs = {name: maker for room in rooms for name, maker in room.refs.items()}
        self._queries: Mapping[str, View] = {n: v for room in rooms for n, v in room.queries.items()}

    def prepare(self, root: Select, scopes: frozenset[str]) -> Prepared:
        acts, index = self._acts, root.index
        if root.parent == "Mutation":
            mutation = self._mutations[root.name]

            async def perform(arguments: Arguments, asking: Asking) -> Any:
                given = arguments[index]["input"]
                result = await acts.perform(root.name, mutation, given, asking)
                return await mutation.view(acts.standing, result, asking)

            return RowsRoot(root, self._graph, scopes, self._persons, perform, self._refs)
        view = self._queries.get(root.name)
        if view is None:
            return self._graph.prepare(root, scopes)

        async def look(arguments: Arguments, asking: Asking) -> Any:
            return await view(acts.standing, arguments.get(index, {}), asking)

        return RowsRoot(root, self._graph, scopes, self._persons, look, self._refs)

    async def owners(self, type_name: str, key: str) -> frozenset[str]:
        return await self._graph.owners(type_name, key)

    async def data_version(self) -> str:
        return await self._graph.data_version()

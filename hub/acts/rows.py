"""Root fields whose rows lie in SQL, under the same port as the graph's: what is selected of them, and of the subjects
and persons that they name, with the same scopes, withheld fields and masks.

All subjects of one selection are one statement to the graph, however many rows name them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from schema.errors import UsageError
from schema.ports import Asking, Graph, PersonTokens
from schema.selection import Arguments, Select


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """A subject, by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person, by the hub's own token."""

    token: str


Ref = Hashable
"""What stands in a full value for something that is read from the graph: one of the classes above, or a room's own."""


OWN = 10_000  # more than a document has fields


class RefReader(Protocol):
    """Reads what one selection selects of all its references, in as few statements as there are kinds of them."""

    async def __call__(self, refs: Sequence[Any], arguments: Arguments, asking: Asking) -> Mapping[Ref, Any]: ...


RefMaker = Callable[[Select, Graph, frozenset[str], PersonTokens], RefReader]


def subject_reader(select: Select, graph: Graph, scopes: frozenset[str], persons: PersonTokens) -> RefReader:
    """One batch of ``subjects``."""
    batch, inner = own_numbers(select)
    subject = Select(inner, "subject", "subject", "SubjectResult", "Subject", select.children)
    made = Select(batch, "s", "subjects", "Query", "SubjectResult", (subject,), given=frozenset({"codes"}))
    prepared = graph.prepare(made, scopes)

    async def read(refs: Sequence[Any], arguments: Arguments, asking: Asking) -> Mapping[Ref, Any]:
        rows = await prepared({**arguments, batch: {"codes": [ref.code for ref in refs]}}, asking)
        return {ref: row["subject"] for ref, row in zip(refs, rows, strict=True)}

    return read


def person_reader(select: Select, graph: Graph, scopes: frozenset[str], persons: PersonTokens) -> RefReader:
    """``person`` for each: there is no batch of them."""
    batch, _ = own_numbers(select)
    made = Select(batch, "p", "person", "Query", "Person", select.children, given=frozenset({"token"}))
    prepared = graph.prepare(made, scopes)

    async def read(refs: Sequence[Any], arguments: Arguments, asking: Asking) -> Mapping[Ref, Any]:
        async def one(ref: PersonRef) -> Any:
            try:
                shown = persons.for_client(ref.token, asking.caller.client_id)
                return await prepared({**arguments, batch: {"token": shown}}, asking)
            except UsageError:  # a token of before the person key was changed
                return None

        return dict(zip(refs, await asyncio.gather(*map(one, refs)), strict=True))

    return read


def own_numbers(select: Select) -> tuple[int, int]:
    """Numbers for two selections made here, and room for more after them; those of a document are below ``OWN``."""
    first = OWN * (select.index + 1)
    return first, first + 1


READERS: Mapping[str, RefMaker] = {"Subject": subject_reader, "Person": person_reader}


class RowsRoot:
    """Implements ``schema.ports.Prepared`` over a function that gives full values."""

    def __init__(
        self,
        root: Select,
        graph: Graph,
        scopes: frozenset[str],
        persons: PersonTokens,
        full: Callable[[Arguments, Asking], Awaitable[Any]],
        further: Mapping[str, RefMaker] | None = None,
    ) -> None:
        makers = {**READERS, **(further or {})}
        self._root = root
        self._full = full
        self._readers = {
            select.index: makers[select.type](select, graph, scopes, persons)
            for select in _below(root.children, makers.keys())
        }

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        full = await self._full(arguments, asking)
        wanted: dict[int, dict[Ref, None]] = {}
        self._gather(self._root.children, full, wanted)
        found: dict[int, Mapping[Ref, Any]] = {}
        for index, refs in wanted.items():
            found[index] = await self._readers[index](list(refs), arguments, asking)
        return self._cut(self._root.children, full, found)

    def _gather(self, children: Sequence[Select], value: Any, wanted: dict[int, dict[Ref, None]]) -> None:
        if isinstance(value, list):
            for item in value:
                self._gather(children, item, wanted)
        elif isinstance(value, Mapping):
            for child in _of_kind(children, value):
                inner = value.get(child.name)
                if child.index in self._readers:
                    if inner is not None:
                        wanted.setdefault(child.index, {})[inner] = None
                elif child.children:
                    self._gather(child.children, inner, wanted)

    def _cut(self, children: Sequence[Select], value: Any, found: Mapping[int, Mapping[Ref, Any]]) -> Any:
        if isinstance(value, list):
            return [self._cut(children, item, found) for item in value]
        if not isinstance(value, Mapping) or not children:
            return value
        shaped: dict[str, Any] = {}
        for child in _of_kind(children, value):
            inner = value.get(child.name)
            if child.name == "__typename":
                shaped[child.key] = value.get("__typename") or child.parent
            elif child.index in self._readers:
                shaped[child.key] = None if inner is None else found[child.index].get(inner)
            else:
                shaped[child.key] = self._cut(child.children, inner, found)
        return shaped


def _of_kind(children: Sequence[Select], value: Mapping[str, Any]) -> Iterator[Select]:
    kind = value.get("__typename")
    for child in children:
        if child.on is None or kind is None or child.on == kind:
            yield child


def _below(children: Sequence[Select], types: Collection[str]) -> Iterator[Select]:
    """Selections of referred types, the outermost ones only: what is below them is read with them."""
    for child in children:
        if child.type in types and child.children:
            yield child
        else:
            yield from _below(child.children, types)


def page(
    rows: Sequence[Any], first: int, node: Callable[[Any], Any], cursor: Callable[[Any], str], *, after: bool
) -> dict[str, Any]:
    """A connection (Relay) of at most ``first`` of ``rows``, which hold one more where there is more."""
    shown = rows[:first]
    edges = [{"cursor": cursor(row), "node": node(row)} for row in shown]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": len(rows) > first,
            "hasPreviousPage": after,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }

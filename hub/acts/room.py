"""What a room of ``hub/acts`` offers: its mutations and its root fields, by name. One ``ROOM`` in each ``__init__``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData

from hub.acts.journal import Journal
from hub.acts.model import Act, Performed
from hub.acts.rows import RefMaker
from hub.federated.internal import InternalDocument
from hub.federated.neighbours import Neighbours
from schema.ports import Asking

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a room's functions work with. ``hub``: the hub's parts and what it has of its neighbours."""

    hub: Neighbours
    journal: Journal
    seal: Callable[[str, str], str]
    """A cursor for a sort key, bound to a text (client, field, filter)."""
    unseal: Callable[[str, str], str]
    documents: dict[tuple[str, frozenset[str]], InternalDocument] = field(default_factory=dict)

    async def ask(
        self, text: str, scopes: frozenset[str], variables: Mapping[str, Any], asking: Asking
    ) -> dict[str, Any]:
        """The hub's own question to its own graph, as these scopes see it; planned once. Raises GraphUnavailable."""
        document = self.documents.get((text, scopes))
        if document is None:
            document = self.documents[text, scopes] = InternalDocument(text, scopes, self.hub.reader)
        return await document(variables, asking)


Perform = Callable[[Standing, Given, Asking], Awaitable[Performed]]
"""From the mutation's ``input`` and who asks to what is to be written; nothing is written here. It is called again when
the case has moved on meanwhile. Raises UsageError, NotFound, Conflict, NotPossible, GraphUnavailable."""

View = Callable[[Standing, Given, Asking], Awaitable[Any]]
"""The full value of a root field, keyed by field names: for a query from its arguments, for a mutation from the
``result`` of what it performed. What is selected is cut out of it; ``rows.SubjectRef`` and ``rows.PersonRef`` stand for
subjects and persons, which are read from the graph in one statement for all rows."""

Handle = Callable[[Standing, Mapping[str, Any]], Awaitable[Sequence[Act]]]
"""What due work of a kind comes to: acts to be written with its end. ``{id, kind, thing, at_us, about}``."""


Changed = Callable[[Standing, Sequence[str] | None, Asking], Awaitable[Sequence[Act]]]
"""What follows for the room from changes about these subjects (None: about anything), each act on its own."""


@dataclass(frozen=True, slots=True)
class Mutation:
    perform: Perform
    view: View


@dataclass(frozen=True, slots=True)
class Room:
    name: str
    mutations: Mapping[str, Mutation]
    queries: Mapping[str, View]
    tables: MetaData | None = None
    due: Mapping[str, Handle] = field(default_factory=dict)
    changed: Changed | None = None
    refs: Mapping[str, RefMaker] = field(default_factory=dict)
    """Readers of further references by the name of their GraphQL type."""

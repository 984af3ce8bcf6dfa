"""Putting the graph, its policies and the GraphQL service of one hub together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.cursors import KEY_BYTES, Cursors
from graph_loaders.reader.wear import Wear
from hub.graphql.service import GraphQLService, Options
from hub.graphql.trusted import TrustedDocuments
from hub.parts import Parts
from hub.settings import Settings
from hub.signing.keys import locked, write_private
from policies import Policies
from schema.caller import Caller
from schema.ports import Graph
from schema.types.build import build_schema


def cursor_key(folder: Path) -> bytes:
    """The key behind paging cursors, the same in every worker; made on first start, mode 600."""
    path = folder / "cursor.key"
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            write_private(path, os.urandom(KEY_BYTES))
        return path.read_bytes()


def open_cursors(settings: Settings) -> Cursors:
    """Cursors of what is paged outside the graph, under the same key."""
    return Cursors(cursor_key(settings.data / "keys"))


def open_reader(settings: Settings, engine: Engine, persons: Persons, policies: Policies) -> CypherGraph:
    """The city's own graph. Blocks while the key behind cursors is read or made."""
    return CypherGraph(
        engine,
        persons,
        cursor_key=cursor_key(settings.data / "keys"),
        region=settings.region,
        piercing=policies,
        wear=Wear() if engine.is_embedded else None,
    )


def build_service(parts: Parts, graph: Graph, admit: Callable[[Caller, Iterable[str]], None]) -> GraphQLService:
    """``admit``: the gate for neighbouring hubs."""
    settings = parts.settings
    return GraphQLService(
        build_schema(),
        graph,
        Options(
            introspection=settings.introspection,
            today=lambda: parts.as_of,
            spend=parts.rates.cost.take,
            admit=admit,
        ),
        TrustedDocuments(settings.trusted_documents, frozenset(settings.trusted_scopes)),
        parts.metrics.plans,
    )

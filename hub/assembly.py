"""Putting the graph, its policies and the GraphQL service of one hub together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.cursors import KEY_BYTES
from hub.graphql.service import GraphQLService, Options
from hub.graphql.trusted import TrustedDocuments
from hub.signing.keys import locked, write_private
from schema.ports import Graph
from schema.types.build import build_schema

if TYPE_CHECKING:
    from hub.wiring import Hub


def cursor_key(folder: Path) -> bytes:
    """The key behind paging cursors, the same in every worker; made on first start, mode 600."""
    path = folder / "cursor.key"
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            write_private(path, os.urandom(KEY_BYTES))
        return path.read_bytes()


async def build_graph(hub: Hub, stack: contextlib.AsyncExitStack) -> Graph:
    """The reader over the open engine, and around it what the neighbours add."""
    from hub.federated.assembly import join_neighbours

    settings = hub.settings
    hub.persons = await asyncio.to_thread(Persons.open, settings.person_key, settings.data)
    hub.reader = CypherGraph(
        hub.engine,
        hub.persons,
        cursor_key=await asyncio.to_thread(cursor_key, settings.data / "keys"),
        region=settings.region,
        piercing=hub.policies,
    )
    return await join_neighbours(hub, hub.reader, stack)


def build_service(hub: Hub) -> GraphQLService:
    settings = hub.settings
    return GraphQLService(
        build_schema(),
        hub.graph,
        Options(introspection=settings.introspection, today=lambda: hub.as_of),
        TrustedDocuments(settings.trusted_documents),
        hub.metrics.plans,
    )

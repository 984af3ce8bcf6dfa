"""Putting journal, rooms and what runs beside requests together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from graph_loaders.reader.cursors import Cursors
from hub.acts.acts import Acts
from hub.acts.changes import Changes
from hub.acts.due_work import DueWork
from hub.acts.graph import ActsGraph
from hub.acts.graph_claims import GraphClaims
from hub.acts.journal import Journal
from hub.acts.room import Room, Standing
from hub.acts.rooms import ROOMS
from hub.federated.neighbours import Neighbours
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.lock import FileLock
from schema.ports import Graph


async def join_acts(
    hub: Neighbours, graph: Graph, cursors: Cursors, stack: contextlib.AsyncExitStack, rooms: Sequence[Room] = ROOMS
) -> ActsGraph:
    """The graph with the rooms' root fields around it; what runs beside requests ends with ``stack``."""
    journal = Journal(hub.ledger)
    await journal.open(*(room.tables for room in rooms if room.tables is not None))
    standing = Standing(
        hub,
        journal,
        seal=lambda order, bound: cursors.seal(order, bound.encode()),
        unseal=lambda cursor, bound: cursors.open(cursor, bound.encode()),
    )
    lock = FileLock(hub.settings.run / "acts.lock")
    claims = GraphClaims(
        journal, hub.engine, hub.persons, hub.policies, lock, lambda: hub.as_of, DatabaseFiles(hub.settings.sqlite_file)
    )
    handles = {kind: handle for room in rooms for kind, handle in room.due.items()}
    due = DueWork(standing, handles, DatabaseFiles(hub.settings.sqlite_file))
    changes = Changes(standing, [room.changed for room in rooms if room.changed], lock)
    for work in (claims.run(), due.run(), changes.run()):
        stack.push_async_callback(_end, asyncio.create_task(work))
    return ActsGraph(Acts(standing, claims), rooms, graph, hub.persons)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

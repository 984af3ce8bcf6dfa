"""Joining a hub to its neighbours: the network of peers, the feed it writes, and the graph that asks them too."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import create_engine, event

from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter
from federation.transport import Transport
from federation.witness import Witnessed
from graph_loaders.engine.graph_files import GraphFiles
from hub.federated.cosigners import Asked, Cosigners, PeerWitness, standing, wanted
from hub.federated.derived import Derived
from hub.federated.digests import Digests
from hub.federated.facts import GraphFacts
from hub.federated.gate import Gate
from hub.federated.graph import FederatedGraph
from hub.federated.messenger import HubMessenger
from hub.federated.neighbours import Neighbours
from hub.federated.network import Network
from hub.federated.person_guard import PersonGuard
from hub.federated.successors import Announced
from hub.federated.telling import Teller, Waiters
from hub.federated.witness import Witness
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.lock import FileLock
from hub.parts import Parts
from hub.signing import KeyStore
from policies.agreements import SHIPPED, read_agreements
from policies.fields import read_fields
from policies.recognition import Recogniser

if TYPE_CHECKING:
    from sqlalchemy import Engine


def open_sql(url: str) -> Engine:
    """An engine for the feed and the copies, in the hub's database; SQLite waits for other writers."""
    if not url.startswith("sqlite"):
        return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=4)
    engine = create_engine(url, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def _connected(connection, record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # a witness must not forget what it cosigned

    return engine


async def join_neighbours(parts: Parts, stack: contextlib.AsyncExitStack) -> tuple[FederatedGraph, Neighbours]:
    """Starts what runs beside requests, ended with ``stack``; gives the graph with the federated root fields."""
    hub, settings = Neighbours.beside(parts), parts.settings
    sql = await asyncio.to_thread(open_sql, settings.sql_url)
    stack.callback(sql.dispose)
    transport = Transport(max_bytes=settings.peer_max_bytes, private=settings.peer_private)
    hub.messenger = HubMessenger(settings, hub.keys, transport.client)
    recogniser = Recogniser(
        read_agreements((SHIPPED, *settings.policies)),
        hub.policies.regions,
        hub.policies.lists,
        hub.policies.measures,
        read_fields(),
    )
    hub.gate = Gate(lambda region, day: hub.network.shared(region, day))
    graph = FederatedGraph(hub, hub.reader)
    facts = GraphFacts(hub.engine, graph, settings.region, GraphFiles(settings.data))
    hub.facts = facts
    hub.digests = Digests(facts, settings.data / "keys")
    derived = Derived(hub.ledger)
    hub.network = await asyncio.to_thread(
        lambda: Network(
            settings.region,
            hub.directory,
            recogniser,
            hub.messenger,
            transport,
            sql,
            facts,
            hub.persons,
            lambda: hub.as_of,
            FileLock(settings.run / "network.lock"),
            hub.metrics.observe_peer,
            derived.heard,
            DatabaseFiles(settings.sqlite_file),
        )
    )
    hub.person_guard = PersonGuard(hub.gate, hub.network.counts, hub.ledger, hub.metrics)
    hub.announced = await asyncio.to_thread(
        Announced, hub.keys, hub.messenger, settings.data / "keys" / "successors.json"
    )
    origin = hub.ledger.identity["origin"]
    hub.witness = await asyncio.to_thread(lambda: Witness(f"{origin}/witness", settings.data / "keys", Witnessed(sql)))
    teller = Teller(
        facts,
        lambda: FeedWriter(sql, settings.region, hub.messenger.sign_statement),
        FileLock(settings.run / "feed.lock"),
        hub.ledger,
        lambda: hub.as_of,
        lambda: [peer.hub.url for peer in hub.network.peers().values()],
        _signing_keys(hub.keys),
    )
    hub.feed_reader = FeedReader(sql, settings.region)
    hub.waiters = Waiters(hub.feed_reader, DatabaseFiles(settings.sqlite_file))
    others = standing(settings, await stack.enter_async_context(httpx.AsyncClient(trust_env=False)), origin)

    def witnesses() -> dict[str, Asked]:
        peers = hub.network.peers().items()
        asked = {region: PeerWitness(one, hub.messenger) for region, one in peers if "witness" in one.hub.ledger}
        return {**asked, **others}

    cosigners = Cosigners(hub.ledger, witnesses, lambda: hub.network.leads, DatabaseFiles(settings.sqlite_file))
    hub.ledger.wanted = lambda: wanted(hub.directory.get(), settings.region, settings)
    await stack.enter_async_context(hub.network.running())
    await cosigners.remember()
    for work in (hub.announced.run(), teller.run(), hub.waiters.run(), cosigners.run(), derived.run()):
        stack.push_async_callback(_end, asyncio.create_task(work))
    return graph, hub


def _signing_keys(keys: KeyStore) -> Callable[[], Mapping[str, Mapping[str, Any]]]:
    """The public keys by ``kid``, read anew when their file changes."""
    held: dict[str, Mapping[str, Any]] = {}
    of: object = None

    def found() -> Mapping[str, Mapping[str, Any]]:
        nonlocal held, of
        now = keys.generation()
        if not held or now != of:
            held = {key.kid: {**key.jwk, "kid": key.kid, "nbf": key.nbf, "exp": key.exp} for key in keys.public()}
            of = now
        return held

    return found


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

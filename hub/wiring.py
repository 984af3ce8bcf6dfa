"""Everything one hub process is made of, opened in order and closed in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

from federation.directory.current import CurrentDirectory
from graph_loaders.engine import Engine, GraphConfig, migrate, open_engine
from graph_loaders.persons import Persons
from graph_loaders.statements import statement
from hub.acts.assembly import join_acts
from hub.assembly import build_service, open_cursors, open_reader
from hub.auth import Auth
from hub.auth.clients import HUB_PAGES, Client
from hub.disk_space import lacks_space
from hub.federated.assembly import join_neighbours
from hub.federated.neighbours import Neighbours
from hub.graphql.service import GraphQLService
from hub.graphql.trusted import require_fitting
from hub.ledger import Ledger
from hub.metrics import Metrics
from hub.metrics_access import metrics_token
from hub.parts import Parts, default_day
from hub.peers import peer_client
from hub.rates import RequestLimits
from hub.settings import Settings
from hub.signing import KeyStore
from hub.tracing import Tracing
from policies import load_policies
from schema.errors import GraphUnavailable, SettingsError

log = logging.getLogger(__name__)

__all__ = ["Hub", "engine_config", "open_engine"]


def engine_config(settings: Settings) -> GraphConfig:
    return GraphConfig.of(settings)


class Hub:
    """Made without I/O, so that routes can be mounted; ``running`` opens it."""

    graphql: GraphQLService
    ledger: Ledger
    engine: Engine
    parts: Parts
    neighbours: Neighbours

    def __init__(self, settings: Settings, workers: int = 1) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.tracing = Tracing(settings.otel, region=settings.region)
        self.keys = KeyStore.of(settings)
        self.rates = RequestLimits(
            requests=settings.rate_limit,
            cost=settings.cost_limit,
            address=settings.address_limit,
            oauth=settings.token_limit,
            workers=workers,
        )
        self.directory = CurrentDirectory(
            settings.directory, settings.trust_anchors, settings.data / "directory" / "accepted.json"
        )
        self.auth = Auth(
            settings,
            peers=self._peer,
            admit=self.rates.take,
            admit_oauth=self.rates.oauth.take,
            tell=lambda kind, detail: self.ledger.note(kind, detail),
        )

    @property
    def as_of(self) -> str:
        """The default day of questions, ISO."""
        return default_day(self.settings)

    def _peer(self, client_id: str) -> Client | None:
        return peer_client(self.directory.get(), client_id, self.settings.region)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        settings = self.settings
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self.tracing.close)
            await asyncio.to_thread(self.keys.ensure)
            given = settings.metrics_token_file is not None
            await asyncio.to_thread(metrics_token, settings.metrics_token, given=given)
            policies = await asyncio.to_thread(load_policies, settings.region, settings.policies)
            self.ledger = await stack.enter_async_context(
                await Ledger.open(settings, keys=self.keys, issuer=settings.base_url)
            )
            await stack.enter_async_context(self.auth)
            await stack.enter_async_context(self.directory.watching())
            await asyncio.to_thread(self._check_lists)
            self.engine = open_engine(engine_config(settings))
            stack.push_async_callback(self.engine.close)
            await self.engine.open(patient=not self.engine.is_embedded)
            self.engine.on_statement(self.metrics.observe_statement)
            await self._migrate(stack)
            persons = await asyncio.to_thread(Persons.open, settings.person_key, settings.data)
            self.parts = Parts(
                settings=settings,
                metrics=self.metrics,
                keys=self.keys,
                rates=self.rates,
                directory=self.directory,
                auth=self.auth,
                ledger=self.ledger,
                policies=policies,
                engine=self.engine,
                persons=persons,
                reader=await asyncio.to_thread(open_reader, settings, self.engine, persons, policies),
            )
            graph, self.neighbours = await join_neighbours(self.parts, stack)
            cursors = await asyncio.to_thread(open_cursors, settings)
            acting = await join_acts(self.neighbours, graph, cursors, stack)
            self.graphql = build_service(self.parts, acting, self.neighbours.gate.admit)
            yield self

    async def _migrate(self, stack: contextlib.AsyncExitStack) -> None:
        """A graph server that is not there yet is migrated when it comes; until then requests are told so."""
        if self.engine.is_up:
            await migrate(self.engine)
            return

        async def later() -> None:
            while True:
                try:
                    await self.engine.wait_until_up(3600)
                    await migrate(self.engine)
                    return
                except GraphUnavailable:
                    await asyncio.sleep(1)

        task = asyncio.create_task(later())
        stack.callback(task.cancel)

    def _check_lists(self) -> None:
        """Raises SettingsError where a list of trusted documents fits no client, hub of the directory included.
        Clients of other issuers are not known here, so with such issuers it is only told."""
        folder = self.settings.trusted_documents
        if folder is None:
            return
        names = [HUB_PAGES, *(name for client in self.auth.clients.all() for name in (client.client_id, client.name))]
        directory = self.directory.get()
        names += [] if directory is None else [hub.url for hub in directory.hubs]
        try:
            require_fitting(folder, names)
        except SettingsError as error:
            if self.settings.issuers is None:
                raise
            log.warning("%s", error.message)

    async def refresh_metrics(self) -> None:
        """What is counted by looking rather than as it happens: the last loads."""
        if not self.engine.is_up:
            return
        for row in await self.engine.read(statement("read/loads/latest"), name="loads/latest"):
            report = json.loads(row["report"] or "{}").get("files", {})
            for kind, counts in report.items():
                self.metrics.loaded.labels(kind).set(row["finished_at"] / 1_000_000)
                self.metrics.rows.labels(kind, "accepted").set(counts.get("accepted", 0))
                self.metrics.rows.labels(kind, "quarantined").set(sum(counts.get("quarantined", {}).values()))

    def end_waiting(self) -> None:
        """Long polls are answered now: the hub ends. From the event loop."""
        self._ending = asyncio.get_running_loop().create_task(self.neighbours.waiters.end())

    def problem(self) -> str | None:
        """Why the hub is not ready, None when it is."""
        if not self.engine.is_up:
            return "graph"
        if lacks_space(self.settings.data):
            return "disk space"
        return self.ledger.healthy()

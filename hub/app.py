"""The hub as a Starlette application: routes, the GraphQL endpoint, health and metrics."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from hub import metrics_access
from hub.addresses import TrustedProxies
from hub.endpoint import GraphQLEndpoint
from hub.federated.routes import federation_routes
from hub.graphiql_page import graphiql_routes
from hub.http import problem, problem_body, problem_headers, send_bytes
from hub.ledger.routes import ledger_routes
from hub.request_checks import check_request
from hub.settings import WORKERS, Settings
from hub.signing import well_known
from hub.wiring import Hub
from schema.caller import Caller
from schema.errors import HubError

log = logging.getLogger(__name__)
UNCOUNTED = frozenset(("/graphql", "/healthz", "/readyz"))  # counted by client, or asked by the operator's machines
AddressLimit = Callable[[Scope], None]
VERSIONS = {"contract": "1", "graphql": "1", "evidence": "1", "directory": "1", "feed": "1"}


class NotFound(HubError):
    code = "BAD_USER_INPUT"
    status = 404


class MethodNotAllowed(HubError):
    code = "BAD_USER_INPUT"
    status = 405


class HubApp(Starlette):
    """Every other path goes through routing; ``/graphql``, which each answer passes, is reached at once."""

    graphql: GraphQLEndpoint
    by_address: AddressLimit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, _in_one_line(self, send))
            return
        if scope["type"] == "http":
            try:
                check_request(scope["http_version"], scope["query_string"], scope["headers"])
                if scope["path"] not in UNCOUNTED:
                    self.by_address(scope)
            except HubError as error:
                await send_bytes(send, error.status, problem_headers(error), problem_body(error))
                return
            if scope["path"] == "/graphql":
                await self.graphql(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def _in_one_line(app: HubApp, send: Send) -> Send:
    """A start that fails for an expected reason is told by that reason, not by a traceback."""

    async def told(message: Message) -> None:
        failure = getattr(app.state, "failure", None)
        if message["type"] == "lifespan.startup.failed" and isinstance(failure, HubError):
            text = " ".join(part for part in (failure.message, failure.message_zh) if part)
            message = {**message, "message": f"{text}; {failure.hint}" if failure.hint else text}
        await send(message)

    return told


def create_app(settings: Settings) -> HubApp:
    """One hub. Opened by the lifespan, so that nothing happens at import."""
    hub = Hub(settings, workers=int(os.environ.get(WORKERS, "1")))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with hub.running():
                yield
        except HubError as error:
            app.state.failure = error
            raise

    async def authenticate(request: Request) -> Caller:
        url = settings.base_url + request.url.path
        return await hub.auth.identify(request.scope["headers"], request.method, url, remember=True)

    routes: list[Any] = [
        Route("/.well-known/credit-hub", _well_known(hub), methods=["GET"]),
        Route("/healthz", _health, methods=["GET"]),
        Route("/readyz", _ready(hub), methods=["GET"]),
        Route("/metrics", _metrics(hub), methods=["GET"]),
        *hub.auth.routes,
        *ledger_routes(lambda: hub.ledger, authenticate),
        *federation_routes(lambda: hub.neighbours),
        *graphiql_routes(settings, hub.auth.clients.add),
    ]
    app = HubApp(routes=routes, lifespan=lifespan)
    app.graphql = GraphQLEndpoint(hub)
    app.by_address = partial(_count_by_address, hub, TrustedProxies(settings.trusted_proxies))
    app.add_exception_handler(HubError, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    app.state.hub = hub
    return app


def _count_by_address(hub: Hub, proxies: TrustedProxies, scope: Scope) -> None:
    """Raises TooManyRequests. Before anything is read or written, whoever asks."""
    client = scope.get("client")
    hub.rates.address.take(proxies.client(client[0] if client else "", scope["headers"]))


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    return problem(error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        refused: HubError = MethodNotAllowed("this method is not allowed here", hint="see docs/api.md")
        allow = (error.headers or {}).get("Allow")
        if allow:
            refused.headers["Allow"] = allow
        return problem(refused)
    return problem(NotFound("there is nothing at this address", hint="see docs/api.md", message_zh="地址不存在"))


async def _unexpected(request: Request, error: Exception) -> Response:
    return problem(
        HubError("something went wrong inside the hub", hint="tell the operator the time", message_zh="内部错误")
    )


async def _health(request: Request) -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json", headers={"Cache-Control": "no-store"})


Handler = Callable[[Request], Awaitable[Response]]


def _ready(hub: Hub) -> Handler:
    async def ready(request: Request) -> Response:
        why = hub.problem()
        body = {"status": "ready"} if why is None else {"status": "not ready", "waiting_for": why}
        return Response(
            orjson.dumps(body),
            200 if why is None else 503,
            {"Cache-Control": "no-store"},
            media_type="application/json",
        )

    return ready


def _metrics(hub: Hub) -> Handler:
    settings = hub.settings
    given = settings.metrics_token_file is not None

    async def metrics(request: Request) -> Response:
        url = settings.base_url + request.url.path
        await metrics_access.admit(request, hub.auth, url, settings.metrics_token, given=given)
        await hub.refresh_metrics()
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(hub.metrics.text(), media_type=kind, headers={"Cache-Control": "no-store"})

    return metrics


def _well_known(hub: Hub) -> Handler:
    async def document(request: Request) -> Response:
        settings = hub.settings
        body = well_known(
            witnesses=[vkey for vkey, _ in settings.witnesses],
            region=settings.region,
            name=settings.name,
            base_url=settings.base_url,
            keys=hub.keys,
            ledger={**hub.ledger.identity, "witness": hub.neighbours.witness.public.vkey},
            versions=VERSIONS,
            endpoints={
                "feed": f"{settings.base_url}/feed",
                "federation": f"{settings.base_url}/federation",
            },
        )
        body["successors"] = await asyncio.to_thread(hub.neighbours.announced.current)
        return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-cache"})

    return document

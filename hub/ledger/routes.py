"""The log over HTTP: public heads and tiles (C2SP tlog-tiles), and the two addresses of a receipt."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.http import problem
from hub.ledger.ledger import Ledger
from hub.ledger.tiles import parse_tile_path
from schema.caller import Caller
from schema.errors import HubError


class NotFound(HubError):
    code = "BAD_USER_INPUT"
    status = 404


Authenticate = Callable[[Request], Awaitable[Caller]]
Handler = Callable[[Request], Awaitable[Response]]
FOREVER = "public, max-age=31536000, immutable"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def ledger_routes(ledger: Callable[[], Ledger], authenticate: Authenticate) -> list[Route]:
    """``ledger`` gives the open log (it is opened after routes are made); ``authenticate`` tells who asks for a
    proof, or raises Unauthenticated. Tiles hold salted commitments only, so they are public."""

    async def checkpoint(request: Request) -> Response:
        note = await asyncio.to_thread(ledger().reader.checkpoint)
        if note is None:
            return _nothing("the log has no checkpoint yet", "ask again in a second")
        return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

    async def witnessed(request: Request) -> Response:
        note = await asyncio.to_thread(ledger().reader.witnessed)
        if note is None:
            return _nothing("no witness has cosigned a checkpoint yet", "ask again later")
        return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

    async def tile(request: Request) -> Response:
        path = parse_tile_path(request.path_params["path"])
        data = None if path is None else await asyncio.to_thread(ledger().reader.tile, path)
        if data is None:
            return _nothing("the signed tree has no such tile", "tile/<L>/<N>[.p/<W>] of C2SP tlog-tiles")
        return Response(data, media_type="application/octet-stream", headers={"Cache-Control": FOREVER})

    async def proof(request: Request) -> Response:
        caller = await authenticate(request)
        identifier = request.path_params["id"]
        log = ledger()
        wanted = log.wanted()
        found = await asyncio.to_thread(log.reader.proof, identifier, wanted) if _ID.fullmatch(identifier) else None
        if found is None or found.client != caller.client_id:
            return _nothing("this client has no such receipt", "use the Credit-Receipt of your answer")
        if found.proof is None:
            headers = {"Retry-After": "1", "Cache-Control": "no-store"}
            return _json({"status": "PENDING"}, 202, headers)
        body = {"receipt": found.receipt, "proof": found.proof, "checkpoint": found.checkpoint}
        return _json(body, 200, {"Cache-Control": "no-store"})

    async def status(request: Request) -> Response:
        identifier = request.path_params["id"]
        found = await asyncio.to_thread(ledger().reader.status, identifier) if _ID.fullmatch(identifier) else None
        if found is None:
            return _nothing("no such receipt", "use the Credit-Receipt of an answer of this hub")
        return _json(found, 200, {"Cache-Control": "no-store"})

    return [
        Route("/ledger/checkpoint", _expected(checkpoint), methods=["GET"]),
        Route("/ledger/checkpoint/witnessed", _expected(witnessed), methods=["GET"]),
        Route("/ledger/tile/{path:path}", _expected(tile), methods=["GET"]),
        Route("/receipts/{id}/proof", _expected(proof), methods=["GET"]),
        Route("/receipts/{id}", _expected(status), methods=["GET"]),
    ]


def _expected(handler: Handler) -> Handler:
    """Expected errors become RFC 9457 bodies."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except HubError as error:
            return problem(error)

    return handle


def _json(body: Any, status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")


def _nothing(message: str, hint: str) -> Response:
    return problem(NotFound(message, hint=hint, message_zh="没有此内容"))

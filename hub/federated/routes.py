"""What a neighbour may fetch: the feed, its membership digest, and the multiplication of blinded person tokens.

Every request is a peer's: a DPoP-bound token with ``credit:mutual``, signed per RFC 9421, by a hub of the directory
with which an agreement is in force. Answers are signed; those that tell something are in the ledger.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import digest
from hub import behalf
from hub.federated.messenger import RECEIPT_JWS
from hub.federated.neighbours import Neighbours
from hub.federated.view import unseen, view
from hub.http import header, problem, read_body
from hub.ledger import Entry
from hub.signing import RequestFacts, content_digest, sign_response, verify_request
from schema.caller import Caller
from schema.errors import Forbidden, HubError, UsageError
from schema.scopes import MUTUAL, OPERATE

NO_RECEIPT = "none"  # nothing was told, so nothing is in the ledger
MAX_WAIT = 25.0
MAX_PAGE = 5000
MAX_ELEMENTS = 1000


def federation_routes(hub: Callable[[], Neighbours]) -> list[Route]:
    """``hub`` gives what a running hub has of its neighbours; routes are made before it runs."""

    def route(
        path: str, work: Callable[[Neighbours, Request, Caller, bytes], Awaitable[tuple[Any, bool]]], method: str
    ) -> Route:
        async def handle(request: Request) -> Response:
            try:
                return await _answer(hub(), request, work)
            except HubError as error:
                return problem(error)

        return Route(path, handle, methods=[method])

    return [
        route("/feed", _feed, "GET"),
        route("/federation/digest", _digest, "GET"),
        route("/federation/persons", _persons, "POST"),
        route("/federation/witness", _witness, "POST"),
        route("/federation/witness", _witnessed, "GET"),
        Route("/federation/peers", _peers(hub), methods=["GET"]),
    ]


def _peers(found: Callable[[], Neighbours]) -> Callable[[Request], Awaitable[Response]]:
    """The neighbours as this hub sees them, for its operator (``credit:operate``)."""

    async def handle(request: Request) -> Response:
        hub = found()
        try:
            url = hub.settings.base_url + request.url.path
            caller = await hub.auth.identify(request.scope["headers"], "GET", url, remember=True)
            if not caller.has(OPERATE):
                raise Forbidden("this needs credit:operate", hint="ask for a token with that scope")
            neighbours = [one for _, one in sorted(hub.network.neighbours.items())]
            told = {one.peer.hub.region: hub.network.tells(one.peer.hub.region) for one in neighbours}
            rows = await asyncio.gather(
                *(view(one, hub.network.copies, told[one.peer.hub.region]) for one in neighbours)
            )
            ended = hub.directory.expired()
            if ended is not None:
                reason = f"the directory expired on {ended.expires}"
                others = [one for one in ended.hubs if one.region != hub.settings.region]
                rows = [unseen(one, "UNREACHABLE", reason) for one in others]
        except HubError as error:
            return problem(error)
        return Response(orjson.dumps(rows), media_type="application/json", headers={"Cache-Control": "no-store"})

    return handle


async def _answer(hub: Neighbours, request: Request, work: Any) -> Response:
    scope = request.scope
    headers = scope["headers"]
    query = scope["query_string"].decode("latin-1")
    url = hub.settings.base_url + request.url.path
    target = f"{url}?{query}" if query else url
    caller = await hub.auth.identify(headers, request.method, url, remember=True)
    body = await read_body(headers, request.receive)
    caller = await _admit(hub, caller, request.url.path, request.method, target, headers, body)
    found, tells = await work(hub, request, caller, body)
    content = orjson.dumps({"region": hub.settings.region, **found})
    receipt_id, jws = NO_RECEIPT, None
    if tells:
        receipt = await hub.ledger.commit(
            Entry(
                kind=request.url.path.strip("/"),
                caller=caller,
                request_digest=content_digest(body),
                answer_digest=content_digest(content),
                method=request.method,
                target=target,
                status=200,
                content_digest=header(headers, b"content-digest"),
            )
        )
        receipt_id, jws = receipt.id, receipt.jws
    facts = RequestFacts.of(request.method, target, body, lambda name: header(headers, name.encode()))
    signed = sign_response(hub.keys, facts, 200, content, receipt_id)
    answer = Response(content, 200, media_type="application/json")
    for name, value in signed:
        answer.headers[name] = value
    if jws:
        answer.headers[RECEIPT_JWS] = jws
    return answer


async def _admit(
    hub: Neighbours, caller: Caller, path: str, method: str, target: str, headers: Any, body: bytes
) -> Caller:
    region = caller.peer_region
    if region is None or not caller.has(MUTUAL):
        raise Forbidden("only hubs of the directory may ask this", hint="join the directory: docs/federation.md")
    text = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    await verify_request(
        method,
        target,
        text,
        body,
        find_key=lambda kid: hub.peer_key(caller.client_id, kid),
        memory=hub.ledger,
        sender=caller.client_id,
    )
    value = header(headers, b"credit-on-behalf-of")
    if value is not None:
        caller = hub.auth.narrow(caller, headers)
        audience = hub.settings.base_url
        caller = await behalf.check(value, caller, audience=audience, find_key=hub.client_key, memory=hub.ledger)
    hub.gate.admit(caller, (path,))
    return caller


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UsageError(f"{name} must be a whole number", hint="see docs/federation.md")
    return min(int(text), most)


async def _feed(hub: Neighbours, request: Request, caller: Caller, body: bytes) -> tuple[dict[str, Any], bool]:
    """``?snapshot=POSITION[&upto=SEQ]`` or ``?after=SEQ&epoch=E[&wait=SECONDS]``, and ``limit``."""
    limit = max(1, _number(request, "limit", 1000, MAX_PAGE))
    reader = hub.feed_reader
    if "snapshot" in request.query_params:
        start = _number(request, "snapshot", 0, 2**53)
        upto = _number(request, "upto", 0, 2**53) or None
        page = await asyncio.to_thread(reader.snapshot, start, upto, limit)
        return page, bool(page["entries"])
    after = _number(request, "after", 0, 2**53) if "after" in request.query_params else None
    epoch = request.query_params.get("epoch")
    page = await asyncio.to_thread(reader.page, after, epoch, limit)
    wait = _number(request, "wait", 0, int(MAX_WAIT))
    if page["kind"] == "delta" and not page["entries"] and wait and after is not None:
        await hub.waiters.wait(after, wait)
        page = await asyncio.to_thread(reader.page, after, epoch, limit)
    return page, bool(page["entries"])


async def _digest(hub: Neighbours, request: Request, caller: Caller, body: bytes) -> tuple[dict[str, Any], bool]:
    """``?have=SHA256`` of the filter that the peer holds: it is sent only when it is another one."""
    assert caller.peer_region is not None
    found, version, epoch, spoken = await hub.digests.for_peer(caller.peer_region)
    claims = digest.claims(found, of=hub.settings.region, to=caller.peer_region, epoch=epoch, data_version=version)
    more = {"iat": spoken, "person_key": hub.persons.key_id}
    statement = hub.messenger.sign_statement({**claims, **more}, digest.TYP)
    have = request.query_params.get("have")
    data = None if have == found.sha256 else b64encode(found.data).decode()
    return {"statement": statement, "filter": data}, data is not None


async def _persons(hub: Neighbours, request: Request, caller: Caller, body: bytes) -> tuple[dict[str, Any], bool]:
    assert caller.peer_region is not None
    try:
        elements = orjson.loads(body)["elements"]
        right = isinstance(elements, list) and all(isinstance(one, str) for one in elements)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        right = False
    if not right or not 0 < len(elements) <= MAX_ELEMENTS:
        raise UsageError(f"elements must be 1 to {MAX_ELEMENTS} group elements", hint="hex of 32 bytes each")
    await hub.person_guard.multiply(caller, len(elements))
    while True:
        key = hub.persons.key_id
        made = await asyncio.to_thread(lambda: [hub.persons.multiply(one) for one in elements])
        if key == hub.persons.key_id:  # else the key was rotated meanwhile
            return {"elements": made, "key": key}, True


async def _witness(hub: Neighbours, request: Request, caller: Caller, body: bytes) -> tuple[dict[str, Any], bool]:
    assert caller.peer_region is not None
    found = hub.directory.get()
    peer = found.hub(caller.peer_region) if found else None
    if peer is None:
        raise Forbidden("this hub is no longer in the directory", hint="docs/federation.md")
    return await hub.witness.add_checkpoint(peer, body), False


async def _witnessed(hub: Neighbours, request: Request, caller: Caller, body: bytes) -> tuple[dict[str, Any], bool]:
    """The newest checkpoint of the peer's own log that this hub has cosigned, so that a log set back is noticed."""
    assert caller.peer_region is not None
    found = hub.directory.get()
    peer = found.hub(caller.peer_region) if found else None
    origin = "" if peer is None else str(peer.ledger.get("origin", ""))
    return {"checkpoint": await asyncio.to_thread(hub.witness.last, origin)}, False

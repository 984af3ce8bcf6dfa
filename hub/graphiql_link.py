"""A ready client for the page GraphiQL by a one-time link, as the demonstration prints it.

The link's code travels behind ``#``, so that no server, log or referrer sees it; the page makes a key that it cannot
export and sends the code with the public part. The code works once, and its file is gone before the client is there.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.auth.clients import Client, new_client
from hub.auth.jose import PublicJwk
from hub.http import problem, read_body
from hub.settings import Settings
from hub.signing.keys import write_private
from schema import scopes as s
from schema.errors import HubError, UsageError

FILE = "graphiql-link.json"
LIFE = 12 * 3600  # seconds
SCOPES = (s.MUTUAL, s.PUBLIC, s.GATE, s.INVESTIGATE, s.OPERATE)


class LinkRefused(HubError):
    code = "UNAUTHENTICATED"
    status = 401


def make_link(settings: Settings, url: str) -> str:
    """A link for the page of the hub of this data folder at ``url``; the one before it ends."""
    code = secrets.token_urlsafe(24)
    settings.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(settings.run / FILE, orjson.dumps({"sha256": _digest(code), "exp": int(time.time()) + LIFE}))
    return f"{url}/graphiql#link={code}"


def link_routes(settings: Settings, add: Callable[[Client], bool]) -> list[Route]:
    """``POST /graphiql/client`` ``{code, jwk}`` → ``{client_id, scopes: [{scope, purpose}]}``. ``add`` registers."""

    async def client(request: Request) -> Response:
        try:
            code, jwk = _read(await read_body(request.scope["headers"], request.receive))
            made = new_client("GraphiQL", scope=" ".join(SCOPES), jwks=[jwk])
            await asyncio.to_thread(_use_up, settings, code)
        except HubError as error:
            return problem(error)
        await asyncio.to_thread(add, made)
        scopes = [{"scope": scope, "purpose": next(iter(s.PURPOSES_OF_SCOPE[scope]), "")} for scope in SCOPES]
        body = orjson.dumps({"client_id": made.client_id, "scopes": scopes})
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    return [Route("/graphiql/client", client, methods=["POST"])]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def _read(body: bytes) -> tuple[str, dict[str, object]]:
    try:
        given = orjson.loads(body)
        code, jwk = given["code"], given["jwk"]
        PublicJwk.read(jwk)
        if isinstance(code, str) and isinstance(jwk, dict):
            return code, jwk
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise UsageError("the body is not {code, jwk} with a public JWK", hint="open the link that the demonstration shows")


def _use_up(settings: Settings, code: str) -> None:
    """Raises LinkRefused unless the code is the one, and not too old; then it is gone."""
    path = settings.run / FILE
    try:
        held = orjson.loads(path.read_bytes())
        good = hmac.compare_digest(str(held["sha256"]), _digest(code)) and time.time() < held["exp"]
        if good:
            path.unlink()  # of two at once only one unlinks it
            return
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise LinkRefused(
        "this link is used up or too old", hint="start the demonstration anew for another", message_zh="链接已失效"
    )

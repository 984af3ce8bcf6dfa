"""Pushed authorization requests (RFC 9126): the only way to begin, for clients that are registered with addresses.

A request is good for one authorization. It is bound to the DPoP key of the push (RFC 9449 section 10.1), and so is the
code that comes of it.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from sqlalchemy import Connection, insert, select

from hub.auth.assertions import METHOD
from hub.auth.people.tables import digest, pushed
from hub.auth.refusals import RequestNotSupported, UnsupportedResponseType

if TYPE_CHECKING:
    from hub.auth.profile import FormRequest, ProfileServer, Reply

GRANT = "authorization_code"
PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFE = 599  # seconds: FAPI 2.0 security profile 5.3.2.2 asks for less than 600
MAX_STATE = 1024
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Pushed:
    """``max_age`` in seconds, None: any; ``login``: the person signs in anew whatever session there is."""

    redirect_uri: str
    scope: str
    challenge: str
    state: str | None = None
    max_age: int | None = None
    login: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    key: str
    client_id: str
    jkt: str
    asked: Pushed


def push(server: ProfileServer, request: FormRequest) -> Reply:
    """Raises OAuth2Error."""
    client = server.authenticate_client(request, (METHOD, "none"), "par")
    if not client.check_grant_type(GRANT):
        raise UnauthorizedClientError(description="this client has no redirect_uri")
    proof = request.proof
    assert proof is not None
    form = request.form
    if form.get("dpop_jkt", proof.jkt) != proof.jkt:
        raise InvalidRequestError(description="dpop_jkt is not the key of the DPoP proof")
    asked = _read(form, [server.base_url() + path for path in client.record.redirects], server.base_url())
    if not set(asked.scope.split()) <= client.record.scopes:
        raise InvalidScopeError(description="the scope is unknown or beyond the client's")
    uri = PREFIX + secrets.token_urlsafe(32)
    row = {"key": digest(uri), "client_id": client.record.client_id, "parameters": json.dumps(asdict(asked))}
    row |= {"jkt": proof.jkt, "expires_at": int(time.time()) + LIFE}
    request.once.append(("dpop", proof.jkt, proof.jti, proof.expires))
    server.commit(request, lambda connection: connection.execute(insert(pushed).values(**row)))
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return 201, {"request_uri": uri, "expires_in": LIFE}, headers


def _read(form: dict[str, str], addresses: list[str], base: str) -> Pushed:
    if "request_uri" in form:
        raise InvalidRequestError(description="request_uri cannot be pushed")
    if "request" in form:
        raise RequestNotSupported(description="request objects are not supported")
    if form.get("response_type") != "code":
        raise UnsupportedResponseType(description="response_type is code")
    if form.get("response_mode", "query") != "query":
        raise InvalidRequestError(description="response_mode is query")
    if form.get("redirect_uri") not in addresses:
        raise InvalidRequestError(description="redirect_uri is not one of this client, character by character")
    if form.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(form.get("code_challenge", "")):
        raise InvalidRequestError(description="PKCE with S256 is demanded")
    state = form.get("state")
    if state is not None and not (len(state) <= MAX_STATE and all(" " <= char <= "~" for char in state)):
        raise InvalidRequestError(description=f"state is up to {MAX_STATE} printable ASCII characters")
    if form.get("resource", base) != base:
        raise InvalidRequestError(description="resource is not this hub")
    age = form.get("max_age")
    if age is not None and not re.fullmatch(r"[0-9]{1,9}", age):
        raise InvalidRequestError(description="max_age is a number of seconds")
    prompt = form.get("prompt")
    if prompt not in (None, "login"):
        raise InvalidRequestError(description="prompt is login or is left out")
    scope = " ".join(sorted(set(form.get("scope", "").split())))
    if not scope:
        raise InvalidScopeError(description="scope is missing")
    max_age = None if age is None else int(age)
    return Pushed(form["redirect_uri"], scope, form["code_challenge"], state, max_age, prompt == "login")


def find(connection: Connection, client_id: str, uri: str) -> Held | None:
    """The request while it can still become a code."""
    key = digest(uri)
    return find_key(connection, key, client_id)


def find_key(connection: Connection, key: str, client_id: str | None = None) -> Held | None:
    where = (pushed.c.key == key) & pushed.c.used_at.is_(None) & (pushed.c.expires_at > time.time())
    row = connection.execute(select(pushed).where(where)).first()
    if row is None or client_id not in (None, row.client_id):
        return None
    parameters: dict[str, Any] = json.loads(row.parameters)
    return Held(row.key, row.client_id, row.jkt, Pushed(**parameters))

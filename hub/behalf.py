"""``Credit-On-Behalf-Of``: a peer or a gateway names, signed, the end client for whom it asks.

A compact JWS by the sender's registered key, ``typ`` ``credit-obo+jwt``, with ``iss`` (the sender's client_id), ``sub``
(the end client's name there), ``aud`` (this hub's base URL), ``purpose``, ``case``, ``iat``, ``exp`` (at most 60 s) and
``jti`` (once); ``act`` (RFC 8693 section 4.1) names those that passed the question on before, the last one outermost.
A bad one is refused with 400: the log must never name the wrong asker. So is one from a client that is neither a hub of
the directory nor registered as a gateway: a client may not write another's name into a log, here or at the next hub.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import orjson

from hub.auth.jose import PublicJwk
from hub.signing.digests import content_digest
from hub.signing.keys import SigningKey
from hub.signing.suites import unb64u
from schema.caller import Caller
from schema.errors import UsageError

TYP = "credit-obo+jwt"
LIFE = 60
AHEAD = 60  # seconds the sender's clock may be ahead, as with every signature between hubs
_TEXT = 256
MAX_CHAIN = 4  # hubs and gateways that may have passed a question on


class BadOnBehalfOf(UsageError):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"Credit-On-Behalf-Of is refused: {why}",
            hint=f"a JWS of typ {TYP} by your registered key, at most {LIFE} s old, used once",
            message_zh="代理请求凭据无效",
        )


class Memory(Protocol):
    async def remember(self, scope: str, value: str, expires: int) -> None: ...


FindKey = Callable[[str, str], PublicJwk | None]
"""``(client_id, kid)`` to the sender's key, None when it has none of that name."""


def make(
    key: SigningKey,
    *,
    issuer: str,
    name: str,
    audience: str,
    purpose: str,
    case: str | None,
    via: Sequence[tuple[str, str]] = (),
) -> str:
    """The header's value for one request. ``via``: who passed the question on, as ``(issuer, name)``, the last one
    first; an empty issuer is the sender itself."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": name,
        "aud": audience,
        "purpose": purpose,
        "case": case,
        "iat": now,
        "exp": now + LIFE - 5,
        "jti": uuid.uuid4().hex,
    }
    act: dict[str, Any] | None = None
    for place, actor in reversed(via):
        act = {"iss": place or issuer, "sub": actor, **({"act": act} if act else {})}
    if act is not None:
        claims["act"] = act
    return key.jws(orjson.dumps(claims), TYP)


async def check(value: str, caller: Caller, *, audience: str, find_key: FindKey, memory: Memory) -> Caller:
    """The caller with ``on_behalf_of``. Raises BadOnBehalfOf; LedgerUnavailable when ``jti`` cannot be remembered."""
    if caller.peer_region is None and not caller.gateway:
        raise BadOnBehalfOf("only hubs of the directory and clients registered as gateways may speak for others")
    header, payload, signed, signature = _split(value)
    if header.get("typ") != TYP:
        raise BadOnBehalfOf(f"typ is not {TYP}")
    key = find_key(caller.client_id, str(header.get("kid")))
    now = int(time.time())
    if key is None:
        raise BadOnBehalfOf("its kid is none of the sender's valid keys")
    if not key.takes(header.get("alg")) or not key.verifier.verify(signature, signed):
        raise BadOnBehalfOf("its signature does not hold")
    _claims(payload, caller, audience, now)
    via = _chain(payload.get("act"))
    try:
        await memory.remember("obo", f"{caller.client_id}\n{payload['jti']}", int(payload["exp"]) + LIFE)
    except Exception as error:
        if getattr(error, "status", 0) == 401:
            raise BadOnBehalfOf("it was used before") from None
        raise
    digest = content_digest(value.encode("ascii"))
    return replace(caller, on_behalf_of=str(payload["sub"]), via=via, behalf_digest=digest)


def needed(caller: Caller) -> None:
    """Raises BadOnBehalfOf where a neighbouring hub names nobody: it never asks for itself."""
    if caller.peer_region is not None and caller.on_behalf_of is None:
        raise BadOnBehalfOf("a hub asks for an end client and must name it")


def _claims(payload: Mapping[str, Any], caller: Caller, audience: str, now: int) -> None:
    for name in ("iss", "sub", "aud", "purpose", "jti"):
        value = payload.get(name)
        if not isinstance(value, str) or not value or len(value) > _TEXT:
            raise BadOnBehalfOf(f"{name} is missing or too long")
        _plain(name, value)
    times = payload.get("iat"), payload.get("exp")
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in times):
        raise BadOnBehalfOf("iat and exp must be Unix seconds")
    issued, expires = int(payload["iat"]), int(payload["exp"])
    if issued > now + AHEAD or expires <= now or expires - issued > LIFE:
        raise BadOnBehalfOf("its times are off")
    if payload["iss"] != caller.client_id:
        raise BadOnBehalfOf("iss is not the client that sends it")
    if payload["aud"] != audience:
        raise BadOnBehalfOf("aud is another hub")
    if payload["purpose"] != caller.purpose or (payload.get("case") or None) != caller.case:
        raise BadOnBehalfOf("purpose or case differ from the headers")


def _plain(name: str, value: str) -> None:
    """A name is read by people in a log: no control, bidirectional or zero-width characters, no blanks around it."""
    if not value.isprintable() or value != value.strip():
        raise BadOnBehalfOf(f"{name} has characters that cannot be shown")


def _chain(act: Any) -> tuple[tuple[str, str], ...]:
    """Who passed it on, the last one first."""
    found: list[tuple[str, str]] = []
    while act is not None:
        if not isinstance(act, dict) or len(found) >= MAX_CHAIN:
            raise BadOnBehalfOf(f"act is no chain of at most {MAX_CHAIN} names")
        for name in ("iss", "sub"):
            value = act.get(name)
            if not isinstance(value, str) or not value or len(value) > _TEXT:
                raise BadOnBehalfOf(f"act.{name} is missing or too long")
            _plain(f"act.{name}", value)
        found.append((act["iss"], act["sub"]))
        act = act.get("act")
    return tuple(found)


def _split(value: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        head, body, signature = value.split(".")
        header, payload = orjson.loads(unb64u(head)), orjson.loads(unb64u(body))
        if not isinstance(header, dict) or not isinstance(payload, dict) or len(value) > 8192:
            raise ValueError
        return header, payload, f"{head}.{body}".encode("ascii"), unb64u(signature)
    except (ValueError, UnicodeError):
        raise BadOnBehalfOf("it is not a compact JWS") from None

"""Access tokens: JWTs of type ``at+jwt`` (RFC 9068) bound to the client's DPoP key (RFC 9449 section 6)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from hub.auth.clients import Client
from hub.auth.jose import Jws, parse
from hub.auth.people.tables import PASSING
from hub.auth.tables import TOKENS, changed, seen, tokens
from hub.auth.token_keys import TOKEN_LIFE, TokenKeys


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """One issued token as the store knows it. Times are Unix seconds."""

    jti: str
    client_id: str
    scope: str
    issued_at: int
    expires_at: int
    revoked_at: int | None = None


def issue(
    keys: TokenKeys, *, issuer: str, client: Client, scope: str, jkt: str, extra: dict[str, Any] | None = None
) -> tuple[str, IssuedToken]:
    """A signed token and what to store of it; the audience is this hub. ``extra``: claims of a further grant type."""
    now = int(time.time())
    token = IssuedToken(secrets.token_urlsafe(18), client.client_id, scope, now, now + TOKEN_LIFE)
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": issuer,
        "sub": client.client_id,
        "client_id": client.client_id,
        "iat": now,
        "exp": token.expires_at,
        "jti": token.jti,
        "scope": scope,
        "purposes": sorted(client.purposes),
        "cnf": {"jkt": jkt},
    }
    if client.subject is not None:
        claims["subject"] = client.subject
    return keys.signing().sign(claims | (extra or {}), typ="at+jwt"), token


def read_own(text: str, keys: TokenKeys) -> Jws:
    """A token that this hub signed, whether still valid or not. Raises ValueError."""
    token = parse(text)
    key = keys.find(token.header.get("kid"))
    if token.header.get("typ") != "at+jwt" or key is None or not token.verified_by(key):
        raise ValueError("not a token of this hub")
    return token


def store(connection: Connection, token: IssuedToken) -> None:
    connection.execute(
        insert(tokens).values(
            jti=token.jti,
            client_id=token.client_id,
            scope=token.scope,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
        )
    )


def find(connection: Connection, jti: str) -> IssuedToken | None:
    row = connection.execute(select(tokens).where(tokens.c.jti == jti)).first()
    return None if row is None else IssuedToken(*row)


def revoke(connection: Connection, jti: str) -> None:
    """Mark as revoked; running workers notice within a quarter of a second."""
    where = (tokens.c.jti == jti) & tokens.c.revoked_at.is_(None)
    if connection.execute(update(tokens).where(where).values(revoked_at=int(time.time()))).rowcount:
        changed(connection, TOKENS)


def use_once(connection: Connection, kind: str, owner: str, ident: str, expires: int) -> None:
    """Remember an id that counts once for its owner. Raises IntegrityError when it was used before."""
    key = sha256("\0".join((kind, owner, ident)).encode("utf-8", "surrogatepass")).hexdigest()
    connection.execute(insert(seen).values(key=key, expires_at=expires))


def prune(connection: Connection, now: int) -> None:
    """Forget what has run out: used ids at their expiry, tokens a day after theirs."""
    connection.execute(delete(seen).where(seen.c.expires_at < now))
    connection.execute(delete(tokens).where(tokens.c.expires_at < now - 86_400))
    for table in PASSING:
        connection.execute(delete(table).where(table.c.expires_at < now - 60))

"""Revocation (RFC 7009) and introspection (RFC 7662) of this hub's own tokens."""

from __future__ import annotations

import time
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from hub.auth import tokens
from hub.auth.assertions import METHOD
from schema.scopes import OPERATE


class _HeldToken:
    """A token of this hub: its claims and what the store knows of it."""

    def __init__(self, claims: dict[str, Any], issued: tokens.IssuedToken) -> None:
        self.claims = claims
        self.issued = issued

    def check_client(self, client: Any) -> bool:
        return bool(self.issued.client_id == client.get_client_id())

    def is_expired(self) -> bool:
        return time.time() >= self.issued.expires_at

    def is_revoked(self) -> bool:
        return self.issued.revoked_at is not None


class _OwnTokens:
    """Looks a token up by the ``jti`` of its verified claims; anything else is no token of ours."""

    server: Any

    def query_token(self, token_string: str, token_type_hint: str | None) -> _HeldToken | None:
        try:
            claims = tokens.read_own(token_string, self.server.keys).claims
        except ValueError:
            return None
        with self.server.database.read() as connection:
            issued = tokens.find(connection, claims["jti"])
        return None if issued is None else _HeldToken(claims, issued)


class Revocation(_OwnTokens, RevocationEndpoint):  # type: ignore[misc]
    """A client ends its own token; an unknown one is no error, another client's is."""

    CLIENT_AUTH_METHODS = (METHOD, "none")

    def authenticate_token(self, request: Any, client: Any) -> _HeldToken | None:
        token: _HeldToken | None = super().authenticate_token(request, client)
        if token is None:
            self.server.commit(request)
        return token

    def revoke_token(self, token: _HeldToken, request: Any) -> None:
        self.server.commit(request, lambda connection: tokens.revoke(connection, token.issued.jti))


class Introspection(_OwnTokens, IntrospectionEndpoint):  # type: ignore[misc]
    """A client asks about its own tokens, one with ``credit:operate`` about all."""

    CLIENT_AUTH_METHODS = (METHOD,)

    def check_permission(self, token: _HeldToken, client: Any, request: Any) -> bool:
        return token.check_client(client) or OPERATE in client.record.scopes

    def authenticate_token(self, request: Any, client: Any) -> _HeldToken | None:
        token: _HeldToken | None = super().authenticate_token(request, client)
        self.server.commit(request)
        return token

    def introspect_token(self, token: _HeldToken) -> dict[str, Any]:
        holder = self.server.query_client(token.issued.client_id)
        if holder is None:
            return {"active": False}
        kept = (
            "iss",
            "aud",
            "sub",
            "client_id",
            "iat",
            "exp",
            "jti",
            "scope",
            "purposes",
            "subject",
            "cnf",
            "acr",
            "auth_time",
        )
        return {"active": True, "token_type": "DPoP"} | {k: token.claims[k] for k in kept if k in token.claims}

"""Client authentication by ``private_key_jwt`` (RFC 7523), at the level of FAPI 2.0.

Authlib's own check is laxer: it takes RS256 and HS256, lists as audience, any life time, any ``typ`` and assertions
without ``kid`` from clients of several keys. Each of these is refused here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from hub.auth.jose import Jws, PublicJwk, numeric_date, parse

METHOD = "private_key_jwt"
MAX_LIFE = 300  # seconds from now to `exp`
LEEWAY = 30  # seconds a client's clock may be ahead
MAX_JTI = 128
TYPES = (None, "JWT", "client-authentication+jwt")  # draft-ietf-oauth-rfc7523bis names the last one


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]
    """Authlib calls this with the request; it answers with the client or raises InvalidClientError."""

    CLIENT_AUTH_METHOD = METHOD

    def __init__(self, issuer: Callable[[], str]) -> None:
        super().__init__(validate_jti=False)
        self._issuer = issuer

    def __call__(self, query_client: Callable[[str], Any], request: Any) -> Any:
        client = super().__call__(query_client, request)
        if client is not None:
            claims = self._read(request.form["client_assertion"]).claims
            named = request.form.get("client_id")
            if named is not None and named != client.get_client_id():
                raise _refused("client_id is not the subject of the assertion")
            request.once.append(("assertion", client.get_client_id(), claims["jti"], int(claims["exp"]) + LEEWAY))
        return client

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        token = self._read(assertion)
        return token.header, token.claims

    def resolve_client_public_key(self, client: Any) -> tuple[PublicJwk, ...]:
        return tuple(client.keys)

    def process_assertion_claims(self, assertion: str, resolve_key: tuple[PublicJwk, ...]) -> dict[str, Any]:
        token = self._read(assertion)
        if token.header.get("typ") not in TYPES:
            raise _refused("the assertion has a wrong typ")
        keys = [key for key in resolve_key if token.header.get("kid", key.kid) in (key.kid, key.thumbprint)]
        if len(keys) != 1:
            raise _refused("the assertion does not name one of the client's keys")
        if not token.verified_by(keys[0]):
            raise _refused("the algorithm is not allowed or the signature does not hold")
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        if claims.get("iss") != claims.get("sub"):
            raise _refused("iss and sub are not the client")
        if claims.get("aud") != self._issuer():
            raise _refused("aud is not this issuer, as one text")
        now = time.time()
        try:
            if not now < numeric_date(claims.get("exp")) <= now + MAX_LIFE + LEEWAY:
                raise _refused("exp has passed or is more than five minutes ahead")
            for name in ("iat", "nbf"):
                if name in claims and numeric_date(claims[name]) > now + LEEWAY:
                    raise _refused(f"{name} lies ahead")
        except ValueError:
            raise _refused("exp, iat or nbf is missing or not a number") from None
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
            raise _refused("jti is missing or not a text of up to 128 characters")

    def _read(self, assertion: str) -> Jws:
        try:
            return parse(assertion)
        except ValueError:
            raise _refused("the assertion is not a signed JWT") from None


def _refused(why: str) -> InvalidClientError:
    return InvalidClientError(description=why)

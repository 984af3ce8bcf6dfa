"""Authorization codes: 60 seconds, once, for one client, address, PKCE verifier and DPoP key (FAPI 2.0, RFC 9449).

A code that comes back ends the token that it gave (RFC 6749 section 4.1.2).
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from hashlib import sha256
from typing import Any, Never
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.errors import InvalidGrantError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from sqlalchemy import Connection, Row, insert, select, update

from hub.auth import tokens
from hub.auth.assertions import METHOD
from hub.auth.people.pushed import Held
from hub.auth.people.store import read_person
from hub.auth.people.tables import codes, digest, person_tokens, pushed
from hub.auth.token_keys import TOKEN_LIFE
from hub.signing.suites import b64u
from schema.scopes import PURPOSES_OF_SCOPE

LIFE = 60  # seconds
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def issue_code(connection: Connection, held: Held, issuer: str, signed_in: Any) -> str | None:
    """The address to go on to, with a code or an error; None when the request was used in the meantime.

    ``signed_in``: the session, with ``person_id``, ``level`` and ``signed_in_at``. The scopes are those of the role;
    what is asked beyond them is left out, as in the token's ``scope``.
    """
    now = int(time.time())
    fresh = (pushed.c.key == held.key) & pushed.c.used_at.is_(None) & (pushed.c.expires_at > now)
    if not connection.execute(update(pushed).where(fresh).values(used_at=now)).rowcount:
        return None
    person = read_person(connection, signed_in.person_id, lock=True)
    asked = held.asked
    scopes = frozenset() if person is None or person.disabled_at else person.scopes & set(asked.scope.split())
    answer = {"iss": issuer} | ({} if asked.state is None else {"state": asked.state})
    if not scopes:
        return f"{asked.redirect_uri}?{urlencode({'error': 'access_denied'} | answer)}"
    code = secrets.token_urlsafe(32)
    connection.execute(
        insert(codes).values(
            key=digest(code),
            client_id=held.client_id,
            person_id=signed_in.person_id,
            redirect_uri=asked.redirect_uri,
            scope=" ".join(sorted(scopes)),
            challenge=asked.challenge,
            jkt=held.jkt,
            level=signed_in.level,
            signed_in_at=signed_in.signed_in_at,
            expires_at=now + LIFE,
        )
    )
    return f"{asked.redirect_uri}?{urlencode({'code': code} | answer)}"


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]
    """The grant at ``/oauth/token``. The code and the token change hands in one transaction."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD, "none")

    def validate_token_request(self) -> None:
        request = self.request
        request.client = self.authenticate_token_endpoint_client()
        if not request.client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="this client has no authorization codes")
        key = digest(request.form.get("code", ""))
        with self.server.database.read() as connection:
            code = connection.execute(select(codes).where(codes.c.key == key)).first()
        if code is None or code.client_id != request.client.get_client_id():
            _refuse("the code is unknown")
        if code.jti is not None:
            self._replayed(code)
        if time.time() >= code.expires_at:
            _refuse("the code has expired")
        if request.form.get("redirect_uri") != code.redirect_uri:
            _refuse("redirect_uri is not that of the request")
        verifier = request.form.get("code_verifier", "")
        made = b64u(sha256(verifier.encode("utf-8", "surrogatepass")).digest())
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(made, code.challenge):
            _refuse("code_verifier does not fit the challenge")
        if request.proof is None or not hmac.compare_digest(request.proof.jkt, code.jkt):
            _refuse("the code is bound to another DPoP key")
        request.code = code

    def create_token_response(self) -> Any:
        request = self.request
        code = request.code
        token, issued = tokens.issue(
            self.server.keys,
            issuer=self.server.base_url(),
            client=request.client.record,
            scope=code.scope,
            jkt=code.jkt,
            extra={
                "sub": code.person_id,
                "purposes": sorted({p for scope in code.scope.split() for p in PURPOSES_OF_SCOPE[scope]}),
                "acr": code.level,
                "auth_time": code.signed_in_at,
            },
        )
        request.issued = issued
        request.then = lambda connection: self._hand_over(connection, code, issued)
        body = {"access_token": token, "token_type": "DPoP", "expires_in": TOKEN_LIFE, "scope": code.scope}
        self.server.save_token(body, request)
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _hand_over(self, connection: Connection, code: Row[Any], issued: tokens.IssuedToken) -> None:
        person = read_person(connection, code.person_id, lock=True)
        unused = (codes.c.key == code.key) & codes.c.jti.is_(None)
        change = update(codes).where(unused).values(jti=issued.jti, expires_at=issued.expires_at)
        if person is None or person.disabled_at is not None or not connection.execute(change).rowcount:
            _refuse("the code was used")
        values = {"jti": issued.jti, "person_id": code.person_id, "expires_at": issued.expires_at}
        connection.execute(insert(person_tokens).values(**values))

    def _replayed(self, code: Row[Any]) -> Never:
        with self.server.database.write() as connection:
            tokens.revoke(connection, code.jti)
        _refuse("the code was used before: its token is revoked")


def _refuse(why: str) -> Never:
    raise InvalidGrantError(description=why)

"""The FAPI 2.0 profile on Authlib's server core: which grants, which client authentication, which tokens.

Authlib is synchronous; everything here runs in worker threads. Ids that count once (assertions, proofs) and the token
are written in one transaction, so a refused request leaves nothing and a replay finds its row. A further grant type
is one more class registered in ``ProfileServer``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, InvalidScopeError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.auth import tokens
from hub.auth.assertions import METHOD, PrivateKeyJwt
from hub.auth.clients import Client
from hub.auth.database import Database
from hub.auth.dpop import Proof
from hub.auth.people.codes import AuthorizationCode
from hub.auth.refusals import InvalidDpopProof, UnsupportedGrantType
from hub.auth.token_endpoints import Introspection, Revocation
from hub.auth.token_keys import TOKEN_LIFE, TokenKeys
from schema.scopes import SCOPES

Reply = tuple[int, dict[str, Any], dict[str, str]]
GRANT_TYPES = ("client_credentials", "authorization_code")
PRUNE_EVERY = 300  # seconds between removals of what has run out


class ServerClient(ClientMixin):  # type: ignore[misc]
    """A registered client in Authlib's eyes."""

    def __init__(self, client: Client) -> None:
        self.record = client
        self.keys = client.keys

    def get_client_id(self) -> str:
        return self.record.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        wanted = set(scope.split()) if scope else self.record.scopes
        return " ".join(sorted(self.record.scopes & wanted))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("none" if self.record.redirects else METHOD)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == ("authorization_code" if self.record.redirects else "client_credentials")


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> dict[str, str]:
        return self._form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._form.items()}


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """A form post. ``once`` gathers ids to use up: (kind, whose, id, expiry); ``proof`` is the checked DPoP proof;
    ``then`` is what a grant does in the transaction that stores its token."""

    def __init__(self, uri: str, form: dict[str, str], proof: Proof | None = None) -> None:
        super().__init__("POST", uri)
        self.payload = _Payload(form)
        self.proof = proof
        self.issued: tokens.IssuedToken | None = None
        self.once: list[tuple[str, str, str, int]] = []
        self.then: Callable[[Connection], None] | None = None

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_requested_scope(self) -> None:
        """Nothing is granted of a request that goes beyond the client's scopes (RFC 6749 section 5.2)."""
        scope = self.request.payload.scope
        wanted = set((scope or "").split())
        if not wanted <= self.request.client.record.scopes or (scope is not None and not wanted):
            raise InvalidScopeError(description="the scope is unknown or beyond the client's")

    def generate_token(self, **_: Any) -> dict[str, Any]:
        request = self.request
        scope = request.client.get_allowed_scope(request.payload.scope)
        token, request.issued = tokens.issue(
            self.server.keys,
            issuer=self.server.base_url(),
            client=request.client.record,
            scope=scope,
            jkt=request.proof.jkt,
        )
        return {"access_token": token, "token_type": "DPoP", "expires_in": TOKEN_LIFE, "scope": scope}


class ProfileServer(AuthorizationServer):  # type: ignore[misc]
    """Joins Authlib's core to the store, the keys and plain replies (status, body, headers)."""

    def __init__(
        self,
        *,
        base_url: Callable[[], str],
        database: Database,
        keys: TokenKeys,
        find_client: Callable[[str], Client | None],
        admit: Callable[[str], None] = lambda client_id: None,
    ) -> None:
        """``admit`` is told of each client that has shown who it is, before a write; raises TooManyRequests."""
        super().__init__(scopes_supported=list(SCOPES))
        self.base_url = base_url
        self.database = database
        self.keys = keys
        self._find_client = find_client
        self._admit = admit
        self._pruned = 0
        self.register_client_auth_method(METHOD, PrivateKeyJwt(base_url))
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> ServerClient | None:
        client = self._find_client(client_id)
        return None if client is None or client.revoked_at is not None else ServerClient(client)

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Authlib's framework signals have no listeners here."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Reply:
        sent = {name: value for name, value in headers if name != "WWW-Authenticate"}
        if body.get("error") == "invalid_client":
            status = 401  # RFC 7662 section 2.3; a 401 carries a challenge (RFC 9110 section 15.5.2)
            sent["WWW-Authenticate"] = f'DPoP realm="{self.base_url()}", error="invalid_client"'
        return status, dict(body), sent

    def get_token_grant(self, request: FormRequest) -> Any:
        """Authlib's own error repeats the client's text where the standard's character set may forbid it."""
        if not request.payload.grant_type:
            raise InvalidRequestError(description="grant_type is missing")
        if request.payload.grant_type not in GRANT_TYPES:
            raise UnsupportedGrantType(description="the grant type is not supported")
        return super().get_token_grant(request)

    def create_token_response(self, request: FormRequest) -> Reply:
        try:
            reply: Reply = super().create_token_response(request)
        except OAuth2Error as error:
            reply = self.handle_error_response(request, error)
        return reply

    def save_token(self, token: dict[str, Any], request: FormRequest) -> None:
        proof, issued = request.proof, request.issued
        if proof is None or issued is None:
            raise InvalidDpopProof(description="a token needs a DPoP proof")
        request.once.append(("dpop", proof.jkt, proof.jti, proof.expires))

        def store(connection: Connection) -> None:
            if request.then is not None:
                request.then(connection)
            tokens.store(connection, issued)

        self.commit(request, store)

    def commit(self, request: FormRequest, then: Callable[[Connection], object] | None = None) -> None:
        """Use up the request's ids and do ``then``, in one transaction. Raises OAuth2Error for a used id, and
        TooManyRequests."""
        now, kind = int(time.time()), ""
        for kind, owner, _, _ in request.once:
            if kind == "assertion":
                self._admit(owner)
        try:
            with self.database.write() as connection:
                if now - self._pruned > PRUNE_EVERY:
                    tokens.prune(connection, now)
                for kind, owner, ident, expires in request.once:
                    tokens.use_once(connection, kind, owner, ident, expires)
                if then is not None:
                    then(connection)
        except IntegrityError:
            if kind == "dpop":
                raise InvalidDpopProof(description="the proof was used before") from None
            raise InvalidClientError(description="the assertion was used before") from None
        if now - self._pruned > PRUNE_EVERY:
            self._pruned = now

"""The resource server: who sends this request, shown by an access token and a DPoP proof (RFC 9068, RFC 9449).

What does not change from call to call is kept: a verified token by its hash, a client's proof key by its encoded
header. What can change is checked each time: the proof's signature, times, revocation, replay.
"""

from __future__ import annotations

import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hub.auth.challenge import invalid_proof, invalid_token, nonce_needed, not_authenticated
from hub.auth.clients import FOREIGN, Client
from hub.auth.dpop import Proof, check_proof, token_hash
from hub.auth.issuers import MAX_LIFE, Issuers
from hub.auth.jose import MAX_JWT, Jws, PublicJwk, numeric_date, parse
from hub.auth.replay import ReplayGuard
from hub.auth.snapshot import Revocations, Snapshot
from hub.auth.token_keys import TOKEN_LIFE, TokenKeys
from schema.caller import Caller
from schema.errors import HubError

Headers = Sequence[tuple[bytes, bytes]]
ClientSource = Callable[[str], Client | None]
LEEWAY = 60  # seconds that another issuer's clock may be ahead
MAX_GRANTS = 10_000
_DPOP = re.compile(r"(?i:dpop) +([A-Za-z0-9._~+/-]+=*)")


@dataclass(frozen=True, slots=True)
class _Grant:
    """A verified token: what it allows, to whom, until when (Unix seconds). ``key`` is the DPoP key's thumbprint;
    ``person`` is who signed in, in whose name limits, cursors and the ledger count what a page asks."""

    issuer: str
    client_id: str
    scopes: frozenset[str]
    purposes: frozenset[str]
    subject: str | None
    key: str
    token_id: str
    starts: float
    ends: float
    own: bool
    person: str | None = None


class ResourceServer:
    def __init__(
        self,
        *,
        base_url: Callable[[], str],
        keys: TokenKeys,
        issuers: Issuers,
        revocations: Revocations,
        peers: ClientSource,
        require_nonce: bool,
    ) -> None:
        self._base_url = base_url
        self._keys = keys
        self._issuers = issuers
        self._revocations = revocations
        self._peers = peers
        self._require_nonce = require_nonce
        self._replay = ReplayGuard()
        self._grants: OrderedDict[str, _Grant] = OrderedDict()
        self._generations = (0, 0)

    async def identify(self, headers: Headers, method: str, url: str) -> Caller:
        """The caller, without its purpose and case. Raises Unauthenticated, or LedgerUnavailable when revocation
        cannot be checked. ``url``: as the client wrote it, the base URL and path."""
        realm = self._base_url()
        token, sent = self._credentials(headers, realm)
        now = time.time()
        ath = token_hash(token)
        grant = self._grant(token, ath, realm)
        if not grant.starts <= now < grant.ends:
            raise invalid_token(realm, "the access token has expired or is not valid yet")
        try:
            proof = check_proof(sent, method=method, url=url, now=now, ath=ath)
        except ValueError as error:
            raise invalid_proof(realm, str(error)) from None
        if not hmac.compare_digest(proof.jkt.encode(), grant.key.encode()):
            raise invalid_token(realm, "the access token is bound to another key")
        self._check_nonce(proof, now, realm)
        client = await self._client(grant, realm)
        if not self._replay.first(proof.jkt, proof.jti):
            raise invalid_proof(realm, "this proof was used before")
        return self._caller(grant, client, proof)

    def challenge(self) -> HubError:
        """The refusal for a request that brings no credentials."""
        return not_authenticated(self._base_url())

    def _credentials(self, headers: Iterable[tuple[bytes, bytes]], realm: str) -> tuple[str, str]:
        authorization = [value for name, value in headers if name.lower() == b"authorization"]
        proofs = [value for name, value in headers if name.lower() == b"dpop"]
        if not authorization:
            raise not_authenticated(realm)
        if len(authorization) > 1:
            raise invalid_token(realm, "there is more than one Authorization header")
        match = _DPOP.fullmatch(authorization[0].decode("latin-1"))
        if match is None or len(match[1]) > MAX_JWT:
            raise invalid_token(realm, "Authorization is not one DPoP access token")
        if len(proofs) != 1:
            raise invalid_proof(realm, "there is not exactly one DPoP header")
        return match[1], proofs[0].decode("latin-1")

    def _grant(self, token: str, ath: str, realm: str) -> _Grant:
        generations = (self._keys.refresh(), self._issuers.refresh())
        if generations != self._generations:
            self._grants.clear()
            self._generations = generations
        grant = self._grants.get(ath)
        if grant is not None:
            self._grants.move_to_end(ath)
            return grant
        try:
            grant = self._verify(parse(token), realm)
        except ValueError as error:
            raise invalid_token(realm, f"the access token is not valid: {error}") from None
        self._grants[ath] = grant
        while len(self._grants) > MAX_GRANTS:
            self._grants.popitem(last=False)
        return grant

    def _verify(self, token: Jws, realm: str) -> _Grant:
        claims = token.claims
        if str(token.header.get("typ")).lower() not in ("at+jwt", "application/at+jwt"):
            raise ValueError("its type is not at+jwt")
        named = claims.get("iss")
        own = named == realm
        issuer = None if own or not isinstance(named, str) else self._issuers.find(named)
        if not own and issuer is None:
            raise ValueError("its issuer is not known here")
        kid = token.header.get("kid")
        key: PublicJwk | None = self._keys.find(kid) if issuer is None else issuer.keys.get(str(kid))
        if key is None or not token.verified_by(key):
            raise ValueError("its signature does not hold")
        audience = claims.get("aud")
        if audience not in ((wanted := realm if issuer is None else issuer.audience), [wanted]):
            raise ValueError("it is for another audience")
        issued, ends = numeric_date(claims.get("iat")), numeric_date(claims.get("exp"))
        if ends - issued > (TOKEN_LIFE if issuer is None else MAX_LIFE):
            raise ValueError("it lives too long")
        starts = max(issued, numeric_date(claims.get("nbf", issued))) - LEEWAY
        client_id, jti, scope = (claims.get(name) for name in ("client_id", "jti", "scope"))
        binding = claims.get("cnf")
        jkt = binding.get("jkt") if isinstance(binding, dict) else None
        if not (isinstance(client_id, str) and isinstance(jti, str) and isinstance(scope, str)):
            raise ValueError("client_id, jti or scope is missing")
        if not client_id or len(client_id) > 256 or len(jti) > 256 or not isinstance(jkt, str):
            raise ValueError("it is not bound to a key")
        if issuer is not None:
            scopes = issuer.granted(scope)
            name = f"{issuer.issuer}{FOREIGN}{client_id}"
            return _Grant(issuer.issuer, name, scopes, issuer.purposes_for(scopes), None, jkt, jti, starts, ends, False)
        subject, purposes = claims.get("subject"), claims.get("purposes", [])
        scopes = frozenset(scope.split())
        person = None if claims.get("sub") == client_id else str(claims.get("sub"))
        return _Grant(realm, client_id, scopes, frozenset(purposes), subject, jkt, jti, starts, ends, True, person)

    def _check_nonce(self, proof: Proof, now: float, realm: str) -> None:
        if proof.nonce is None and not self._require_nonce:
            return
        nonces = self._keys.nonces()
        if proof.nonce is None or not nonces.fresh(proof.nonce, now):
            raise nonce_needed(realm, nonces.current(now))

    async def _client(self, grant: _Grant, realm: str) -> Client | None:
        """The client as it is now; None for another issuer's. Raises Unauthenticated when it or its token ended."""
        held = await self._revocations.current()
        client = self._known(held, grant.client_id)
        if grant.own and client is None:
            held = await self._revocations.renew()  # it may have been added a moment ago
            client = self._known(held, grant.client_id)
        if (grant.own and client is None) or (client is not None and client.revoked_at is not None):
            raise invalid_token(realm, "the client was revoked")
        if grant.own and grant.token_id in held.revoked_tokens:
            raise invalid_token(realm, "the access token was revoked")
        return client

    def _known(self, held: Snapshot, client_id: str) -> Client | None:
        return held.clients.get(client_id) or self._peers(client_id)

    def _caller(self, grant: _Grant, client: Client | None, proof: Proof) -> Caller:
        return Caller(
            client_id=grant.person or grant.client_id,
            scopes=grant.scopes if client is None else grant.scopes & client.scopes,
            purposes=grant.purposes if client is None else grant.purposes & client.purposes,
            subject=grant.subject,
            jti=proof.jti,
            jti_expires=proof.expires,
            jkt=proof.jkt,
            issuer=grant.issuer,
            token_id=grant.token_id,
            name=grant.client_id if client is None else client.name,
            peer_region=None if client is None else client.peer_region,
            gateway=client is not None and client.gateway,
        )

"""Speaking for this hub to its peers: tokens, proofs, signatures, and the checks of what comes back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from federation.directory.model import Hub as PeerHub
from federation.errors import BadSignature, PeerFault, PeerRefused, PeerUnreachable
from federation.ports import Asker, Request, Response
from federation.transport import header
from hub import behalf
from hub.auth.token_client import TokenClient
from hub.settings import Settings
from hub.signing import KeyStore, RequestFacts, SignatureFault, content_digest, sign_request, verify_response
from hub.signing.keys import PublicKey
from hub.signing.suites import Verifier, b64u, suite_of, unb64u
from schema.errors import HubError
from schema.scopes import MUTUAL

RECEIPT_JWS = "credit-receipt-jws"
RECEIPT_TYP = "credit-receipt+jwt"


class SigningKeyAsJwk:
    """The hub's current signing key in the shape in which the token client wants its key."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    @property
    def kid(self) -> str:
        return self._keys.current().kid

    def sign(self, claims: Mapping[str, Any], *, typ: str, header: Mapping[str, Any] | None = None) -> str:
        key = self._keys.current()
        head = {"alg": key.signer.jose, "kid": key.kid, "typ": typ, **(header or {})}
        signed = f"{b64u(orjson.dumps(head))}.{b64u(orjson.dumps(dict(claims)))}"
        return f"{signed}.{b64u(key.signer.sign(signed.encode()))}"


class HubMessenger:
    """Implements ``federation.ports.Messenger``."""

    def __init__(self, settings: Settings, keys: KeyStore, client: httpx.AsyncClient) -> None:
        self._base_url = settings.base_url
        self._keys = keys
        self._client = client
        self._tokens: dict[str, TokenClient] = {}

    async def sign(self, hub: PeerHub, method: str, path: str, body: bytes, asker: Asker | None) -> Request:
        url = hub.url + path
        try:
            proof = await self._token_client(hub).headers(method, url, MUTUAL)
        except PeerFault:
            raise
        except HubError as error:
            fault = PeerRefused if error.status < 500 else PeerUnreachable
            raise fault("token", error.message) from None
        except httpx.HTTPError as error:
            raise PeerUnreachable("token", type(error).__name__) from None
        headers = [("accept", "application/json"), *((name.lower(), value) for name, value in proof.items())]
        if body:
            headers.append(("content-type", "application/json"))
        if asker is not None:
            purpose = asker.purpose
            headers.append(("credit-purpose", purpose))
            if asker.case:
                headers.append(("credit-case", _percent(asker.case)))
            statement = behalf.make(
                self._keys.current(),
                issuer=self._base_url,
                name=asker.name,
                audience=hub.url,
                purpose=purpose,
                case=asker.case,
                via=asker.via,
            )
            headers.append(("credit-on-behalf-of", statement))
        signature = sign_request(self._keys, method, url, headers, body)
        headers += [(name.lower(), value) for name, value in signature]
        return Request(method, url, tuple(headers), body)

    def check(self, hub: PeerHub, request: Request, response: Response) -> str:
        facts = RequestFacts.of(request.method, request.url, request.body, lambda name: header(request.headers, name))
        try:
            found = verify_response(
                facts, response.status, response.headers, response.body, lambda kid: self._key_now(hub, kid)
            )
        except SignatureFault as fault:
            raise BadSignature(fault.reason, fault.message) from None
        jws = header(response.headers, RECEIPT_JWS)
        if jws is None:
            return found.receipt_id
        claims = self.check_receipt(hub, jws)
        same = (
            claims.get("jti") == found.receipt_id
            and claims.get("request_digest") == content_digest(request.body)
            and claims.get("answer_digest") == content_digest(response.body)
        )
        if not same:
            raise BadSignature("receipt", "the receipt is not of this answer")
        return jws

    def check_receipt(self, hub: PeerHub, jws: str, typ: str = RECEIPT_TYP) -> Mapping[str, Any]:
        try:
            head, body, signature = jws.split(".")
            fields, claims = orjson.loads(unb64u(head)), orjson.loads(unb64u(body))
            signed, mark = f"{head}.{body}".encode("ascii"), unb64u(signature)
            issued, alg = claims["iat"], fields["alg"]
            if type(issued) is not int or fields["typ"] != typ or "crit" in fields:
                raise ValueError
            key = _public(hub, str(fields["kid"]))
        except (ValueError, KeyError, TypeError, UnicodeError):
            raise BadSignature("statement", f"it is not a JWS of typ {typ} of that hub") from None
        if key is None or not key.valid_at(issued) or issued > time.time() + 60:
            raise BadSignature("key", "its key was not valid then")
        names = suite_of(key.jwk).names
        if claims.get("iss") != hub.url or alg not in names or not key.verifier.verify(mark, signed):
            raise BadSignature("statement", "its signature does not hold")
        return dict(claims)

    def sign_statement(self, claims: Mapping[str, Any], typ: str) -> str:
        stated = {"iat": int(time.time()), **claims, "iss": self._base_url}
        return self._keys.current().jws(orjson.dumps(stated), typ)

    def forget_token(self, hub: PeerHub) -> None:
        self._tokens.pop(hub.url, None)

    def heard(self, hub: PeerHub, response: Response) -> bool:
        fresh = self._token_client(hub).take_nonce(header(response.headers, "dpop-nonce"))
        asked = " ".join(value for name, value in response.headers if name.lower() == "www-authenticate")
        return fresh and response.status == 401 and "use_dpop_nonce" in asked

    def _token_client(self, hub: PeerHub) -> TokenClient:
        client = self._tokens.get(hub.url)
        if client is None:
            key: Any = SigningKeyAsJwk(self._keys)
            client = self._tokens[hub.url] = TokenClient(hub.url, self._base_url, key, http=self._client)
        return client

    def _key_now(self, hub: PeerHub, kid: str) -> Verifier | None:
        key = _public(hub, kid)
        return key.verifier if key is not None and key.valid_at(time.time()) else None


def _public(hub: PeerHub, kid: str) -> PublicKey | None:
    jwk = hub.key(kid)
    if jwk is None:
        return None
    members = tuple(sorted((name, value) for name, value in jwk.items() if isinstance(value, str | int)))
    return _read_key(members)


@lru_cache(maxsize=1024)
def _read_key(members: tuple[tuple[str, str | int], ...]) -> PublicKey | None:
    """A feed has thousands of entries by one key, so it is read once."""
    try:
        return PublicKey.from_jwk(dict(members))
    except ValueError:
        return None


def _percent(text: str) -> str:
    return quote(text, safe="")

"""A client of a hub: gets tokens by ``private_key_jwt``, sends DPoP-bound requests, follows nonce challenges.

Used by the local commands and between hubs. It never follows redirects: a token belongs to one address.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any, Self

import httpx

from hub.auth.dpop import token_hash
from hub.auth.jose import PrivateJwk, generate_jwk
from schema.bounded_json import read_json
from schema.errors import Refused, ServiceError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SPARE = 30  # seconds before its end a token is renewed
ASSERTION_LIFE = 60
MAX_ANSWER = 64 * 1024  # bytes of a token server's answer
MAX_NONCE = 1024
_DPOP_MEMBERS = ("kty", "crv", "x", "y", "n", "e")


class TokenClient:
    """``key`` signs the assertions, ``dpop_key`` (default: a new one) the proofs. ``http`` stays the caller's."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        key: PrivateJwk,
        *,
        dpop_key: PrivateJwk | None = None,
        http: httpx.AsyncClient | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.client_id = client_id
        self._key = key
        self._dpop = dpop_key or PrivateJwk.read(generate_jwk())
        self._owned = http is None
        self._http = http or httpx.AsyncClient(trust_env=False, timeout=timeout, follow_redirects=False)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._nonce: str | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._owned:
            await self._http.aclose()

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """A DPoP proof for one request; ``url`` without query and fragment."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("#")[0].partition("?")[0],
            "iat": int(time.time()),
        }
        if token is not None:
            claims["ath"] = token_hash(token)
        if self._nonce is not None:
            claims["nonce"] = self._nonce
        jwk = {name: self._dpop.public[name] for name in _DPOP_MEMBERS if name in self._dpop.public}
        return self._dpop.sign(claims, typ="dpop+jwt", header={"jwk": jwk})

    async def token(self, scope: str = "") -> str:
        """An access token, kept until shortly before its end.

        Raises Refused with the server's OAuth error, ServiceError when the hub cannot be reached.
        """
        async with self._lock:
            held, ends = self._tokens.get(scope, ("", 0.0))
            if time.monotonic() < ends:
                return held
            answer = await self._form("/oauth/token", {"grant_type": "client_credentials", "scope": scope})
            body = _object(answer)
            token, life = body.get("access_token"), body.get("expires_in")
            if not isinstance(token, str) or not isinstance(life, int) or str(body.get("token_type")).lower() != "dpop":
                raise ServiceError(f"{self.base_url} gave no DPoP token", hint="is this the base URL of a hub?")
            self._tokens[scope] = (token, time.monotonic() + life - SPARE)
            return token

    async def revoke(self, scope: str = "") -> None:
        """Give the held token back (RFC 7009)."""
        held, _ = self._tokens.pop(scope, ("", 0.0))
        if held:
            await self._form("/oauth/revoke", {"token": held})

    async def headers(self, method: str, url: str, scope: str = "") -> dict[str, str]:
        """``Authorization`` and ``DPoP`` for one request, to be sent once."""
        token = await self.token(scope)
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, url, token)}

    async def request(
        self,
        method: str,
        url: str,
        *,
        scope: str = "",
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One authenticated request, sent again once when the server asks for a nonce. Raises as ``token``."""
        for _ in range(2):
            sent = dict(headers or {}) | await self.headers(method, url, scope)
            answer = await self._send(method, url, headers=sent, content=content)
            if not (answer.status_code == 401 and self._asks_for_nonce(answer)):
                break
        return answer

    async def _form(self, path: str, fields: dict[str, str]) -> httpx.Response:
        url = self.base_url + path
        for _ in range(2):
            form = {k: v for k, v in fields.items() if v} | {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(),
            }
            answer = await self._send("POST", url, headers={"DPoP": self.proof("POST", url)}, data=form)
            if not (answer.status_code == 400 and self._asks_for_nonce(answer)):
                break
        if answer.status_code != 200:
            error = _object(answer)
            why = error.get("error_description") or error.get("detail") or "no reason is given"
            about_client = "check the client's id, key and scopes: `credit-hub client list`"
            raise (Refused if 400 <= answer.status_code < 500 else ServiceError)(
                f"{url}: {error.get('error', answer.status_code)}: {why}",
                hint=str(error.get("hint") or (about_client if answer.status_code < 500 else "see the hub's log")),
            )
        return answer

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.base_url, "iat": now}
        return self._key.sign(claims | {"exp": now + ASSERTION_LIFE, "jti": secrets.token_urlsafe(16)}, typ="JWT")

    def take_nonce(self, nonce: str | None) -> bool:
        """A nonce that the server gave with an answer, for the next proof (RFC 9449, 8.1); whether it is a new one."""
        fresh = nonce is not None and 0 < len(nonce) <= MAX_NONCE and nonce != self._nonce
        self._nonce = nonce if fresh else self._nonce
        return fresh

    def _asks_for_nonce(self, answer: httpx.Response) -> bool:
        body = answer.headers.get("www-authenticate", "") + answer.text[:1000]
        return "use_dpop_nonce" in body and "dpop-nonce" in answer.headers

    async def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, url, follow_redirects=False, **options)
        except httpx.HTTPError as error:
            raise ServiceError(
                f"{url} cannot be reached: {type(error).__name__}",
                hint="is the hub running? `credit-hub serve`",
                message_zh="无法连接枢纽",
            ) from None
        self.take_nonce(answer.headers.get("dpop-nonce"))
        return answer


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = read_json(answer.content, most=MAX_ANSWER)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

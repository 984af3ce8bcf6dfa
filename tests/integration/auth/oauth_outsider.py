"""A client written with jwcrypto and httpx only, so that the hub is never tested with its own code."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from base64 import urlsafe_b64encode
from typing import Any

import httpx
from jwcrypto import jwk, jws

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGS = {"OKP": "EdDSA", "EC": "ES256", "RSA": "PS256"}
EVERY_ALG = ["EdDSA", "ES256", "PS256", "RS256", "HS256", "ES384"]


def new_key(kind: str = "OKP") -> jwk.JWK:
    options: dict[str, Any] = {"OKP": {"crv": "Ed25519"}, "EC": {"crv": "P-256"}, "RSA": {"size": 2048}}[kind]
    key = jwk.JWK.generate(kty=kind, **options)
    key["kid"] = key.thumbprint()
    return key


def public(key: jwk.JWK) -> dict[str, Any]:
    return dict(key.export_public(as_dict=True))


def b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict[str, Any], key: jwk.JWK, header: dict[str, Any]) -> str:
    token = jws.JWS(json.dumps(claims))
    token.allowed_algs = EVERY_ALG
    token.add_signature(key, None, json.dumps(header))
    return str(token.serialize(compact=True))


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    return f"{b64u(json.dumps(header).encode())}.{b64u(json.dumps(claims).encode())}."


def put(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The base with changes; a value of ... removes the member."""
    return {name: value for name, value in (base | changes).items() if value is not ...}


class Outsider:
    def __init__(self, base: str, client_id: str, key: jwk.JWK, dpop: jwk.JWK | None = None) -> None:
        self.base, self.client_id, self.key = base, client_id, key
        self.dpop = dpop or new_key("EC")

    def assertion_parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.base, "jti": uuid.uuid4().hex}
        claims |= {"iat": now, "exp": now + 60}
        return {"alg": ALGS[self.key["kty"]], "kid": self.key["kid"]}, claims

    def assertion(self, *, header: dict[str, Any] | None = None, key: jwk.JWK | None = None, **claims: Any) -> str:
        head, body = self.assertion_parts()
        return signed(put(body, claims), key or self.key, put(head, header or {}))

    def proof_parts(self, method: str, url: str, token: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
        head = {"typ": "dpop+jwt", "alg": ALGS[self.dpop["kty"]], "jwk": public(self.dpop)}
        claims = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(time.time())}
        if token is not None:
            claims["ath"] = b64u(hashlib.sha256(token.encode()).digest())
        return head, claims

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        *,
        header: dict[str, Any] | None = None,
        key: jwk.JWK | None = None,
        **claims: Any,
    ) -> str:
        head, body = self.proof_parts(method, url, token)
        return signed(put(body, claims), key or self.dpop, put(head, header or {}))

    def form(self, *, assertion: str | None = None, **fields: Any) -> dict[str, str]:
        base = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        return put(base | {"client_assertion": assertion or self.assertion()}, fields)

    async def ask_token(self, *, proof: str | None = None, **fields: Any) -> httpx.Response:
        url = f"{self.base}/oauth/token"
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(url, data=self.form(**fields), headers={"DPoP": proof or self.proof("POST", url)})

    async def token(self, scope: str | None = None) -> str:
        answer = await self.ask_token(**({} if scope is None else {"scope": scope}))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        base = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(f"{self.base}{path}", data=put(base, fields))

    def headers(self, token: str, method: str, url: str, **proof: Any) -> list[tuple[bytes, bytes]]:
        """As in an ASGI scope."""
        sent = self.proof(method, url, token, **proof)
        return [(b"host", b"hub"), (b"authorization", f"DPoP {token}".encode()), (b"dpop", sent.encode())]

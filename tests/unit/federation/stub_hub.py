"""A neighbouring hub without its graph: real keys, real signatures, real feed and person key, answers as a test wants.

It is an ASGI application, so that it runs in process for most tests and on a socket for the others.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from federation.directory.model import Hub
from federation.ports import Response
from federation.transport import Transport
from hub.federated.messenger import HubMessenger
from hub.settings import Settings
from hub.signing import KeyStore, content_digest
from hub.signing.responses import RequestFacts, components

CODE = "91320400XY0000001A"
OTHER_CODE = "91320400XY0000002B"


def record(number: str, code: str = CODE, **changes: Any) -> dict[str, Any]:
    """A record in the form of the documents that hubs ask each other."""
    made = {
        "__typename": "Record",
        "id": f"id-{number}",
        "documentNumber": number,
        "kind": "PENALTY",
        "subject": {"id": f"s-{code}", "code": code, "name": "某公司"},
        "decidedOn": "2026-01-05",
        "state": "ACTIVE",
        "objectionPending": False,
        "amount": {"value": "1000.00", "unit": "CNY"},
        "warnings": [],
        "provenance": {"run": "1", "source": "a.csv", "row": 1, "sha256": "00", "recordedAt": "2026-01-06T00:00:00Z"},
    }
    empty = ("listType", "tier", "nameAsGiven", "authority", "until", "lastDay", "endedOn", "voidedOn", "ground")
    return {**dict.fromkeys((*empty, "legalBasis")), **made, **changes}


def rating(grade: str = "A") -> dict[str, Any]:
    return {
        "__typename": "Rating",
        "scale": "s",
        "grade": grade,
        "score": None,
        "ratedOn": "2026-01-01",
        "validTo": None,
        "issuer": "某局",
    }


@dataclass
class Signing:
    """How an answer is signed; the defaults are right."""

    offset: int = 0  # seconds added to ``created``
    kid: str | None = None
    uncovered: tuple[str, ...] = ()
    question: RequestFacts | None = None  # sign for another question than the one asked
    receipt: str | None = None  # send this JWS along
    send_receipt: bool = True


Answer = Callable[[str, Mapping[str, list[str]], bytes], tuple[int, Any]]


@dataclass
class StubHub:
    """``answer`` gives status and JSON by path, query and body; ``change`` has the last word on the wire."""

    region: str
    url: str
    keys: KeyStore
    answer: Answer = lambda path, query, body: (404, {})
    signing: Signing = field(default_factory=Signing)
    change: Callable[[Response], Response] = lambda response: response
    seen: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    tokens: int = 0
    delay: float = 0.0  # seconds that an answer takes
    last: tuple[RequestFacts, str] | None = None

    @classmethod
    def make(cls, folder: Path, region: str, port: int = 8001) -> StubHub:
        keys = KeyStore(folder / region / "keys")
        keys.rotate(now=int(time.time()) - 86_400)
        return cls(region, f"http://127.0.0.1:{port}", keys)

    def listed(self, **changes: Any) -> Hub:
        """This hub as the directory has it."""
        keys = tuple({**key.jwk, "kid": key.kid, "nbf": key.nbf, "exp": key.exp} for key in self.keys.public())
        return Hub(
            **{"region": self.region, "name": self.region, "url": self.url, "keys": keys, "ledger": {}, **changes}
        )

    def messenger(self, folder: Path, client: httpx.AsyncClient) -> HubMessenger:
        return HubMessenger(Settings(data=folder, region=self.region, base_url=self.url), self.keys, client)

    def receipt(self, facts: RequestFacts, body: bytes, identifier: str, **changes: Any) -> str:
        claims = {
            "iss": self.url,
            "iat": int(time.time()),
            "jti": identifier,
            "request_digest": content_digest(facts.body),
            "answer_digest": content_digest(body),
            **changes,
        }
        return self.keys.current().jws(json.dumps(claims).encode())

    def sign(self, facts: RequestFacts, status: int, body: bytes) -> Response:
        """The signature base of RFC 9421 section 2.5, written out here independently of the hub's own."""
        how, key, identifier = self.signing, self.keys.current(), str(uuid.uuid4())
        asked = how.question or facts
        fields = {
            '"@status"': str(status),
            '"content-digest"': content_digest(body),
            '"credit-request-digest"': content_digest(asked.body),
            '"credit-receipt"': identifier,
            '"@method";req': asked.method,
            '"@target-uri";req': asked.target_uri,
            '"dpop";req': asked.dpop or "",
            '"signature";req': asked.signature or "",
            '"signature-input";req': asked.signature_input or "",
            **{f'"{name}";req': value for name, value in asked.asked},
        }
        covered = [name for name in components(asked) if name not in how.uncovered]
        created, kid = int(time.time()) + how.offset, how.kid or key.kid
        params = f'({" ".join(covered)});created={created};keyid="{kid}";alg="ed25519"'
        lines = [f"{name}: {fields[name]}" for name in covered] + [f'"@signature-params": {params}']
        signature = b64encode(key.signer.sign("\n".join(lines).encode())).decode()
        headers = [
            ("content-type", "application/json"),
            ("credit-receipt", identifier),
            ("credit-request-digest", content_digest(asked.body)),
            ("content-digest", content_digest(body)),
            ("signature-input", f"hub={params}"),
            ("signature", f"hub=:{signature}:"),
        ]
        if how.send_receipt:
            headers.append(("credit-receipt-jws", how.receipt or self.receipt(facts, body, identifier)))
        self.last = (facts, identifier)
        return Response(status, tuple(headers), body)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, query = scope["path"], scope["query_string"].decode()
        self.seen.append((scope["method"], path, headers, body))
        if path == "/oauth/token":
            self.tokens += 1
            token = {"access_token": f"token-{self.tokens}", "token_type": "DPoP", "expires_in": 300}
            response = Response(200, (("content-type", "application/json"),), json.dumps(token).encode())
        else:
            await asyncio.sleep(self.delay)
            status, value = self.answer(path, parse_qs(query), body)
            content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
            target = f"{self.url}{path}?{query}" if query else f"{self.url}{path}"
            facts = RequestFacts.of(scope["method"], target, body, headers.get)
            response = self.change(self.sign(facts, status, content))
        raw = [(name.encode(), value.encode("latin-1")) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        await send({"type": "http.response.body", "body": response.body})


class InProcess(Transport):
    """The transport with its wire replaced: hubs of this process by their address."""

    def __init__(self, *hubs: StubHub, max_bytes: int = 1 << 20) -> None:
        super().__init__(max_bytes=max_bytes)
        mounts = {hub.url: httpx.ASGITransport(hub) for hub in hubs}
        self.client = httpx.AsyncClient(mounts=mounts, trust_env=False, timeout=None)


def held(*facts: Any, region: str = "320583", code: str = CODE) -> dict[str, Any]:
    return {"data": {"held": [{"region": region, "code": code, "facts": list(facts)}]}}

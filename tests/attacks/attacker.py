"""Whoever attacks: bare sockets, plain HTTP, and, if one is given, a registered client with its key.

Made of jwcrypto and httpx, not of the hub's own code.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from jwcrypto import jwk

from tests.attacks.attack import Skipped
from tests.integration.auth.oauth_outsider import Outsider

PURPOSE = "mutual-recognition"
SCOPE = "credit:mutual"


class Attacker:
    def __init__(self, url: str, client_id: str = "", key: jwk.JWK | None = None) -> None:
        """``url``: the hub's base URL, as it names itself."""
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self.tls = parts.scheme == "https"
        self.netloc = parts.netloc
        self.client = Outsider(self.url, client_id, key) if key is not None else None
        self.http = httpx.AsyncClient(trust_env=False, timeout=30, verify=not self.host.startswith("127."))
        self._tokens: dict[str, str] = {}

    async def close(self) -> None:
        await self.http.aclose()

    @property
    def me(self) -> Outsider:
        assert self.client is not None
        return self.client

    async def token(self, scope: str = SCOPE) -> str:
        if scope not in self._tokens:
            answer = await self.me.ask_token(scope=scope)
            if answer.status_code == 429:
                raise Skipped("the client used up its token requests")
            if answer.status_code != 200:
                raise Skipped(f"the client has not {scope}")
            self._tokens[scope] = str(answer.json()["access_token"])
        return self._tokens[scope]

    async def signed(self, method: str, path: str, **proof: Any) -> dict[str, str]:
        """Authorization and proof for one request to a path."""
        token = await self.token()
        return {
            "Authorization": f"DPoP {token}",
            "DPoP": self.me.proof(method, self.url + path.partition("?")[0], token, **proof),
        }

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.http.get(self.url + path, headers={**await self.signed("GET", path), **(headers or {})})

    async def post(self, path: str, content: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        sent = {"Content-Type": "application/json", "Credit-Purpose": PURPOSE, **await self.signed("POST", path)}
        return await self.http.post(self.url + path, content=content, headers={**sent, **(headers or {})})

    async def ask(self, document: str, variables: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """The answer of ``/graphql``, errors and all. Waits where it is told to."""
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(5):
            answer = await self.post("/graphql", body, given)
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(min(5, int(answer.headers.get("retry-after", "1"))))
        no_internals(answer)
        found: dict[str, Any] = answer.json()
        return {"status": answer.status_code, **found}

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = httpx.create_ssl_context() if self.tls else None
        return await asyncio.open_connection(self.host, self.port, ssl=context)

    async def raw(self, *parts: bytes, pause: float = 0.0, within: float = 45.0) -> bytes:
        """Bytes sent as they are, and what comes back until the other side ends; TimeoutError when it does not."""
        reader, writer = await self.open()
        reading = asyncio.ensure_future(reader.read())
        try:
            async with asyncio.timeout(within):
                with contextlib.suppress(ConnectionError):
                    for part in parts:
                        writer.write(part)
                        await writer.drain()
                        if pause and not reading.done():
                            await asyncio.sleep(pause)
                with contextlib.suppress(ConnectionError):
                    return await reading
                return b""
        finally:
            reading.cancel()
            writer.close()


def status(answer: bytes) -> int:
    """Of a raw answer; 0 when the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1") else 0


INSIDE = (
    "Traceback",
    'File "',
    "sqlalchemy",
    "sqlite3",
    "neo4j",
    "org.apache",
    "com.arcadedb",
    "site-packages",
    "MATCH (",
)


def no_internals(answer: httpx.Response) -> None:
    """An error never shows how the hub is made, and stays small."""
    if "errors" in answer.text[:200] or answer.status_code >= 400:
        assert len(answer.content) < 100_000, "an error body of 100 kB"
        shown = [word for word in INSIDE if word in answer.text]
        assert not shown, f"the inside is shown: {shown}"


def refused(answer: httpx.Response, *statuses: int) -> str:
    no_internals(answer)
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:200]}"
    return f"{answer.status_code}"

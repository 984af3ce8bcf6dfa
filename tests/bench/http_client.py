"""A bare HTTP/1.1 client with proofs made beforehand, so that the server is measured and not the client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

from hub.auth.local import read_local_client
from hub.auth.token_client import TokenClient
from hub.settings import load_settings

SCOPE = "credit:mutual"


async def requests(
    url: str,
    data: Path,
    document: str,
    variables: Sequence[dict[str, object]],
    *,
    scope: str = SCOPE,
    purpose: str = "mutual-recognition",
    key: str = "",
) -> list[bytes]:
    """Whole requests, one for each of the variables, each with its own proof (good for a minute); with ``key`` each has
    an idempotency key of its own."""
    settings = load_settings({"HUB_DATA": str(data)})
    local = read_local_client(settings)
    made = []
    async with TokenClient(url, local.client_id, local.key) as client:
        for one in variables:
            body = json.dumps({"query": document, "variables": one}).encode()
            proof = await client.headers("POST", f"{url}/graphql", scope)
            lines = [
                "POST /graphql HTTP/1.1",
                f"host: {url.removeprefix('http://')}",
                "content-type: application/json",
                f"credit-purpose: {purpose}",
                *([f'idempotency-key: "{key}-{len(made)}"'] if key else []),
                f"content-length: {len(body)}",
                *(f"{name}: {value}" for name, value in proof.items()),
            ]
            made.append("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return made


class Connection:
    async def open(self, url: str) -> Connection:
        host, port = url.removeprefix("http://").split(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def send(self, request: bytes) -> bytes:
        """The body of the answer. Raises AssertionError for any status but 200."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:400]
        at = head.lower().index(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


async def latencies(url: str, made: Sequence[bytes]) -> list[float]:
    """Seconds of each request, one after the other on one connection."""
    connection = await Connection().open(url)
    found = []
    for request in made:
        began = time.perf_counter()
        await connection.send(request)
        found.append(time.perf_counter() - began)
    connection.close()
    return found


async def throughput(url: str, made: Sequence[bytes], connections: int = 16) -> float:
    """Answers a second with many connections at once."""
    waiting = list(made)
    opened = [await Connection().open(url) for _ in range(connections)]

    async def run(connection: Connection) -> None:
        while waiting:
            await connection.send(waiting.pop())

    began = time.perf_counter()
    await asyncio.gather(*(run(connection) for connection in opened))
    seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return len(made) / seconds

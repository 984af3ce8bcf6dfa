"""A reverse proxy that can be told to misbehave: what a broken, overloaded or hostile neighbour looks like on the wire.

It runs in a thread of its own with its own event loop, so that it is slow or silent without slowing the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import threading
from dataclasses import dataclass, field

import httpx

LINE = b"\r\n"


@dataclass
class Exchange:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class FaultProxy:
    """``mode`` is one of MODES and may be changed at any time; it concerns ``/graphql`` unless ``everything``."""

    target: str = ""
    mode: str = "pass"
    seconds: float = 0.0
    everything: bool = False
    seen: list[str] = field(default_factory=list)
    port: int = 0
    _kept: Exchange | None = None

    def start(self) -> FaultProxy:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set(self, mode: str, *, seconds: float = 0.0, everything: bool = False) -> None:
        self.mode, self.seconds, self.everything = mode, seconds, everything

    def _run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._stopping = asyncio.Event()
        self._client = httpx.AsyncClient(trust_env=False, timeout=60)
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(LINE + LINE)
        first, *lines = head[:-4].split(LINE)
        method, path, _ = first.decode("latin-1").split(" ")
        headers = [tuple(line.split(b":", 1)) for line in lines]
        headers = [(name.lower(), value.strip()) for name, value in headers]
        length = int(dict(headers).get(b"content-length", b"0"))
        body = await reader.readexactly(length) if length else b""
        self.seen.append(f"{method} {path}")
        concerned = self.everything or path.startswith("/graphql")
        mode = self.mode if concerned else "pass"
        if mode == "down":
            writer.transport.abort()
            return False
        if mode == "silent":
            await asyncio.sleep(3600)
        if mode == "slow":
            await asyncio.sleep(self.seconds)
        answer = await self._forward(method, path, headers, body)
        return await self._reply(writer, mode, answer)

    async def _forward(self, method, path, headers, body) -> Exchange:
        kept = [(n, v) for n, v in headers if n not in (b"connection", b"transfer-encoding")]
        answer = await self._client.request(method, self.target + path, headers=kept, content=body)
        dropped = (b"transfer-encoding", b"connection", b"content-length")
        return Exchange(
            answer.status_code, [(n, v) for n, v in answer.headers.raw if n.lower() not in dropped], answer.content
        )

    async def _reply(self, writer: asyncio.StreamWriter, mode: str, answer: Exchange) -> bool:
        answer, cut = self._change(mode, answer)
        lines = [f"HTTP/1.1 {answer.status} X".encode()]
        lines += [name + b": " + value for name, value in answer.headers]
        lines.append(b"content-length: " + str(len(answer.body)).encode())
        writer.write(LINE.join(lines) + LINE + LINE + (answer.body[: len(answer.body) // 2] if cut else answer.body))
        await writer.drain()
        if cut:
            writer.transport.abort()
        return not cut

    def _change(self, mode: str, answer: Exchange) -> tuple[Exchange, bool]:
        headers, body, status = list(answer.headers), answer.body, answer.status
        if mode == "cut":
            return answer, True
        if mode == "keep":
            self._kept = answer
        elif mode == "replay" and self._kept is not None:
            return self._kept, False
        elif mode == "change":
            body = body.replace(b'"state":"ACTIVE"', b'"state":"EXPIRED"').replace(b'"facts":[]', b'"facts": []')
        elif mode == "unsigned":
            headers = [(n, v) for n, v in headers if n.lower() not in (b"signature", b"signature-input")]
        elif mode == "wrong_key":
            headers = [
                (n, v.replace(b'keyid="', b'keyid="x') if n.lower() == b"signature-input" else v) for n, v in headers
            ]
        elif mode == "wrong_digest":
            headers = [
                (n, b"sha-256=:" + b"A" * 43 + b"=:" if n.lower() == b"content-digest" else v) for n, v in headers
            ]
        elif mode == "stale":
            headers = [(n, _older(v) if n.lower() == b"signature-input" else v) for n, v in headers]
        elif mode == "gzip":
            headers.append((b"content-encoding", b"gzip"))
            body = gzip.compress(b" " * 20_000_000)
        elif mode == "huge":
            body = b'{"data":{"held":[' + b" " * (9 * 1024 * 1024) + b"]}}"
        elif mode == "deep":
            body = b'{"data":' + b"[" * 5000 + b"]" * 5000 + b"}"
        elif mode == "malformed":
            body = b"<html>not here</html>"
        elif mode == "redirect":
            status, headers = 302, [(b"location", self.target.encode() + b"/graphql")]
        elif mode == "error5xx":
            status, headers, body = 502, [], b"bad gateway"
        elif mode == "error4xx":
            status, headers, body = 403, [], b"{}"
        return Exchange(status, headers, body), False


def _older(value: bytes) -> bytes:
    return re.sub(rb"created=(\d+)", lambda found: b"created=" + str(int(found[1]) - 300).encode(), value)


UNREACHABLE = ("down", "silent", "cut", "gzip", "huge", "deep", "redirect", "error5xx")
INVALID_SIGNATURE = ("change", "unsigned", "wrong_key", "wrong_digest", "stale", "malformed", "replay")
REFUSED = ("error4xx",)

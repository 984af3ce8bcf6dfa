"""Bytes to and from a peer: resolved once and pinned, no redirects, no compression, capped size, depth and time.

A directory comes from outside, so its addresses are held to what a peer can be: off loopback only https, and a name
that resolves to loopback, link-local, multicast or unspecified addresses is refused, as are private networks unless
the operator says that peers live there.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx

from federation.errors import PeerUnreachable
from federation.ports import Request, Response

MAX_DEPTH = 64
_HEADERS_MAX = 64 * 1024


class Resolver:
    """Host names to addresses; the first answer is kept until ``forget``, so a later one cannot point elsewhere."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._pins: dict[tuple[str, int], str] = {}

    def forget(self) -> None:
        """A new directory: names may have moved."""
        self._pins.clear()

    async def address(self, host: str, port: int) -> str:
        pinned = self._pins.get((host, port))
        if pinned is None:
            pinned = self._pins[host, port] = await self._resolve(host, port)
        return pinned

    async def _resolve(self, host: str, port: int) -> str:
        literal = _literal(host)
        if literal is not None or host == "localhost":
            found = [literal or ipaddress.ip_address("127.0.0.1")]
        else:
            try:
                rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise PeerUnreachable("name", f"{host}: {error.strerror}") from None
            found = [ipaddress.ip_address(row[4][0]) for row in rows]
            if any(address.is_loopback for address in found):
                raise PeerUnreachable("address", f"{host} resolves to loopback")
        for address in found:
            self._allow(host, address)
        return str(found[0])

    def _allow(self, host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
        if address.is_loopback:
            return
        mapped = getattr(address, "ipv4_mapped", None)
        for one in (address, mapped):
            if one is None:
                continue
            bad = one.is_link_local or one.is_multicast or one.is_unspecified or one.is_reserved
            if bad or (mapped is not None and mapped.is_loopback) or (one.is_private and not self._private):
                raise PeerUnreachable("address", f"{host} is not an address that a peer may have")


class Transport:
    """One connection pool for all peers. Safe for one event loop."""

    def __init__(self, *, max_bytes: int, private: bool = False, verify: ssl.SSLContext | bool = True) -> None:
        self._max_bytes = max_bytes
        self.resolver = Resolver(private=private)
        self._client = httpx.AsyncClient(
            verify=verify,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - every call has a deadline of its own
            limits=httpx.Limits(max_connections=400, max_keepalive_connections=100, keepalive_expiry=30),
            headers={"accept-encoding": "identity", "user-agent": "credit-hub"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, request: Request, *, deadline: float) -> Response:
        """``deadline`` is the event loop's time. Raises PeerUnreachable for everything short of a whole answer."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._send(request)
        except TimeoutError:
            raise PeerUnreachable("deadline") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise PeerUnreachable("connection", type(error).__name__) from None

    async def _send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self.resolver.address(parts.hostname or "", port)
        shown = f"[{address}]" if ":" in address else address
        url = httpx.URL(request.url).copy_with(host=shown.strip("[]"), port=port)
        sent = self._client.build_request(
            request.method,
            url,
            headers=[("host", parts.netloc), *request.headers],
            content=request.body,
            extensions={"sni_hostname": parts.hostname} if parts.scheme == "https" else {},
        )
        answer = await self._client.send(sent, stream=True)
        try:
            return await self._read(answer)
        finally:
            await answer.aclose()

    async def _read(self, answer: httpx.Response) -> Response:
        if 300 <= answer.status_code < 400:
            raise PeerUnreachable("redirect")
        if answer.status_code >= 500:
            raise PeerUnreachable("status", str(answer.status_code))
        if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise PeerUnreachable("compressed")
        chunks, size = [], 0
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > self._max_bytes:
                raise PeerUnreachable("too large")
            chunks.append(chunk)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
        return Response(answer.status_code, headers, b"".join(chunks))


_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def depth(body: bytes) -> int:
    """How deep a JSON text nests, by its brackets outside strings; linear, without parsing."""
    deepest = level = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        if bracket in b"[{":
            level += 1
            deepest = max(deepest, level)
        else:
            level -= 1
    return deepest


def check_depth(body: bytes) -> None:
    """Raises PeerUnreachable for a text that nests deeper than ``MAX_DEPTH``."""
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and depth(body) > MAX_DEPTH:
        raise PeerUnreachable("too deep")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def header(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The one value of a field; None when it is missing or there are several."""
    found = [value for key, value in pairs if key.lower() == name]
    return found[0] if len(found) == 1 else None

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
from collections.abc import AsyncIterator, Iterable

import httpx

from federation.errors import PeerUnreachable
from federation.ports import Request, Response

MAX_DEPTH = 64


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


class PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to the pinned address whatever DNS says now, and refuses what a hub never sends."""

    def __init__(self, resolver: Resolver, max_bytes: int, verify: ssl.SSLContext | bool) -> None:
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=100, keepalive_expiry=30)
        self._inner = httpx.AsyncHTTPTransport(verify=verify, limits=limits, retries=0)
        self._resolver = resolver
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        address = await self._resolver.address(url.host, url.port or (443 if url.scheme == "https" else 80))
        if url.scheme == "https":
            request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=address)
        answer = await self._inner.handle_async_request(request)
        try:
            if 300 <= answer.status_code < 400:
                raise PeerUnreachable("redirect")
            if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                raise PeerUnreachable("compressed")
        except PeerUnreachable:
            await answer.aclose()
            raise
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        answer.stream = _Capped(answer.stream, self._max_bytes)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Capped(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, most: int) -> None:
        self._inner = inner
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > self._most:
                raise PeerUnreachable("too large")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class Transport:
    """One connection pool for all peers, on one event loop. ``client`` is also what tokens are fetched with."""

    def __init__(self, *, max_bytes: int, private: bool = False, verify: ssl.SSLContext | bool = True) -> None:
        self.resolver = Resolver(private=private)
        self.client = httpx.AsyncClient(
            transport=PinnedTransport(self.resolver, max_bytes, verify),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - every call has a deadline of its own
            headers={"accept-encoding": "identity", "user-agent": "credit-hub"},
        )

    async def close(self) -> None:
        await self.client.aclose()

    async def send(self, request: Request, *, deadline: float) -> Response:
        """``deadline`` is the event loop's time. Raises PeerUnreachable for everything short of a whole answer."""
        try:
            async with asyncio.timeout_at(deadline):
                answer = await self.client.request(
                    request.method, request.url, headers=list(request.headers), content=request.body
                )
        except TimeoutError:
            raise PeerUnreachable("deadline") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise PeerUnreachable("connection", type(error).__name__) from None
        if answer.status_code >= 500:
            raise PeerUnreachable("status", str(answer.status_code))
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
        return Response(answer.status_code, headers, answer.content)


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

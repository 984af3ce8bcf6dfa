"""Bytes to and from a peer: resolved once and pinned, no redirects, no compression, capped size, depth and time.

Which addresses a peer may have is a matter of ``federation/addresses.py``. Every host name has connections of its own,
even where two share an address: a connection was made for the certificate of one name only.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable

import httpx

from federation.addresses import Resolver
from federation.errors import PeerUnreachable
from federation.ports import Request, Response
from schema.bounded_json import BadJson, check_bounds

MOST = "credit_hub_most_bytes"  # how a request tells the transport of a limit of its own
IDLE = 15.0  # seconds an unused connection is kept: less than hubs keep theirs, so none ends just as it is used


class PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to the pinned address whatever DNS says now, and refuses what a hub never sends."""

    def __init__(self, resolver: Resolver, max_bytes: int, verify: ssl.SSLContext | bool) -> None:
        self._inner: dict[tuple[str, str, int], httpx.AsyncHTTPTransport] = {}
        self._verify = verify
        self._resolver = resolver
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await self._resolver.address(url.host, port)
        if url.scheme == "https":
            request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=address)
        answer = await self._pool(url.scheme, url.host, port).handle_async_request(request)
        try:
            if 300 <= answer.status_code < 400:
                raise PeerUnreachable("redirect")
            if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                raise PeerUnreachable("compressed")
        except PeerUnreachable:
            await answer.aclose()
            raise
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        answer.stream = _Capped(answer.stream, request.extensions.get(MOST, self._max_bytes))
        return answer

    def _pool(self, scheme: str, host: str, port: int) -> httpx.AsyncHTTPTransport:
        pool = self._inner.get((scheme, host, port))
        if pool is None:
            if self._verify is True and scheme == "https":
                self._verify = httpx.create_ssl_context()
            limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE)
            verify = self._verify if scheme == "https" else False
            pool = httpx.AsyncHTTPTransport(verify=verify, limits=limits, retries=0)
            self._inner[scheme, host, port] = pool
        return pool

    async def aclose(self) -> None:
        for pool in self._inner.values():
            await pool.aclose()


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

    async def send(self, request: Request, *, deadline: float, most: int | None = None) -> Response:
        """``deadline`` is the event loop's time; ``most`` bytes instead of the transport's own limit. Raises
        PeerUnreachable for everything short of a whole answer."""
        try:
            async with asyncio.timeout_at(deadline):
                answer = await self.client.request(
                    request.method,
                    request.url,
                    headers=list(request.headers),
                    content=request.body,
                    extensions={} if most is None else {MOST: most},
                )
        except TimeoutError:
            raise PeerUnreachable("deadline") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise PeerUnreachable("connection", type(error).__name__) from None
        if answer.status_code >= 500:
            raise PeerUnreachable("status", str(answer.status_code))
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
        return Response(answer.status_code, headers, answer.content)


def check_shape(body: bytes) -> None:
    """Raises PeerUnreachable for an answer that is beyond the bounds of ``schema/bounded_json.py``."""
    try:
        check_bounds(body)
    except BadJson as error:
        raise PeerUnreachable(str(error)) from None


def header(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The one value of a field; None when it is missing or there are several."""
    found = [value for key, value in pairs if key.lower() == name]
    return found[0] if len(found) == 1 else None

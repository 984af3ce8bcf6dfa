"""Which addresses a peer may have, and the one that is kept.

A directory comes from outside, so a name in it must not lead into this hub's own network: loopback is taken only where
the directory writes a literal loopback address (or ``localhost``), private networks only where the operator says that
peers live there. An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo) is held to the same.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterator

from federation.errors import PeerUnreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7")
)


class Resolver:
    """Host names to addresses; the first answer is kept until ``forget``, so a later one cannot point elsewhere."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._pins: dict[tuple[str, int], str] = {}

    def forget(self) -> None:
        """A new directory: names may have moved."""
        self._pins.clear()

    async def address(self, host: str, port: int) -> str:
        """Raises PeerUnreachable for a name that does not resolve and for an address that a peer may not have."""
        pinned = self._pins.get((host, port))
        if pinned is None:
            pinned = self._pins.setdefault((host, port), await self._resolve(host, port))
        return pinned

    async def _resolve(self, host: str, port: int) -> str:
        literal = ipaddress.ip_address("127.0.0.1") if host == "localhost" else _literal(host)
        if literal is not None and literal.is_loopback and getattr(literal, "ipv4_mapped", None) is None:
            return str(literal)
        found = [literal] if literal is not None else await self._look_up(host, port)
        for address in found:
            if not all(self._allowed(one) for one in _faces(address)):
                raise PeerUnreachable("address", f"{host} is not an address that a peer may have")
        return str(found[0])

    async def _look_up(self, host: str, port: int) -> list[Address]:
        try:
            rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [ipaddress.ip_address(row[4][0]) for row in rows]
        except (OSError, UnicodeError, ValueError) as error:
            raise PeerUnreachable("name", f"{host}: {error}") from None
        if not found:
            raise PeerUnreachable("name", f"{host} has no address")
        return found

    def _allowed(self, one: Address) -> bool:
        if one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified or one.is_reserved:
            return False
        if self._private and any(one in network for network in PRIVATE):
            return True
        return one.is_global and not getattr(one, "is_site_local", False)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _faces(address: Address) -> Iterator[Address]:
    """The address a packet would go to: the IPv4 address that a mapped one stands for, else itself and what it
    would be unwrapped to."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        yield mapped
        return
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo

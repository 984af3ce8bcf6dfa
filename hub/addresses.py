"""The address that a request came from, for limits: the connection's, or what a named proxy says of it.

A forwarding header counts only where the connection is from a proxy that the operator named (``HUB_TRUSTED_PROXIES``),
and then only as far as named proxies wrote it: anybody may send one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_HOPS = 16
V6_PREFIX = 64  # what one subscriber has, so what one limit is for (RFC 6177)


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks separated by commas or blanks. Raises ValueError."""
    return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())


@lru_cache(maxsize=4096)
def group_of(address: str) -> str:
    """What one limit is for: an IPv4 address, or the /64 of an IPv6 one; a text that is neither stands for itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, V6_PREFIX), strict=False))
    return str(found)


class TrustedProxies:
    """The reverse proxies whose ``X-Forwarded-For`` is believed."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def includes(self, address: str) -> bool:
        if not self._networks:
            return False
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            return any(found.ipv4_mapped in network for network in self._networks)
        return any(found in network for network in self._networks)

    def client(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """``group_of`` the client: the last address of the header that is not itself a named proxy."""
        if not self.includes(peer):
            return group_of(peer)
        sent = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        for part in reversed(sent.split(",")[-MOST_HOPS:]):
            hop = part.strip().removeprefix("[").partition("]")[0]
            try:
                ipaddress.ip_address(hop)
            except ValueError:
                break
            if not self.includes(hop):
                return group_of(hop)
        return group_of(peer)

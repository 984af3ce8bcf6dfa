"""Which addresses a directory may send this hub to; names are looked up once."""

from __future__ import annotations

import ipaddress

import pytest

from federation.addresses import Resolver
from federation.errors import PeerUnreachable

FORBIDDEN = {
    "cloud metadata": "169.254.169.254",
    "link-local v6": "fe80::1",
    "unspecified": "0.0.0.0",
    "unspecified v6": "::",
    "this network": "0.1.2.3",
    "multicast": "224.0.0.1",
    "multicast v6": "ff02::1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped metadata": "::ffff:169.254.169.254",
    "compatible loopback": "::127.0.0.1",
    "nat64 loopback": "64:ff9b::7f00:1",
    "6to4 loopback": "2002:7f00:1::1",
    "6to4 metadata": "2002:a9fe:a9fe::1",
}
PRIVATE = {
    "ten": "10.0.0.1",
    "172.16": "172.16.5.5",
    "192.168": "192.168.1.1",
    "shared address space": "100.100.100.200",
    "unique local v6": "fd00::1",
    "mapped ten": "::ffff:10.0.0.1",
    "benchmarking": "198.18.0.1",
}
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "8.8.8.8")


class Fixed(Resolver):
    """A resolver whose names have these addresses, one answer a question; the last one stays."""

    def __init__(self, *answers, private=False):
        super().__init__(private=private)
        self.asked = 0
        self.left = list(answers)

    async def _look_up(self, host, port):
        self.asked += 1
        found = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        return [ipaddress.ip_address(one) for one in found]


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN.keys())
@pytest.mark.parametrize("private", [False, True])
async def test_no_peer_lives_there_by_name_or_literally(address, private):
    for host, resolver in (
        ("peer.example", Fixed([address], private=private)),
        ("peer.example", Fixed([PUBLIC[0], address], private=private)),
        (address, Resolver(private=private)),
    ):
        with pytest.raises(PeerUnreachable, match="address"):
            await resolver.address(host, 443)


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE.keys())
async def test_private_networks_only_where_the_operator_says_so(address):
    for host in ("peer.example", address):
        with pytest.raises(PeerUnreachable, match="address"):
            await Fixed([address]).address(host, 443)
        assert await Fixed([address], private=True).address(host, 443)


@pytest.mark.parametrize("address", PUBLIC)
async def test_public_addresses_are_taken(address):
    assert await Fixed([address]).address("peer.example", 443) == address
    assert await Resolver().address(address, 443) == address


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
async def test_loopback_is_taken_where_the_directory_writes_it_literally(host):
    assert await Resolver().address(host, 443) == ("127.0.0.1" if host == "localhost" else host)


@pytest.mark.parametrize(
    "host", ["localhost.", "localhost.localdomain", "ip6-localhost", "2130706433", "0x7f000001", "127.1", "0177.0.0.1"]
)
async def test_other_spellings_of_this_machine_are_refused(host):
    with pytest.raises(PeerUnreachable):
        await Resolver(private=True).address(host, 443)


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "no-such-name.invalid", "a..b", ""])
async def test_names_that_lead_nowhere_are_unreachable(host):
    with pytest.raises(PeerUnreachable, match="name"):
        await Resolver().address(host, 443)


async def test_a_name_that_is_rebound_keeps_its_first_address():
    resolver = Fixed([PUBLIC[0]], ["127.0.0.1"], [PUBLIC[2]])
    assert await resolver.address("peer.example", 443) == PUBLIC[0]
    assert await resolver.address("peer.example", 443) == PUBLIC[0]
    assert resolver.asked == 1
    resolver.forget()
    with pytest.raises(PeerUnreachable):
        await resolver.address("peer.example", 443)
    assert await resolver.address("peer.example", 443) == PUBLIC[2], "a refusal is not kept"

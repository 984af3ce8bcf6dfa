"""One valid Host, no token outside the header, the address behind named proxies only."""

from ipaddress import ip_network

import pytest

from hub.addresses import TrustedProxies, group_of, read_networks
from hub.request_checks import BadHost, InvalidRequest, check_request

HOST = [(b"host", b"hub.example:8000")]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [*HOST, (b"host", b"hub.example:8000")],
        [(b"host", b"")],
        [(b"host", b"a, b")],
        [(b"host", b"user@hub.example")],
        [(b"host", b"hub.example/graphql")],
        [(b"host", b"hub.example:port")],
        [(b"host", "枢纽".encode())],
    ],
)
def test_a_request_without_exactly_one_valid_host_is_refused(headers: list[tuple[bytes, bytes]]):
    with pytest.raises(BadHost):
        check_request("1.1", b"", headers)


@pytest.mark.parametrize("host", [b"hub.example", b"127.0.0.1:1", b"[::1]:8000", b"HUB.example.", b"xn--fiq.cn:"])
def test_a_valid_host_is_taken(host: bytes):
    check_request("1.1", b"", [(b"host", host)])


def test_http_1_0_needs_no_host():
    check_request("1.0", b"", [])


@pytest.mark.parametrize(
    "query",
    [
        b"access_token=x",
        b"a=1&access_token=",
        b"access_token",
        b"%61ccess_token=x",
        b"access%5Ftoken=x",
        b"access_token=&access_token=y",
        b"+access_token=x",
        b"&" * 1001 + b"access_token=x",
    ],
)
def test_a_token_in_the_address_is_an_invalid_request(query: bytes):
    with pytest.raises(InvalidRequest) as refused:
        check_request("1.1", query, HOST)
    assert refused.value.problem()["error"] == "invalid_request"
    assert 'error="invalid_request"' in refused.value.headers["WWW-Authenticate"]
    assert refused.value.status == 400


@pytest.mark.parametrize("query", [b"", b"query=%7Baccess_token%7D", b"my_access_token=1", b"access_tokens=1"])
def test_other_parameters_are_not_taken_for_a_token(query: bytes):
    check_request("1.1", query, HOST)


def test_forwarding_headers_count_from_named_proxies_only():
    sent = [(b"x-forwarded-for", b"198.51.100.1, 203.0.113.9")]
    nobody, one = TrustedProxies(), TrustedProxies([ip_network("10.0.0.0/8")])
    assert nobody.client("192.0.2.7", sent) == "192.0.2.7"
    assert one.client("192.0.2.7", sent) == "192.0.2.7"
    assert one.client("10.1.2.3", sent) == "203.0.113.9"
    assert one.client("10.1.2.3", [(b"x-forwarded-for", b"198.51.100.1, 10.9.9.9")]) == "198.51.100.1"
    assert one.client("10.1.2.3", [(b"x-forwarded-for", b"198.51.100.1"), *sent]) == "203.0.113.9"


@pytest.mark.parametrize("value", [b"", b"unknown", b"198.51.100.1, <script>", b"10.1.1.1", b"," * 5000])
def test_a_forwarding_header_that_names_nobody_leaves_the_proxy_itself(value: bytes):
    one = TrustedProxies([ip_network("10.0.0.0/8")])
    assert one.client("10.1.2.3", [(b"x-forwarded-for", value)]) == "10.1.2.3"


def test_one_limit_is_for_an_ipv4_address_or_a_subscribers_ipv6_network():
    assert group_of("2001:db8:1:2::7") == group_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert group_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert TrustedProxies(read_networks("10.0.0.7, 172.18.0.0/16")).includes("::ffff:172.18.3.4")

"""Bytes from a peer over real sockets: what is no whole answer is recognised as such, quickly and cheaply."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from federation.addresses import Resolver
from federation.errors import PeerUnreachable
from federation.ports import Request
from federation.transport import Transport, check_shape, header
from schema.bounded_json import MAX_DEPTH, too_deep

CAP = 100_000


@asynccontextmanager
async def answering(raw: bytes | None, *, then: str = "close", pause: float = 0.0) -> AsyncIterator[str]:
    """A server that sends these bytes whatever it is asked."""
    tasks = set()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            if raw is None:
                await asyncio.sleep(60)
            for start in range(0, len(raw or b""), 16_384):
                writer.write((raw or b"")[start : start + 16_384])
                await writer.drain()
                await asyncio.sleep(pause)
            if then == "reset":
                writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reply(body: bytes = b"{}", status: str = "200 OK", *fields: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body) if length is None else length}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def transport(**more) -> AsyncIterator[Transport]:
    made = Transport(max_bytes=CAP, **more)
    try:
        yield made
    finally:
        await made.close()


async def send(url: str, seconds: float = 2.0):
    async with transport() as made:
        deadline = asyncio.get_running_loop().time() + seconds
        return await made.send(Request("GET", f"{url}/x", (("accept", "application/json"),)), deadline=deadline)


async def test_a_whole_answer_comes_with_its_bytes_and_fields_as_sent():
    async with answering(reply(b'{"a":1}', "200 OK", "X-One: a", "X-One: b")) as url:
        response = await send(url)
    assert (response.status, response.body) == (200, b'{"a":1}')
    assert [value for name, value in response.headers if name.lower() == "x-one"] == ["a", "b"]
    assert header(response.headers, "x-one") is None, "two values are no value"


WRONG = {
    "redirect": (reply(b"", "302 Found", "Location: http://127.0.0.1:1/"), "redirect"),
    "redirect that keeps the method": (reply(b"", "307 X", "Location: http://169.254.169.254/"), "redirect"),
    "not modified": (reply(b"", "304 X"), "redirect"),
    "gzip": (reply(gzip.compress(b" " * 50_000_000), "200 OK", "Content-Encoding: gzip"), "compressed"),
    "gzip behind identity": (reply(b"x", "200 OK", "Content-Encoding: identity, gzip"), "compressed"),
    "br": (reply(b"x", "200 OK", "Content-Encoding: br"), "compressed"),
    "server error": (reply(b"{}", "503 X"), "status"),
    "cut short": (reply(b"{}", length=100), "connection"),
    "no http": (b"SSH-2.0-OpenSSH\r\n\r\n", "connection"),
    "nothing": (b"", "connection"),
    "endless header": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 500_000, "connection"),
}


@pytest.mark.parametrize(("raw", "reason"), WRONG.values(), ids=WRONG.keys())
async def test_what_is_no_whole_answer_is_unreachable(raw, reason):
    async with answering(raw) as url:
        with pytest.raises(PeerUnreachable) as found:
            await send(url)
    assert found.value.reason == reason


@pytest.mark.parametrize("most", [None, CAP])
async def test_a_request_may_take_more_bytes_than_others(most):
    async with answering(reply(b"x" * (CAP + 1))) as url, transport() as made:
        deadline = asyncio.get_running_loop().time() + 5
        request = Request("GET", f"{url}/x", ())
        with pytest.raises(PeerUnreachable, match="large"):
            await made.send(request, deadline=deadline, most=most)
        response = await made.send(request, deadline=deadline, most=CAP + 1)
    assert len(response.body) == CAP + 1


async def test_a_reset_in_the_middle_and_a_closed_port_are_unreachable():
    async with answering(reply(b"x" * 1000, length=90_000), then="reset") as url:
        with pytest.raises(PeerUnreachable, match="connection"):
            await send(url)
    with pytest.raises(PeerUnreachable, match="connection"):
        await send(url)


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_oversized_answer_is_dropped_at_the_cap_not_gathered(chunked):
    body = b"x" * 20_000_000
    raw = reply(body)
    if chunked:
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        raw = head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    async with answering(raw) as url:
        tracemalloc.start()
        with pytest.raises(PeerUnreachable, match="too large"):
            await send(url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("raw", [None, reply(b"x" * 90_000)], ids=["silent", "trickling"])
async def test_the_deadline_holds_for_silence_and_for_a_trickle(raw):
    async with answering(raw, pause=0.2) as url:
        began = time.monotonic()
        with pytest.raises(PeerUnreachable, match="deadline"):
            await send(url, 0.4)
    assert time.monotonic() - began < 2


async def test_the_pinned_address_is_used_and_the_name_is_what_is_asked_for():
    class Pinned(Resolver):
        async def _resolve(self, host, port):
            return "127.0.0.1"

    heard = []

    async def serve(reader, writer):
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with transport() as made:
        made.resolver.__class__ = Pinned
        deadline = asyncio.get_running_loop().time() + 2
        for name in ("one.example", "two.example"):
            await made.send(Request("GET", f"http://{name}:{port}/x", ()), deadline=deadline)
    server.close()
    assert [f"host: one.example:{port}".encode() in heard[0].lower(), len(heard)] == [True, 2]


async def test_two_names_at_one_address_share_no_connection():
    async with transport() as made:
        wire = made.client._transport
        pools = {wire._pool("https", host, 443) for host in ("one.example", "two.example", "one.example")}
    assert len(pools) == 2


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, False),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), True),
        (b'{"a":' * 65 + b"1" + b"}" * 65, True),
        (json.dumps({"a": "[" * 500}).encode(), False),
        (json.dumps({"a": '"' + "[" * 500}).encode(), False),
        (json.dumps({"a": "\\" + "[" * 500, "b": '\\"' + "{" * 500}).encode(), False),
        (b'{"a":"\\\\",' + b'"b":' + b"[" * 70 + b"]" * 70 + b"}", True),
        (json.dumps([[]] * 500).encode(), False),
    ],
)
def test_depth_is_counted_outside_strings_only(body, deep):
    assert too_deep(body) == deep


@pytest.mark.parametrize(
    "unit", [b"[", b'"', b'\\"', b'"[', b"\\", b'{"a":', b"[],", b'"\\"[', b"]["], ids=lambda unit: unit.decode()
)
def test_no_text_makes_the_depth_check_slow(unit):
    body = b"[" * 60 + b"]" * 60 + b"[]" * 100 + unit * (2_000_000 // len(unit))
    began = time.process_time()
    too_deep(body)
    assert time.process_time() - began < 2.0


def test_a_deep_answer_is_unreachable():
    with pytest.raises(PeerUnreachable, match="deep"):
        check_shape(b"[" * 5000)


@pytest.mark.parametrize("body", [b"[" + b"[]," * 300_000 + b"0]", b"[" + b"0," * 1_100_000 + b"0]"])
def test_an_answer_of_too_many_pieces_is_unreachable(body):
    with pytest.raises(PeerUnreachable, match="many"):
        check_shape(body)

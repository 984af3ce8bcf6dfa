"""Connections end: heads, bodies and idle ones by time, addresses by number; every answer has a date."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from ipaddress import ip_network

import uvicorn

from hub.addresses import TrustedProxies
from hub.serve.http_protocol import PROMPT, BoundedProtocol, ConnectionLimits, Connections

SHORT = ConnectionLimits(head=0.5, body=0.5, idle=0.5, send=0.5, per_address=8, in_all=64, look=0.1)
LONG = ConnectionLimits(per_address=8)


async def app(scope, receive, send) -> None:
    """Reads the body; ``/slow`` waits, ``/large`` answers much, ``/early`` answers without reading."""
    body = b""
    while scope["path"] != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        if not message["more_body"]:
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(1.5)
    content = b"x" * 30_000_000 if scope["path"] == "/large" else b"%d" % len(body)
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@contextlib.asynccontextmanager
async def served(limits: ConnectionLimits, proxies: str = "") -> AsyncIterator[tuple[int, Connections]]:
    config = uvicorn.Config(app, http=BoundedProtocol, ws="none", log_config=None, access_log=False)
    config.load()
    shared = Connections(limits, TrustedProxies([ip_network(proxies)] if proxies else []))
    server = await asyncio.get_running_loop().create_server(lambda: BoundedProtocol(config, shared, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], shared
    finally:
        server.close()
        for one in list(shared.connections):
            one.transport.abort()
        await asyncio.gather(*shared.tasks, return_exceptions=True)


async def talk(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Sends the parts, then reads until the other side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(reader.read())
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
    found = b""
    with contextlib.suppress(ConnectionError):
        found = await asyncio.wait_for(reading, 20)
    writer.close()
    return found


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def dated(answer: bytes) -> bool:
    found = re.findall(rb"\r\n[Dd]ate: ([^\r]+)", answer)
    return len(found) == 1 and parsedate_to_datetime(found[0].decode()).tzinfo is not None


async def test_a_connection_that_asks_nothing_is_closed_without_a_word():
    async with served(SHORT) as (port, _):
        assert await talk(port) == b""


async def test_a_head_that_does_not_end_is_told_so_however_steadily_it_drips():
    async with served(SHORT) as (port, _):
        for parts in ([b"GET / HTTP/1.1\r\nHost: a\r\n"], [b"G", b"E", b"T", b" ", b"/", b"x"] * 4):
            answer = await talk(port, *parts, pause=0.15)
            assert status(answer) in (408, 0), answer
            assert not answer or dated(answer)
        answer = await talk(port, b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert (status(answer), json.loads(answer.partition(b"\r\n\r\n")[2])["code"]) == (408, "TIMEOUT")


async def test_blank_lines_between_requests_do_not_keep_a_connection():
    async with served(SHORT) as (port, _):
        whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        answer = await talk(port, whole, *[b"\r\n"] * 12, pause=0.2)
        assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_body_that_does_not_come_is_told_so():
    async with served(SHORT) as (port, _):
        answer = await talk(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"x", b"y", pause=0.2)
        assert status(answer) == 408
        assert dated(answer)


async def test_a_body_left_behind_after_an_early_answer_does_not_keep_the_connection():
    async with served(SHORT) as (port, shared):
        answer = await talk(port, b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        assert status(answer) == 200
        assert not shared.by_address


async def test_an_idle_connection_ends_and_a_working_one_does_not():
    async with served(SHORT) as (port, _):
        answer = await talk(port, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        assert status(answer) == 200
        assert dated(answer)


async def test_an_answer_that_nobody_reads_is_given_up():
    async with served(SHORT) as (port, shared):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(15):
            while not shared.by_address:
                await asyncio.sleep(0.05)
            while shared.by_address:
                await asyncio.sleep(0.1)
        writer.close()


async def test_a_head_too_large_is_refused_in_one_packet_or_many():
    async with served(LONG) as (port, _):
        many = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(100))
        head = b"GET / HTTP/1.1\r\nHost: a\r\n"
        for parts in ([head + many + b"\r\n"], [head, *[b"X-A: %s\r\n" % (b"y" * 1000)] * 100]):
            answer = await talk(port, *parts)
            assert status(answer) in (431, 0)  # a reset may overtake the answer
        assert status(await talk(port, head + b"Connection: close\r\n\r\n")) == 200


async def test_what_is_no_http_is_a_dated_problem():
    async with served(LONG) as (port, _):
        answer = await talk(port, b"\x16\x03\x01 hello\r\n\r\n")
        assert status(answer) == 400
        assert dated(answer)
        assert b"application/problem+json" in answer


async def test_half_open_connections_give_way_to_a_client_that_asks():
    async with served(LONG) as (port, shared):
        held = []
        for _ in range(4):
            held += [await asyncio.open_connection("127.0.0.1", port) for _ in range(LONG.per_address)]
            await asyncio.sleep(PROMPT * 1.2)
        try:
            asked = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            assert status(await talk(port, asked)) == 200
            async with asyncio.timeout(5):
                while sum(map(len, shared.by_address.values())) > LONG.per_address:
                    await asyncio.sleep(0.05)
        finally:
            for _, writer in held:
                writer.close()


async def test_an_address_whose_requests_all_run_is_told_to_wait_and_a_proxy_is_not():
    asked = b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    async with served(LONG) as (port, _):
        answers = await asyncio.gather(*(talk(port, asked) for _ in range(12)))
        assert sorted(map(status, answers)) == [200] * 8 + [429] * 4
        assert all(map(dated, answers))
    async with served(LONG, "127.0.0.0/8") as (port, _):
        answers = await asyncio.gather(*(talk(port, asked) for _ in range(12)))
        assert [status(one) for one in answers] == [200] * 12


async def test_the_date_is_that_of_the_answer():
    async with served(LONG) as (port, _):
        answer = await talk(port, b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        later = await talk(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    dates = [parsedate_to_datetime(re.search(rb"date: ([^\r]+)", one)[1].decode()) for one in (answer, later)]  # type: ignore[index]
    assert (dates[1] - dates[0]).total_seconds() <= 1

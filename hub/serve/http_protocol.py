"""HTTP/1.1 connections with an end: heads, bodies, answers and idle connections each have their time, addresses and
processes their number. uvicorn's protocol does the parsing; by itself it would wait for a head for ever.

What is refused here (a head that never ends, more connections than may be) is answered by a problem body as everywhere
else, with ``Date`` (RFC 9110 section 6.6.1), and the connection is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from hub.addresses import TrustedProxies, group_of

PROMPT = 0.25  # seconds in which a head may be on its way before its connection counts as waiting
HEAD_BYTES = 64 * 1024  # request line and header fields together


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds, and connections of one process. ``idle`` counts from the last answer; ``send`` is how long a client may
    leave an answer unread; ``per_address`` does not hold for the proxies that the operator named."""

    head: float = 10.0
    body: float = 20.0
    idle: float = 30.0
    send: float = 30.0
    per_address: int = 256
    in_all: int = 4096
    look: float = 1.0  # between two looks at the connections, while there are any


class DateHeader(list[tuple[bytes, bytes]]):
    """``Date`` of the moment in which an answer is written: a long poll is answered long after it was asked."""

    _made: tuple[int, bytes] = (0, b"")

    def field(self) -> tuple[bytes, bytes]:
        now = int(time.time())
        if self._made[0] != now:
            self._made = (now, formatdate(now, usegmt=True).encode())
        return b"date", self._made[1]

    def __add__(self, more: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:  # type: ignore[override]
        return [self.field(), *more]


class Connections(ServerState):
    """The connections of one process, by address; also what uvicorn's protocols share."""

    def __init__(self, limits: ConnectionLimits, proxies: TrustedProxies) -> None:
        super().__init__()
        self.date = DateHeader()
        self.default_headers = self.date
        self.limits = limits
        self.proxies = proxies
        self.by_address: dict[str, dict[BoundedProtocol, None]] = {}
        self._look: asyncio.TimerHandle | None = None

    def join(self, one: BoundedProtocol) -> bool:
        """Whether there is room, if need be that of the connection of this address (or of the one with the most) that
        has waited longest without a whole request; those under way are left alone."""
        held = self.by_address.setdefault(one.group, {})
        room = True
        if not one.is_proxy and len(held) >= self.limits.per_address:
            room = _close_a_waiting_one(held, one.since)
        elif len(self.connections) >= self.limits.in_all:
            room = _close_a_waiting_one(max(self.by_address.values(), key=len), one.since)
        held = self.by_address.setdefault(one.group, {})
        held[one] = None
        if self._look is None:
            self._look = one.loop.call_later(self.limits.look, self._close_late_ones, one.loop)
        return room

    def leave(self, one: BoundedProtocol) -> None:
        held = self.by_address.get(one.group, {})
        held.pop(one, None)
        if not held:
            self.by_address.pop(one.group, None)

    def _close_late_ones(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for one in [one for held in self.by_address.values() for one in held]:
            if one.deadline is not None and now > one.deadline:
                one.end_late()
        self._look = loop.call_later(self.limits.look, self._close_late_ones, loop) if self.by_address else None


def _close_a_waiting_one(held: dict[BoundedProtocol, None], now: float) -> bool:
    """First one whose head is overdue, then one that idles; oldest first. New ones get a moment to ask."""
    open_ones = [one for one in held if not one.transport.is_closing()]
    found = next((one for one in open_ones if one.in_head and now - one.since > PROMPT), None)
    found = found or next((one for one in open_ones if one.is_idle and not one.in_head), None)
    if found is not None:
        found.drop()
    return found is not None


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``deadline`` (loop time) is when it is closed, None while the hub has the turn."""

    server_state: Connections

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline: float | None = None
        self.url = b""
        self.since = 0.0  # loop time of the connection or of the last request's first byte
        self.in_head = True  # no request has begun, or its head is not whole yet
        self.group = ""
        self.is_proxy = False
        self._in_body = False
        self._head_bytes = 0
        self._unread = 0

    @property
    def limits(self) -> ConnectionLimits:
        return self.server_state.limits

    @property
    def is_idle(self) -> bool:
        """All that was asked is answered, and nothing more is on its way."""
        return not self._in_body and not self._under_way and not self.pipeline

    @property
    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        self.group, self.is_proxy = group_of(address), self.server_state.proxies.includes(address)
        self.since = self.loop.time()
        self.deadline = self.since + self.limits.head
        if not self.server_state.join(self):
            self.refuse(429, "LIMIT_EXCEEDED", "too many connections from this address 连接过多", {"Retry-After": "1"})

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.leave(self)
        self.deadline = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return  # answered as an ordinary request
        except httptools.HttpParserError:
            self.refuse(400, "BAD_USER_INPUT", "this is not a valid HTTP/1.1 request 请求格式无效")
            return
        if self.in_head and self._head_bytes + len(self.url) > HEAD_BYTES:
            self._refuse_head()

    def on_message_begin(self) -> None:
        self.in_head, self._head_bytes = True, 0
        self.since = self.loop.time()
        self.deadline = self.since + self.limits.head
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head_bytes > HEAD_BYTES or self.transport.is_closing():
            self._refuse_head()
            return
        self.in_head, self._in_body, self._head_bytes = False, True, 0
        self.deadline = self.loop.time() + self.limits.body
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.transport.is_closing():
            return
        self._in_body = False
        self.deadline = None if self._under_way else self.loop.time() + self.limits.idle
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.is_idle:
            self.deadline = self.loop.time() + self.limits.idle
        elif self._in_body and not self.transport.is_closing():
            self.deadline = self.loop.time() + min(2.0, self.limits.body)  # answered before it was all read

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        self.deadline = self.loop.time() + self.limits.send

    def resume_writing(self) -> None:
        super().resume_writing()
        self.deadline = None if self._under_way else self.loop.time() + self.limits.idle

    def timeout_keep_alive_handler(self) -> None:
        """Idle connections are closed by their deadline like all others."""

    def end_late(self) -> None:
        """The deadline has passed; an answer that is being read, however slowly, gets another."""
        self.deadline = None
        unread = self.transport.get_write_buffer_size()
        if unread:
            if unread < self._unread or not self._unread:
                self._unread, self.deadline = unread, self.loop.time() + self.limits.send
            else:
                self.transport.abort()
        elif self._in_body or (self.in_head and self.headers is not None):
            self.refuse(408, "TIMEOUT", "the request did not come whole in time 请求未在限定时间内完整到达")
        else:
            self.drop()

    def _refuse_head(self) -> None:
        self.refuse(431, "LIMIT_EXCEEDED", "the header fields are over 64 kB 请求头过大")

    def drop(self) -> None:
        """Closed without a word: nothing was asked."""
        self.deadline = None
        if not self.transport.is_closing():
            self.transport.close()

    def refuse(self, status: int, code: str, why: str, headers: dict[str, str] | None = None) -> None:
        """A problem body (RFC 9457) and the end of the connection; what runs on it is told that the client has gone."""
        self.deadline = None
        if self.transport.is_closing():
            return
        body = {"type": "about:blank", "title": code, "status": status, "detail": why, "code": code}
        content = orjson.dumps(body | {"hint": "see docs/api.md"})
        if not (self._under_way and self.cycle.response_started):
            fields = {"content-type": "application/problem+json", "cache-control": "no-store", "connection": "close"}
            lines = [STATUS_LINE[status]]
            lines.append(b"%s: %s\r\n" % self.server_state.date.field())
            for name, value in {**fields, "content-length": str(len(content)), **(headers or {})}.items():
                lines.append(f"{name}: {value}\r\n".encode())
            self.transport.write(b"".join([*lines, b"\r\n", content]))
        if self._under_way:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, "BAD_USER_INPUT", "this is not a valid HTTP/1.1 request 请求格式无效")

"""Small pieces of HTTP shared by the hub's own endpoints: problem bodies, header reading, capped bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import orjson
from starlette.responses import Response

from hub.request_checks import refuse_token
from schema.errors import HubError, Unauthenticated

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

MAX_BODY = 256 * 1024
FORM = "application/x-www-form-urlencoded"


class PayloadTooLarge(HubError):
    code = "LIMIT_EXCEEDED"
    status = 413


class UnsupportedEncoding(HubError):
    code = "BAD_USER_INPUT"
    status = 415


class TooManyRequests(HubError):
    code = "LIMIT_EXCEEDED"
    status = 429


class ClientGone(Exception):
    """The client closed its connection before its answer was ready."""


def problem_body(error: HubError) -> bytes:
    """RFC 9457, below 100 kB whatever the message quotes."""
    body = error.problem()
    for name in ("detail", "hint"):
        body[name] = str(body[name])[:4000]
    return orjson.dumps(body)


def problem_headers(error: HubError) -> list[tuple[str, str]]:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if error.status == 503:
        headers["Retry-After"] = "1"
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "DPoP"
    return list((headers | error.headers).items())


def problem(error: HubError) -> Response:
    return Response(problem_body(error), error.status, dict(problem_headers(error)))


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The combined value of a field (RFC 9110 section 5.3); None when it is missing."""
    values = [value.decode("latin-1").strip() for key, value in headers if key == name]
    return ", ".join(values) if values else None


def refuse_encoding(headers: RawHeaders) -> None:
    """Raises UnsupportedEncoding for a compressed request body, which could unpack to anything."""
    value = header(headers, b"content-encoding")
    if value is not None and value.lower() not in ("", "identity"):
        raise UnsupportedEncoding(
            "compressed request bodies are refused", hint="send the body as it is", message_zh="不接受压缩的请求体"
        )


async def read_body(headers: RawHeaders, receive: Receive, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises PayloadTooLarge above ``limit`` bytes, InvalidRequest for a form with a token, ClientGone
    when the client went away."""
    length = header(headers, b"content-length")
    if length is not None and length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            if (header(headers, b"content-type") or "").lower().startswith(FORM):
                refuse_token(body)
            return body


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"the request body is over {limit // 1024} kB", hint="ask for less at once", message_zh="请求体过大"
    )


async def send_bytes(send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})

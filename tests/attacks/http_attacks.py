"""The connection and the request, before anybody is known."""

from __future__ import annotations

import asyncio
import contextlib
import time
from uuid import uuid4

from tests.attacks.attack import Skipped, attack
from tests.attacks.attacker import Attacker, refused, status

PROTECTED = ("/graphql", "/feed", "/federation/digest", "/federation/peers", f"/receipts/{uuid4()}/proof", "/metrics")
HEAD_WITHIN = 20.0  # seconds; the hub's own time-out is shorter, a proxy's may be longer
BODY_WITHIN = 45.0


@attack("H01", "a token in the address, beside one in the header", "地址中带令牌")
async def token_in_address(a: Attacker) -> str:
    for path in (*PROTECTED, "/oauth/token", "/ledger/checkpoint", "/healthz"):
        for name in ("access_token", "access%5Ftoken", "%61ccess_token"):
            for headers in ({}, {"Authorization": "DPoP abc", "DPoP": "abc"}):
                answer = await a.http.get(f"{a.url}{path}?x=1&{name}=abc", headers=headers)
                refused(answer, 400)
                assert "invalid_request" in answer.text, answer.text[:200]
    return "400 invalid_request"


@attack("H02", "a token in a form", "表单中带令牌", client=True)
async def token_in_form(a: Attacker) -> str:
    token = await a.token()
    form = {"access_token": token, "query": "{ __typename }"}
    for path in ("/graphql", "/federation/persons", "/federation/witness"):
        bare = await a.http.post(a.url + path, data=form)
        both = await a.http.post(a.url + path, data=form, headers=await a.signed("POST", path))
        refused(bare, 400, 401, 415)
        refused(both, 400)
    return "400"


@attack("H03", "no Host, two, or one that is none", "缺少、重复或无效的 Host")
async def hosts(a: Attacker) -> str:
    host = f"Host: {a.netloc}\r\n".encode()
    for fields in (
        b"",
        host + host,
        host + b"Host: evil.example\r\n",
        b"Host: a, b\r\n",
        b"Host: x@y\r\n",
        b"Host:\r\n",
    ):
        answer = await a.raw(b"GET /healthz HTTP/1.1\r\n" + fields + b"Connection: close\r\n\r\n")
        assert status(answer) == 400, answer[:100]
    return "400"


@attack("H04", "answers without a date", "不带 Date 的答复")
async def dates(a: Attacker) -> str:
    host = f"Host: {a.netloc}\r\nConnection: close\r\n\r\n".encode()
    asked = [b"GET / HTTP/1.1\r\n", b"GET /graphql HTTP/1.1\r\n", b"DELETE /healthz HTTP/1.1\r\n", b"FOO\r\n"]
    asked += [
        b"GET /readyz HTTP/1.1\r\n",
        b"POST /oauth/token HTTP/1.1\r\nContent-Length: 0\r\n",
        b"HEAD /healthz HTTP/1.1\r\n",
    ]
    for line in asked:
        head = (await a.raw(line + host)).partition(b"\r\n\r\n")[0].lower()
        assert head.count(b"\r\ndate: ") == 1, (line, head[:200])
    return "each has one"


@attack("H05", "more than a thousand connections that ask nothing", "千余个半开连接")
async def half_open(a: Attacker) -> str:
    opened = []
    try:
        with contextlib.suppress(OSError):
            for _ in range(1023):
                opened.append(await a.open())
        await asyncio.sleep(1)
        slowest = 0.0
        for _ in range(5):
            began = time.monotonic()
            answer = await a.raw(f"GET /healthz HTTP/1.1\r\nHost: {a.netloc}\r\nConnection: close\r\n\r\n".encode())
            assert status(answer) == 200, answer[:100]
            slowest = max(slowest, time.monotonic() - began)
        async with asyncio.timeout(HEAD_WITHIN * 2):
            for reader, _ in opened:
                with contextlib.suppress(ConnectionError):
                    await reader.read()
    finally:
        for _, writer in opened:
            writer.close()
    assert slowest < 3, f"an ordinary question took {slowest:.1f} s"
    return f"{len(opened)} closed; a question beside them {slowest:.2f} s"


@attack("H06", "a head that drips byte by byte", "请求头逐字节发送")
async def slow_head(a: Attacker) -> str:
    began = time.monotonic()
    drips = [bytes([one]) for one in b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 300]
    answer = await a.raw(*drips, pause=0.2, within=HEAD_WITHIN + 45)
    assert status(answer) in (0, 400, 408), answer[:100]
    took = time.monotonic() - began
    return f"closed after {took:.0f} s"


@attack("H07", "a body that does not come", "请求体不发送")
async def slow_body(a: Attacker) -> str:
    began = time.monotonic()
    head = f"POST /oauth/token HTTP/1.1\r\nHost: {a.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    try:
        answer = await a.raw(f"{head}Content-Length: 1000\r\n\r\na=".encode(), within=BODY_WITHIN)
    except TimeoutError:
        raise AssertionError(f"still open after {BODY_WITHIN} s") from None
    assert status(answer) in (0, 400, 408), answer[:100]
    return f"closed after {time.monotonic() - began:.0f} s"


@attack("H08", "a head of a megabyte", "超大请求头")
async def large_head(a: Attacker) -> str:
    head = f"GET /healthz HTTP/1.1\r\nHost: {a.netloc}\r\n".encode()
    for parts in (
        [head, *[b"X-A: " + b"a" * 8000 + b"\r\n"] * 128],
        [head + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n"],
    ):
        answer = await a.raw(*parts)
        assert status(answer) in (0, 400, 413, 431), answer[:100]
    return "refused"


@attack("H09", "forged forwarding headers", "伪造转发头")
async def forwarding(a: Attacker) -> str:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "127.0.0.1",
        "Forwarded": "for=127.0.0.1;host=evil.example;proto=https",
        "X-Original-URL": "/metrics",
        "X-Rewrite-URL": "/metrics",
        "X-HTTP-Method-Override": "DELETE",
    }
    plain = await a.http.get(f"{a.url}/.well-known/oauth-authorization-server")
    answer = await a.http.get(f"{a.url}/.well-known/oauth-authorization-server", headers=forged)
    assert answer.json() == plain.json()
    assert "evil.example" not in answer.text
    refused(await a.http.get(f"{a.url}/metrics", headers=forged), 401, 403, 404)
    return "without effect"


@attack("H10", "one request hidden in another", "请求走私")
async def smuggling(a: Attacker) -> str:
    hidden = f"GET /readyz HTTP/1.1\r\nHost: {a.netloc}\r\n\r\n"
    head = f"POST /healthz HTTP/1.1\r\nHost: {a.netloc}\r\n"
    sent = [
        f"{head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        f"{head}Content-Length: 4\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}",
        f"{head}Transfer-Encoding: chunked, identity\r\nContent-Length: 0\r\n\r\n{hidden}",
        f"{head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}",
        f"{head}Content-Length: +4\r\n\r\nabcd{hidden}",
    ]
    for text in sent:
        try:
            answer = await a.raw(text.encode(), within=8)
        except TimeoutError:
            continue  # the body is waited for
        assert answer.count(b'"status"') == 0 or b"HTTP/1.1 400" in answer or answer.count(b"HTTP/1.1 ") <= 1, answer[
            :300
        ]
    return "refused"


@attack("H11", "metrics without a token", "无令牌读取指标")
async def metrics(a: Attacker) -> str:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}):
        refused(await a.http.get(f"{a.url}/metrics", headers=headers), 401, 403, 404)
    return "refused"


@attack("H12", "addresses that lead out of their folder", "路径穿越")
async def paths(a: Attacker) -> str:
    for path in (
        "/ledger/tile/../../keys/signing.json",
        "/ledger/tile/%2e%2e/%2e%2e/keys/signing.json",
        "/ledger/tile/0/..%2f..%2fhub.sqlite",
        "/graphiql/../../settings.py",
        "/graphiql/%2e%2e/%2e%2e/settings.py",
        "/explorer/..%2f..%2fsettings.py",
        "//etc/passwd",
        "/./graphql/../healthz/../keys/person.key",
    ):
        line = f"GET {path} HTTP/1.1\r\nHost: {a.netloc}\r\nConnection: close\r\n\r\n"
        answer = await a.raw(line.encode())
        assert status(answer) in (400, 404, 405), (path, answer[:100])
    return "404"


@attack("H13", "methods that nobody needs", "不需要的方法")
async def methods(a: Attacker) -> str:
    for method in ("TRACE", "CONNECT", "PUT", "DELETE", "PATCH"):
        for path in ("/graphql", "/healthz", "/oauth/token", "/.well-known/credit-hub"):
            line = f"{method} {path} HTTP/1.1\r\nHost: {a.netloc}\r\nConnection: close\r\n\r\n"
            found = status(await a.raw(line.encode()))
            assert found in (0, 400, 401, 404, 405, 501), (method, path, found)
    return "refused"


@attack("H14", "an answer that nobody reads", "不读取答复")
async def unread(a: Attacker) -> str:
    reader, writer = await a.open()
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    ask = f"GET /.well-known/credit-hub HTTP/1.1\r\nHost: {a.netloc}\r\n\r\n".encode()
    try:
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(10):
                for _ in range(5000):
                    writer.write(ask)
                    await writer.drain()
        answer = await a.http.get(f"{a.url}/healthz")
    finally:
        writer.close()
    return refused(answer, 200) + " for others meanwhile"


@attack("H15", "a foreign page in a browser asks", "跨站请求")
async def cross_site(a: Attacker) -> str:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Cookie": "session=1"}
    for method in ("OPTIONS", "POST", "GET"):
        answer = await a.http.request(method, f"{a.url}/graphql", headers=headers)
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed not in ("*", "https://evil.example"), allowed
        assert "set-cookie" not in answer.headers
    if answer.status_code == 200:
        raise Skipped("the hub answers without a token")
    return "no cross-origin answer, no cookie"

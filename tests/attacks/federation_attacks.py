"""The addresses of neighbours, tried by one who is none."""

from __future__ import annotations

import json
import time
from uuid import uuid4

from tests.attacks.attack import attack
from tests.attacks.attacker import Attacker, refused
from tests.integration.auth.oauth_outsider import signed

ADDRESSES = (("GET", "/feed?snapshot=0"), ("GET", "/federation/digest"), ("POST", "/federation/persons"))
ADDRESSES += (("POST", "/federation/witness"),)


@attack("F01", "an ordinary client asks as a neighbour", "普通客户端冒充邻市", client=True)
async def not_a_neighbour(a: Attacker) -> str:
    for method, path in ADDRESSES:
        content = json.dumps({"elements": ["00" * 32]}).encode() if method == "POST" else b""
        answer = await (a.post(path, content) if content else a.get(path))
        refused(answer, 400, 401, 403)
    return "403"


@attack("F02", "an ordinary client speaks for a procuratorate", "冒称代理他人", client=True)
async def on_behalf(a: Attacker) -> str:
    now = int(time.time())
    claims = {"iss": a.me.client_id, "sub": "江苏省人民检察院", "aud": a.url, "purpose": "mutual-recognition"}
    claims |= {"iat": now, "exp": now + 50, "jti": uuid4().hex}
    header = {"alg": "EdDSA" if a.me.key["kty"] == "OKP" else "ES256", "typ": "credit-obo+jwt", "kid": a.me.key["kid"]}
    for change in ({}, {"sub": "a\r\nb"}, {"iss": "https://other.example"}, {"exp": now + 86_400}):
        statement = signed({**claims, **change, "jti": uuid4().hex}, a.me.key, header)
        answer = await a.post("/graphql", b'{"query": "{ __typename }"}', {"Credit-On-Behalf-Of": statement})
        refused(answer, 400, 401, 403)
    refused(await a.post("/graphql", b'{"query": "{ __typename }"}', {"Credit-On-Behalf-Of": "x.y.z"}), 400, 401, 403)
    return "refused"


@attack("F03", "deep or broken documents at the neighbours' addresses", "邻市接口的畸形内容")
async def deep(a: Attacker) -> str:
    for content in (b"[" * 200_000, b'{"elements":' + b"[" * 100_000, b"\xff" * 1000, b"null", b"1" * 100_000):
        for path in ("/federation/persons", "/federation/witness", "/oauth/token", "/oauth/introspect", "/graphql"):
            answer = await a.http.post(a.url + path, content=content, headers={"Content-Type": "application/json"})
            refused(answer, 400, 401, 403, 413, 415)
    return "refused"


@attack("F04", "the log's addresses with odd numbers", "账本接口的异常编号")
async def tiles(a: Attacker) -> str:
    odd = ("0/x999/999", "99/000", "0/000.p/0", "0/000.p/257", "-1/0", "0/" + "x999/" * 50 + "999", "0/%00")
    for path in odd:
        refused(await a.http.get(f"{a.url}/ledger/tile/{path}"), 400, 404)
    return "404"

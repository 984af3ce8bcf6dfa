"""Tokens and proofs: taken, replayed, forged, weakened, flooded."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from tests.attacks.attack import Skipped, attack
from tests.attacks.attacker import PURPOSE, SCOPE, Attacker, refused
from tests.attacks.http_attacks import PROTECTED
from tests.integration.auth.oauth_outsider import b64u, new_key, public, signed, unsigned

QUESTION = b'{"query": "{ __typename }"}'
FLOOD = 1500  # token requests; the limit of one client is below


async def asked(a: Attacker, headers: dict[str, str] | list[tuple[str, str]]) -> httpx.Response:
    fixed = [("Content-Type", "application/json"), ("Credit-Purpose", PURPOSE)]
    given = list(headers.items()) if isinstance(headers, dict) else headers
    return await a.http.post(f"{a.url}/graphql", content=QUESTION, headers=fixed + given)


@attack("O01", "no token at all", "无令牌")
async def no_token(a: Attacker) -> str:
    for path in PROTECTED:
        answer = await a.http.get(a.url + path)
        refused(answer, 401)
        assert answer.headers.get("www-authenticate"), path
    return "401"


@attack("O02", "tokens that nobody signed", "未签名或自签令牌")
async def forged_tokens(a: Attacker) -> str:
    key, now = new_key("EC"), int(time.time())
    claims: dict[str, Any] = {"iss": a.url, "aud": a.url, "sub": "x", "client_id": "x", "iat": now, "exp": now + 300}
    claims |= {"jti": "1", "scope": "credit:investigate", "purposes": ["investigation"]}
    jwks = (await a.http.get(f"{a.url}/oauth/jwks")).json()
    kid = jwks["keys"][0]["kid"]
    made = [
        unsigned(claims, {"alg": "none", "typ": "at+jwt"}),
        unsigned(claims, {"alg": "None", "typ": "at+jwt", "kid": kid}),
        signed(claims, key, {"alg": "ES256", "typ": "at+jwt", "kid": kid}),
        signed(claims, key, {"alg": "ES256", "typ": "at+jwt", "jwk": public(key)}),
        signed(claims, key, {"alg": "ES256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks"}),
        "a.b.c",
        "." * 3000,
        b64u(b'{"alg":' + b"[" * 3000) + ".e30.e30",
    ]
    for token in made:
        proof = signed(
            {"jti": "1", "htm": "POST", "htu": f"{a.url}/graphql", "iat": now, "ath": "x"},
            key,
            {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key)},
        )
        refused(await asked(a, {"Authorization": f"DPoP {token}", "DPoP": proof}), 401)
    return "401"


@attack("O03", "assertions that nobody signed", "伪造客户端断言")
async def forged_assertions(a: Attacker) -> str:
    now = int(time.time())
    claims = {"iss": "local", "sub": "local", "aud": a.url, "jti": "1", "iat": now, "exp": now + 60}
    key = new_key("EC")
    proof = signed(
        {"jti": str(now), "htm": "POST", "htu": f"{a.url}/oauth/token", "iat": now},
        key,
        {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key)},
    )
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for assertion in (
        unsigned(claims, {"alg": "none"}),
        signed(claims, key, {"alg": "ES256", "kid": key["kid"]}),
        "x",
        "",
    ):
        form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": assertion}
        refused(await a.http.post(f"{a.url}/oauth/token", data=form, headers={"DPoP": proof}), 400, 401)
    for form in (
        {"grant_type": "password", "username": "a", "password": "b"},
        {"client_id": "x", "client_secret": "y"},
    ):
        refused(await a.http.post(f"{a.url}/oauth/token", data=form, headers={"DPoP": proof}), 400, 401)
    return "refused"


@attack("O04", "a proof used twice, also at once", "重放证明", client=True)
async def replay(a: Attacker) -> str:
    headers = await a.signed("POST", "/graphql")
    answers = await asyncio.gather(*(asked(a, headers) for _ in range(10)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1, [answer.status_code for answer in answers]
    assert all(answer.status_code in (200, 401) for answer in answers)
    refused(await asked(a, headers), 401)
    return "counts once"


@attack("O05", "a proof for something else", "挪用证明", client=True)
async def other_proofs(a: Attacker) -> str:
    url = f"{a.url}/graphql"
    now = int(time.time())
    other = new_key("EC")
    tries: list[dict[str, Any]] = [
        {"htu": f"{a.url}/feed"},
        {"htu": url.replace("http", "ftp", 1)},
        {"htu": "https://evil.example/graphql"},
        {"htm": "GET"},
        {"ath": b64u(b"x" * 32)},
        {"ath": ...},
        {"iat": now - 90},
        {"iat": now + 90},
        {"iat": "now"},
        {"jti": ...},
        {"key": other},
        {"key": other, "header": {"jwk": public(other)}},
        {"header": {"typ": "jwt"}},
    ]
    for one in tries:
        refused(await asked(a, await a.signed("POST", "/graphql", **one)), 401)
    return f"{len(tries)} refused"


@attack("O06", "an assertion used twice", "重放客户端断言", client=True)
async def assertion_replay(a: Attacker) -> str:
    assertion = a.me.assertion()
    first = await a.me.ask_token(assertion=assertion, scope=SCOPE)
    if first.status_code == 429:
        raise Skipped("token requests are used up")
    assert first.status_code == 200, first.text
    refused(await a.me.ask_token(assertion=assertion, scope=SCOPE), 400, 401)
    return "invalid_client"


@attack("O07", "scopes beyond the client's", "越权申请范围", client=True)
async def more_scope(a: Attacker) -> str:
    for scope in ("credit:everything", f"{SCOPE} admin", "credit:*", "openid"):
        answer = await a.me.ask_token(scope=scope)
        refused(answer, 400)
        assert answer.json()["error"] == "invalid_scope", answer.text
    return "invalid_scope"


@attack("O08", "the token as a bearer, or two of them", "降级为 Bearer 或重复头", client=True)
async def bearer(a: Attacker) -> str:
    headers = await a.signed("POST", "/graphql")
    token = headers["Authorization"].removeprefix("DPoP ")
    other = await a.signed("POST", "/graphql")
    refused(await asked(a, {"Authorization": f"Bearer {token}", "DPoP": headers["DPoP"]}), 401)
    refused(await asked(a, {"Authorization": f"DPoP {token}"}), 401)
    refused(await asked(a, [*headers.items(), ("Authorization", f"DPoP {token}")]), 400, 401)
    refused(await asked(a, [*headers.items(), ("DPoP", other["DPoP"])]), 400, 401)
    refused(await asked(a, {"Authorization": f"DPoP {token}, DPoP {token}", "DPoP": other["DPoP"]}), 400, 401)
    return "refused"


@attack("O09", "a purpose that the token does not list", "令牌未列明的用途", client=True)
async def purposes(a: Attacker) -> str:
    for purpose in ("investigation-of-neighbours", "operations, investigation", "INVESTIGATION"):
        refused(await a.post("/graphql", QUESTION, {"Credit-Purpose": purpose}), 400, 403)
    return "403"


@attack("O10", "a receipt of somebody else", "他人的回执", client=True)
async def receipts(a: Attacker) -> str:
    for path in ("00000000-0000-7000-8000-000000000000", "..%2f..", "' OR 1=1 --", "x" * 3000):
        refused(await a.get(f"/receipts/{path}/proof"), 401, 404)
    return "404"


@attack("O11", "a way round the limit by forged addresses", "伪造来源地址绕过限流")
async def spoofed_addresses(a: Attacker) -> str:
    limits = [
        (await a.http.get(f"{a.url}/oauth/jwks", headers={"X-Forwarded-For": f"198.51.100.{n % 250}"})).status_code
        for n in range(50)
    ]
    assert set(limits) <= {200, 429}
    return "the connection's address counts"


@attack("Z01", "a flood of token requests", "令牌请求洪泛", client=True)
async def token_flood(a: Attacker) -> str:
    """Named to be last: the client waits for its allowance afterwards."""
    for sent in range(FLOOD):
        answer = await a.me.ask_token(scope=SCOPE)
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
            again = await a.http.get(f"{a.url}/healthz")
            return f"429 after {sent}; " + refused(again, 200) + " for others"
        assert answer.status_code == 200, answer.text
    raise AssertionError(f"{FLOOD} tokens without a limit")

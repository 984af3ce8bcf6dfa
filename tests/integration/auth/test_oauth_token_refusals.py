"""What a hostile or careless client sends to the token endpoint: each is its own refusal.

Stock Authlib takes several of these (RS256 and HS256 assertions, lists as audience, any life time, any ``typ``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jwcrypto import jwk
from oauth_hub import RunningAuth
from oauth_outsider import Outsider, b64u, new_key, public, signed, unsigned

Make = Callable[[Outsider], str]


def _claims(**claims: Any) -> Make:
    return lambda client: client.assertion(**claims)


def _header(**header: Any) -> Make:
    return lambda client: client.assertion(header=header)


def _hs256(client: Outsider) -> str:
    head, claims = client.assertion_parts()
    secret = jwk.JWK(kty="oct", k=b64u(client.key.export_public().encode()))
    return signed(claims, secret, head | {"alg": "HS256"})


def _none(client: Outsider) -> str:
    head, claims = client.assertion_parts()
    return unsigned(claims, head | {"alg": "none"})


def _odd_alg(client: Outsider) -> str:
    head, claims = client.assertion_parts()
    return unsigned(claims, head | {"alg": [head["alg"]]})


def _crit(client: Outsider) -> str:
    head, claims = client.assertion_parts()
    return signed(claims, client.key, head | {"crit": ["b64"], "b64": True})


def _tampered(client: Outsider) -> str:
    head, body, mark = client.assertion().split(".")
    return f"{head}.{body}.{'B' if mark[0] == 'A' else 'A'}{mark[1:]}"


NOW = time.time
SECRET = b64u(b"a symmetric key of 32 bytes, or so")
ASSERTIONS: dict[str, Make] = {
    "hs256 with the public key as secret": _hs256,
    "alg none": _none,
    "critical header": _crit,
    "alg in a list": _odd_alg,
    "tampered signature": _tampered,
    "another key under the right kid": lambda client: client.assertion(key=new_key()),
    "unknown kid": _header(kid="someone"),
    "wrong typ": _header(typ="at+jwt"),
    "typ of a DPoP proof": _header(typ="dpop+jwt"),
    "audience in a list": lambda client: client.assertion(aud=[client.base]),
    "audience in a list with others": lambda client: client.assertion(aud=[client.base, "https://other.example"]),
    "token endpoint as audience": lambda client: client.assertion(aud=f"{client.base}/oauth/token"),
    "another audience": _claims(aud="https://other.example"),
    "no audience": _claims(aud=...),
    "no expiry": _claims(exp=...),
    "expired": lambda client: client.assertion(exp=int(NOW()) - 5),
    "expiry an hour ahead": lambda client: client.assertion(exp=int(NOW()) + 3600),
    "expiry as text": lambda client: client.assertion(exp=str(int(NOW()) + 60)),
    "expiry true": _claims(exp=True),
    "issued in the future": lambda client: client.assertion(iat=int(NOW()) + 120),
    "not yet valid": lambda client: client.assertion(nbf=int(NOW()) + 120),
    "no jti": _claims(jti=...),
    "jti of a kilobyte": _claims(jti="x" * 1024),
    "jti a number": _claims(jti=7),
    "another issuer": _claims(iss="someone"),
    "no subject": _claims(sub=...),
    "subject a list": _claims(sub=["a"], iss=["a"]),
    "unknown client": _claims(sub="client-0000", iss="client-0000"),
    "not a JWT": lambda _: "abc",
    "a JSON text as claims": lambda client: ".".join([client.assertion().split(".")[0], b64u(b'"x"'), "AA"]),
}


@pytest.mark.parametrize("make", ASSERTIONS.values(), ids=ASSERTIONS)
async def test_a_bad_assertion_is_refused(hub: RunningAuth, make: Make) -> None:
    client = hub.client()
    answer = await client.ask_token(assertion=make(client))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


async def test_an_rs256_assertion_is_refused(hub: RunningAuth) -> None:
    client = hub.client(key=new_key("RSA"))
    assert (await client.ask_token()).status_code == 200
    answer = await client.ask_token(assertion=client.assertion(header={"alg": "RS256"}))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_revoked_client_gets_no_token(hub: RunningAuth) -> None:
    client = hub.client()
    assert (await client.ask_token()).status_code == 200
    hub.auth.clients.revoke(client.client_id)
    assert (await client.ask_token()).json()["error"] == "invalid_client"


async def test_a_client_id_beside_the_assertion_must_be_the_same(hub: RunningAuth) -> None:
    client = hub.client()
    assert (await client.ask_token(client_id=client.client_id)).status_code == 200
    assert (await client.ask_token(client_id="other")).status_code == 401


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no assertion": ({"client_assertion": ...}, "invalid_client"),
    "another assertion type": ({"client_assertion_type": "urn:x"}, "invalid_client"),
    "a client secret": ({"client_assertion": ..., "client_id": "a", "client_secret": "b"}, "invalid_client"),
    "password grant": ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
    "code grant": ({"grant_type": "authorization_code", "code": "x"}, "unauthorized_client"),
    "refresh grant": ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
    "grant with strange characters": ({"grant_type": '"\\\u4e2d\n'}, "unsupported_grant_type"),
    "no grant type": ({"grant_type": ...}, "invalid_request"),
    "scope beyond the client's": ({"scope": "credit:public credit:investigate"}, "invalid_scope"),
    "unknown scope": ({"scope": "credit:everything"}, "invalid_scope"),
    "empty scope": ({"scope": " "}, "invalid_scope"),
}


@pytest.mark.parametrize(("fields", "error"), FIELDS.values(), ids=FIELDS)
async def test_a_bad_field_is_refused(hub: RunningAuth, fields: dict[str, Any], error: str) -> None:
    answer = await hub.client().ask_token(**fields)
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)


PROOFS: dict[str, Callable[[Outsider, str], str]] = {
    "of another method": lambda c, url: c.proof("GET", url),
    "of another URL": lambda c, url: c.proof("POST", url + "2"),
    "of another host": lambda c, url: c.proof("POST", "https://other.example/oauth/token"),
    "a minute and a half old": lambda c, url: c.proof("POST", url, iat=int(NOW()) - 90),
    "a minute and a half ahead": lambda c, url: c.proof("POST", url, iat=int(NOW()) + 90),
    "without iat": lambda c, url: c.proof("POST", url, iat=...),
    "without jti": lambda c, url: c.proof("POST", url, jti=...),
    "with an empty jti": lambda c, url: c.proof("POST", url, jti=""),
    "with a jti of a kilobyte": lambda c, url: c.proof("POST", url, jti="x" * 1024),
    "with typ JWT": lambda c, url: c.proof("POST", url, header={"typ": "JWT"}),
    "without typ": lambda c, url: c.proof("POST", url, header={"typ": ...}),
    "without jwk": lambda c, url: c.proof("POST", url, header={"jwk": ...}),
    "with a private jwk": lambda c, url: c.proof(
        "POST", url, header={"jwk": dict(c.dpop.export_private(as_dict=True))}
    ),
    "with another jwk": lambda c, url: c.proof("POST", url, header={"jwk": public(new_key("EC"))}),
    "with a symmetric jwk": lambda c, url: signed(
        c.proof_parts("POST", url, None)[1],
        jwk.JWK(kty="oct", k=SECRET),
        {"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": SECRET}},
    ),
    "unsigned": lambda c, url: unsigned(
        c.proof_parts("POST", url, None)[1], c.proof_parts("POST", url, None)[0] | {"alg": "none"}
    ),
    "not a JWT": lambda c, url: "abc",
    "of ten kilobytes": lambda c, url: c.proof("POST", url, more="x" * 10_000),
}


@pytest.mark.parametrize("make", PROOFS.values(), ids=PROOFS)
async def test_a_bad_proof_gets_no_token(hub: RunningAuth, make: Callable[[Outsider, str], str]) -> None:
    client = hub.client()
    answer = await client.ask_token(proof=make(client, f"{hub.base}/oauth/token"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), answer.text


async def test_an_rs256_proof_gets_no_token(hub: RunningAuth) -> None:
    client = hub.client()
    client.dpop = new_key("RSA")
    proof = client.proof("POST", f"{hub.base}/oauth/token", header={"alg": "RS256"})
    assert (await client.ask_token(proof=proof)).json()["error"] == "invalid_dpop_proof"


async def test_a_weak_rsa_key_gets_no_token(hub: RunningAuth) -> None:
    client = hub.client()
    client.dpop = jwk.JWK.generate(kty="RSA", size=1024)
    assert (await client.ask_token()).json()["error"] == "invalid_dpop_proof"


async def _raw(hub: RunningAuth, client: Outsider, **options: Any) -> httpx.Response:
    url = f"{hub.base}/oauth/token"
    headers = [("DPoP", client.proof("POST", url)), *options.pop("headers", [])]
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(url + options.pop("query", ""), headers=headers, **options)


async def test_no_proof_and_two_proofs_get_no_token(hub: RunningAuth) -> None:
    client = hub.client()
    url = f"{hub.base}/oauth/token"
    async with httpx.AsyncClient(trust_env=False) as http:
        none = await http.post(url, data=client.form())
    two = await _raw(hub, client, data=client.form(), headers=[("DPoP", client.proof("POST", url))])
    assert none.json()["error"] == two.json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("name", ["grant_type", "scope", "client_assertion"])
async def test_a_parameter_given_twice_is_refused(hub: RunningAuth, name: str) -> None:
    client = hub.client()
    form = client.form(scope="credit:public")
    text = str(httpx.QueryParams([*form.items(), (name, form[name])]))
    answer = await _raw(hub, client, content=text, headers=[("content-type", "application/x-www-form-urlencoded")])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
async def test_another_content_type_is_refused(hub: RunningAuth, media_type: str) -> None:
    client = hub.client()
    text = str(httpx.QueryParams(client.form()))
    answer = await _raw(hub, client, content=text, headers=[("content-type", media_type)])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_parameters_in_the_url_are_refused(hub: RunningAuth) -> None:
    client = hub.client()
    answer = await _raw(hub, client, data=client.form(), query="?scope=credit:public")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_authorization_header_beside_the_assertion_is_refused(hub: RunningAuth) -> None:
    client = hub.client()
    answer = await _raw(hub, client, data=client.form(), headers=[("authorization", "Basic YTpi")])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_body_that_is_too_large_is_refused(hub: RunningAuth) -> None:
    client = hub.client()
    answer = await _raw(hub, client, data=client.form(scope="x" * 20_000))
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"grant_type=%ff", b"&&&", b"a" * 100, b"&".join([b"a=1"] * 500)])
async def test_a_body_that_is_no_form_is_refused(hub: RunningAuth, body: bytes) -> None:
    client = hub.client()
    headers = [("content-type", "application/x-www-form-urlencoded")]
    answer = await _raw(hub, client, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

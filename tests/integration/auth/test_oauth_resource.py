"""The resource server: tokens and proofs made elsewhere, given as the headers of a request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from jwcrypto import jws
from oauth_hub import RunningAuth
from oauth_outsider import Outsider, new_key, signed, unsigned

from schema.errors import Forbidden, Unauthenticated, UsageError

Headers = list[tuple[bytes, bytes]]


async def _refused(hub: RunningAuth, headers: Headers, method: str = "POST", url: str | None = None) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await hub.auth.authenticate(headers, method, url or hub.url)
    assert caught.value.www_authenticate.startswith(f'DPoP realm="{hub.base}"')
    assert 'algs="PS256 ES256 EdDSA Ed25519"' in caught.value.www_authenticate
    return caught.value.www_authenticate


@pytest.mark.parametrize("kind", ["OKP", "EC", "RSA"])
async def test_a_bound_token_with_a_fresh_proof_names_its_caller(hub: RunningAuth, kind: str) -> None:
    client = hub.client("credit:mutual credit:investigate")
    client.dpop = new_key(kind)
    headers = client.headers(await client.token("credit:mutual"), "POST", hub.url)
    before = int(time.time())
    caller = await hub.auth.authenticate(headers, "POST", hub.url)
    assert (caller.client_id, caller.name, caller.issuer) == (client.client_id, "bank", hub.base)
    assert caller.scopes == {"credit:mutual"}
    assert caller.purposes == {"mutual-recognition", "investigation"}
    assert (caller.purpose, caller.case, caller.subject, caller.peer_region) == (None, None, None, None)
    assert caller.jkt == client.dpop.thumbprint()
    assert caller.jti
    assert before + 60 <= caller.jti_expires <= time.time() + 62


async def test_a_self_token_carries_its_subject(hub: RunningAuth) -> None:
    client = hub.client("credit:self", subject="91320499MA1MX0009X")
    headers = client.headers(await client.token(), "POST", hub.url)
    assert (await hub.auth.authenticate(headers, "POST", hub.url)).subject == "91320499MA1MX0009X"


async def test_a_request_without_credentials_gets_a_challenge_without_an_error_code(hub: RunningAuth) -> None:
    assert "error=" not in await _refused(hub, [(b"host", b"hub")])


@pytest.mark.parametrize(
    "written",
    ["{base}/graphql", "{base}/graphql?query=1", "{base}/x/../graphql", "{base}/%67raphql", "{upper}/graphql"],
)
async def test_htu_is_compared_after_normalisation(hub: RunningAuth, written: str) -> None:
    client = hub.client()
    url = written.format(base=hub.base, upper=hub.base.replace("http", "HTTP"))
    headers = client.headers(await client.token(), "POST", url)
    assert await hub.auth.authenticate(headers, "POST", hub.url)


async def test_the_query_of_the_request_does_not_count(hub: RunningAuth) -> None:
    client = hub.client()
    headers = client.headers(await client.token(), "GET", hub.url)
    assert await hub.auth.authenticate(headers, "GET", hub.url + "?query=%7B__typename%7D")


PROOFS: dict[str, Callable[[Outsider, str, str], str]] = {
    "of another method": lambda c, t, url: c.proof("GET", url, t),
    "of another URL": lambda c, t, url: c.proof("POST", url + "x", t),
    "of another port": lambda c, t, url: c.proof("POST", "http://127.0.0.1:9/graphql", t),
    "with userinfo in its URL": lambda c, t, url: c.proof("POST", url.replace("//", "//a@"), t),
    "with a list as URL": lambda c, t, url: c.proof("POST", url, t, htu=[url]),
    "61 seconds old": lambda c, t, url: c.proof("POST", url, t, iat=time.time() - 61.5),
    "62 seconds ahead": lambda c, t, url: c.proof("POST", url, t, iat=time.time() + 62),
    "with iat as text": lambda c, t, url: c.proof("POST", url, t, iat=str(int(time.time()))),
    "without iat": lambda c, t, url: c.proof("POST", url, t, iat=...),
    "without jti": lambda c, t, url: c.proof("POST", url, t, jti=...),
    "with jti of a kilobyte": lambda c, t, url: c.proof("POST", url, t, jti="x" * 1024),
    "without ath": lambda c, t, url: c.proof("POST", url, t, ath=...),
    "for another token": lambda c, t, url: c.proof("POST", url, t + "x"),
    "with typ JWT": lambda c, t, url: c.proof("POST", url, t, header={"typ": "JWT"}),
    "with a private jwk": lambda c, t, url: c.proof(
        "POST", url, t, header={"jwk": dict(c.dpop.export_private(as_dict=True))}
    ),
    "by a key that is not the jwk": lambda c, t, url: c.proof("POST", url, t, key=new_key("EC")),
    "unsigned": lambda c, t, url: unsigned(
        c.proof_parts("POST", url, t)[1], c.proof_parts("POST", url, t)[0] | {"alg": "none"}
    ),
    "with its alg in a list": lambda c, t, url: unsigned(
        c.proof_parts("POST", url, t)[1], c.proof_parts("POST", url, t)[0] | {"alg": ["ES256"]}
    ),
    "with a tab in its URL": lambda c, t, url: c.proof("POST", url.replace("graphql", "graph\tql"), t),
    "with a line end in its URL": lambda c, t, url: c.proof("POST", f"{url}\n", t),
    "with a blank before its URL": lambda c, t, url: c.proof("POST", f" {url}", t),
    "without a payload": lambda c, t, url: ".".join([c.proof("POST", url, t).split(".")[0], "", "AA"]),
    "of nothing": lambda c, t, url: "",
}


@pytest.mark.parametrize("make", PROOFS.values(), ids=PROOFS)
async def test_a_bad_proof_is_refused(hub: RunningAuth, make: Callable[[Outsider, str, str], str]) -> None:
    client = hub.client()
    token = await client.token()
    proof = make(client, token, hub.url)
    headers = [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]
    assert 'error="invalid_dpop_proof"' in await _refused(hub, headers)


async def test_a_proof_is_taken_once(hub: RunningAuth) -> None:
    client = hub.client()
    headers = client.headers(await client.token(), "POST", hub.url)
    assert await hub.auth.authenticate(headers, "POST", hub.url)
    assert 'error="invalid_dpop_proof"' in await _refused(hub, headers)


async def test_two_clients_may_use_the_same_jti(hub: RunningAuth) -> None:
    for client in (hub.client(), hub.client()):
        headers = client.headers(await client.token(), "POST", hub.url, jti="one")
        assert await hub.auth.authenticate(headers, "POST", hub.url)


async def test_a_stolen_token_is_useless_without_its_key(hub: RunningAuth) -> None:
    client, thief = hub.client(), hub.client()
    headers = thief.headers(await client.token(), "POST", hub.url)
    assert "another key" in await _refused(hub, headers)


async def test_two_authorization_or_proof_headers_are_refused(hub: RunningAuth) -> None:
    client = hub.client()
    token = await client.token()
    headers = client.headers(token, "POST", hub.url)
    assert 'error="invalid_token"' in await _refused(hub, [*headers, headers[1]])
    assert 'error="invalid_dpop_proof"' in await _refused(hub, [*headers, headers[2]])
    joined = [(b"authorization", f"DPoP {token}, DPoP {token}".encode()), headers[2]]
    assert 'error="invalid_token"' in await _refused(hub, joined)


@pytest.mark.parametrize("scheme", ["Bearer ", "Basic ", "DPoP", "", "DPoP\t"])
async def test_another_scheme_is_refused(hub: RunningAuth, scheme: str) -> None:
    client = hub.client()
    token = await client.token()
    headers = client.headers(token, "POST", hub.url)
    headers[1] = (b"authorization", f"{scheme}{token}".encode())
    assert 'error="invalid_token"' in await _refused(hub, headers)


def _token_with(hub: RunningAuth, client: Outsider, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token signed by the hub's own key, so that only the changed member can be the reason of a refusal."""
    from jwcrypto import jwk

    held = json.loads((hub.settings.data / "keys" / "tokens.json").read_text())["keys"][-1]["jwk"]
    now = int(time.time())
    body = {"iss": hub.base, "aud": hub.base, "sub": client.client_id, "client_id": client.client_id, "iat": now}
    body |= {"exp": now + 300, "jti": "t1", "scope": "credit:mutual", "purposes": []}
    body |= {"cnf": {"jkt": client.dpop.thumbprint()}}
    head = {"typ": "at+jwt", "alg": "EdDSA", "kid": held["kid"]}
    # a claim that depends on the clock is a function of now: cases are listed long before they run
    body |= {name: value(now) if callable(value) else value for name, value in claims.items()}
    merged = {name: value for name, value in body.items() if value is not ...}
    merged_head = {name: value for name, value in (head | (header or {})).items() if value is not ...}
    return signed(merged, jwk.JWK(**{k: v for k, v in held.items() if k not in ("alg", "use")}), merged_head)


TOKENS: dict[str, dict[str, Any]] = {
    "typ JWT": {"header": {"typ": "JWT"}},
    "no typ": {"header": {"typ": ...}},
    "no kid": {"header": {"kid": ...}},
    "unknown kid": {"header": {"kid": "other"}},
    "expired": {"iat": lambda now: now - 400, "exp": lambda now: now - 1},
    "no expiry": {"exp": ...},
    "a life of a day": {"exp": lambda now: now + 86_400},
    "not valid yet": {"nbf": lambda now: now + 200},
    "another audience": {"aud": "https://other.example"},
    "two audiences": {"aud": ["https://other.example", "https://more.example"]},
    "another issuer": {"iss": "https://other.example"},
    "no binding": {"cnf": ...},
    "a binding of another kind": {"cnf": {"x5t#S256": "x"}},
    "no client": {"client_id": ...},
    "an unknown client": {"client_id": "client-0000"},
    "no jti": {"jti": ...},
    "no scope": {"scope": ...},
}


async def test_the_token_that_the_bad_ones_are_made_from_is_good(hub: RunningAuth) -> None:
    client = hub.client()
    headers = client.headers(_token_with(hub, client), "POST", hub.url)
    assert await hub.auth.authenticate(headers, "POST", hub.url)


@pytest.mark.parametrize("changes", TOKENS.values(), ids=TOKENS)
async def test_a_bad_token_is_refused(hub: RunningAuth, changes: dict[str, Any]) -> None:
    client = hub.client()
    token = _token_with(hub, client, **changes)
    headers = client.headers(token, "POST", hub.url)
    assert 'error="invalid_token"' in await _refused(hub, headers)


async def test_a_tampered_or_unsigned_token_is_refused(hub: RunningAuth) -> None:
    client = hub.client()
    token = await client.token()
    head, body, mark = token.split(".")
    held = jws.JWS.from_jose_token(token)
    claims = json.loads(held.objects["payload"]) | {"scope": "credit:investigate"}
    header = json.loads(held.objects["protected"])
    changed = unsigned(claims, header).removesuffix(".") + f".{mark}"
    odd = [unsigned(claims, header | {"alg": alg}) for alg in ("none", ["EdDSA"], {})]
    for bad in (changed, *odd, f"{head}.{body}.", f"{head}.{body}", "x"):
        assert 'error="invalid_token"' in await _refused(hub, client.headers(bad, "POST", hub.url))


async def test_a_token_cannot_open_more_than_its_client_may(hub: RunningAuth) -> None:
    client = hub.client("credit:public")
    token = _token_with(hub, client, scope="credit:public credit:investigate", purposes=["investigation"])
    caller = await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
    assert caller.scopes == {"credit:public"}
    assert caller.purposes == frozenset()


async def test_purpose_and_case_are_taken_from_their_headers(hub: RunningAuth) -> None:
    client = hub.client("credit:investigate")
    headers = client.headers(await client.token(), "POST", hub.url)
    case = "(2026)苏0402执188号 + %"
    headers += [(b"credit-purpose", b"investigation"), (b"credit-case", quote(case).encode())]
    caller = await hub.auth.authenticate(headers, "POST", hub.url)
    assert (caller.purpose, caller.case) == ("investigation", case)


@pytest.mark.parametrize("purpose", ["loan", "everything", "", "investigation investigation"])
async def test_a_purpose_that_the_token_does_not_list_is_forbidden(hub: RunningAuth, purpose: str) -> None:
    client = hub.client("credit:investigate")
    headers = client.headers(await client.token(), "POST", hub.url)
    with pytest.raises(Forbidden) as caught:
        await hub.auth.authenticate([*headers, (b"credit-purpose", purpose.encode())], "POST", hub.url)
    assert 'error="insufficient_scope"' in caught.value.www_authenticate
    assert "investigation" in caught.value.hint


BAD_CASES = {
    "not encoded": "案号".encode(),
    "not UTF-8": b"%ff%fe",
    "cut short": b"a%4",
    "empty": b"",
    "129 characters": quote("案" * 129).encode(),
    "a line break": b"a%0Ab",
    "a raw space": b"a b",
    "only spaces": b"%20%20",
    "overlong": b"%c0%af",
}


@pytest.mark.parametrize("case", BAD_CASES.values(), ids=BAD_CASES)
async def test_a_malformed_case_is_a_bad_request(hub: RunningAuth, case: bytes) -> None:
    client = hub.client("credit:investigate")
    headers = client.headers(await client.token(), "POST", hub.url)
    with pytest.raises(UsageError):
        await hub.auth.authenticate([*headers, (b"credit-case", case)], "POST", hub.url)


async def test_a_case_of_128_characters_is_taken(hub: RunningAuth) -> None:
    client = hub.client("credit:investigate")
    headers = client.headers(await client.token(), "POST", hub.url)
    headers.append((b"credit-case", quote("案" * 128).encode()))
    assert (await hub.auth.authenticate(headers, "POST", hub.url)).case == "案" * 128


async def test_a_purpose_given_twice_is_a_bad_request(hub: RunningAuth) -> None:
    client = hub.client("credit:investigate")
    headers = client.headers(await client.token(), "POST", hub.url) + [(b"credit-purpose", b"investigation")] * 2
    with pytest.raises(UsageError):
        await hub.auth.authenticate(headers, "POST", hub.url)


async def test_a_demanded_nonce_is_named_and_then_taken(nonce_hub: RunningAuth) -> None:
    hub, client = nonce_hub, nonce_hub.client()
    token_url = f"{hub.base}/oauth/token"
    nonce = (await client.ask_token()).headers["dpop-nonce"]
    answer = await client.ask_token(proof=client.proof("POST", token_url, nonce=nonce))
    token = answer.json()["access_token"]
    with pytest.raises(Unauthenticated) as caught:
        await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
    assert 'error="use_dpop_nonce"' in caught.value.www_authenticate
    fresh = caught.value.headers["DPoP-Nonce"]
    assert await hub.auth.authenticate(client.headers(token, "POST", hub.url, nonce=fresh), "POST", hub.url)

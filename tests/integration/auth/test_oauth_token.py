"""The token endpoint, asked over HTTP by a client of foreign make."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OKPKey
from jwcrypto import jwk, jws
from oauth_hub import RunningAuth
from oauth_outsider import Outsider, new_key, public


async def _get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


@pytest.mark.parametrize("kind", ["OKP", "EC", "RSA"])
async def test_a_client_of_each_key_kind_gets_a_short_lived_bound_token(hub: RunningAuth, kind: str) -> None:
    client = hub.client("credit:mutual credit:public", key=new_key(kind))
    client.dpop = new_key(kind)
    answer = await client.ask_token(scope="credit:mutual")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["token_type"], body["scope"], body["expires_in"]) == ("DPoP", "credit:mutual", 600)
    assert answer.headers["cache-control"] == "no-store"
    token = jws.JWS.from_jose_token(body["access_token"])
    header = json.loads(token.objects["protected"])
    keys = jwk.JWKSet.from_json((await _get(f"{hub.base}/oauth/jwks")).text)
    token.verify(keys.get_key(header["kid"]))
    claims = json.loads(token.payload)
    assert header["typ"] == "at+jwt"
    assert claims["iss"] == claims["aud"] == hub.base
    assert claims["client_id"] == claims["sub"] == client.client_id
    assert claims["cnf"] == {"jkt": client.dpop.thumbprint()}
    assert (claims["scope"], claims["purposes"]) == ("credit:mutual", ["mutual-recognition"])
    assert 0 < claims["exp"] - claims["iat"] <= 600


async def test_the_algorithm_name_ed25519_is_taken_like_eddsa(hub: RunningAuth) -> None:
    client = hub.client()
    key = OKPKey.import_key(dict(client.key.export_private(as_dict=True)))
    _, claims = client.assertion_parts()
    header = {"alg": "Ed25519", "kid": client.key["kid"]}
    assertion = joserfc_jwt.encode(header, claims, key, algorithms=["Ed25519"])
    assert (await client.ask_token(assertion=assertion)).status_code == 200


async def test_without_a_scope_all_scopes_of_the_client_are_granted(hub: RunningAuth) -> None:
    answer = await hub.client("credit:public credit:gate").ask_token()
    assert answer.json()["scope"] == "credit:gate credit:public"


async def test_a_self_client_is_bound_to_its_subject(hub: RunningAuth) -> None:
    client = hub.client("credit:self", subject="91320499MA1MX0009X")
    token = jws.JWS.from_jose_token(await client.token())
    assert json.loads(token.objects["payload"])["subject"] == "91320499MA1MX0009X"


async def test_a_client_with_two_keys_names_the_one_it_uses(hub: RunningAuth) -> None:
    old, new = new_key("EC"), new_key()
    client = hub.client(key=new, jwks=[public(old), public(new)])
    assert (await client.ask_token()).status_code == 200
    assert (await client.ask_token(assertion=client.assertion(header={"kid": ...}))).status_code == 401


async def test_an_assertion_counts_once_also_when_sent_twice_at_once(hub: RunningAuth) -> None:
    client = hub.client()
    assertion = client.assertion()
    answers = await asyncio.gather(*(client.ask_token(assertion=assertion) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


async def test_a_proof_counts_once_at_the_token_endpoint(hub: RunningAuth) -> None:
    client = hub.client()
    proof = client.proof("POST", f"{hub.base}/oauth/token")
    assert (await client.ask_token(proof=proof)).status_code == 200
    again = await client.ask_token(proof=proof)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_dpop_proof")


async def test_a_refused_proof_does_not_use_the_assertion_up(hub: RunningAuth) -> None:
    client = hub.client()
    assertion = client.assertion()
    bad = client.proof("GET", f"{hub.base}/oauth/token")
    assert (await client.ask_token(assertion=assertion, proof=bad)).status_code == 400
    assert (await client.ask_token(assertion=assertion)).status_code == 200


async def test_the_metadata_is_valid_and_names_only_what_is_there(hub: RunningAuth) -> None:
    found = AuthorizationServerMetadata((await _get(f"{hub.base}/.well-known/oauth-authorization-server")).json())
    found.validate()
    assert found["issuer"] == hub.base
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "none"]
    assert found["introspection_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert found["grant_types_supported"] == ["client_credentials", "authorization_code"]
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["require_pushed_authorization_requests"] is True
    assert found["authorization_response_iss_parameter_supported"] is True
    assert "RS256" not in found["token_endpoint_auth_signing_alg_values_supported"]
    for name in ("token", "revocation", "introspection", "pushed_authorization_request"):
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.post(found[f"{name}_endpoint"])).status_code == 400
            assert (await http.get(found[f"{name}_endpoint"])).status_code == 405


async def test_a_server_nonce_is_demanded_once_and_then_taken(nonce_hub: RunningAuth) -> None:
    client = nonce_hub.client()
    url = f"{nonce_hub.base}/oauth/token"
    first = await client.ask_token()
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    nonce = first.headers["dpop-nonce"]
    assert (await client.ask_token(proof=client.proof("POST", url, nonce=nonce))).status_code == 200


async def test_a_made_up_nonce_is_answered_with_a_good_one(hub: RunningAuth) -> None:
    client = hub.client()
    url = f"{hub.base}/oauth/token"
    refused = await client.ask_token(proof=client.proof("POST", url, nonce="AAAAAAAAAAAAAAAAAAAA"))
    assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
    good = client.proof("POST", url, nonce=refused.headers["dpop-nonce"])
    assert (await client.ask_token(proof=good)).status_code == 200


async def test_a_client_sees_its_own_token_and_an_operator_every_token(hub: RunningAuth) -> None:
    holder, other, operator = hub.client(), hub.client(), hub.client("credit:operate")
    token = await holder.token()
    own = (await holder.post("/oauth/introspect", token=token)).json()
    assert own["active"]
    assert own["client_id"] == holder.client_id
    assert own["cnf"] == {"jkt": holder.dpop.thumbprint()}
    assert (await other.post("/oauth/introspect", token=token)).json() == {"active": False}
    assert (await operator.post("/oauth/introspect", token=token)).json()["active"]
    assert (await operator.post("/oauth/introspect", token="made.up.token")).json() == {"active": False}


async def test_a_revoked_token_is_inactive_and_only_its_client_revokes_it(hub: RunningAuth) -> None:
    holder, other = hub.client(), hub.client()
    token = await holder.token()
    assert (await other.post("/oauth/revoke", token=token)).json()["error"] == "invalid_grant"
    assert (await holder.post("/oauth/introspect", token=token)).json()["active"]
    assert (await holder.post("/oauth/revoke", token=token)).status_code == 200
    assert (await holder.post("/oauth/introspect", token=token)).json() == {"active": False}
    assert (await holder.post("/oauth/revoke", token="made.up.token")).status_code == 200


async def test_tokens_of_a_revoked_client_are_inactive(hub: RunningAuth) -> None:
    holder, operator = hub.client(), hub.client("credit:operate")
    token = await holder.token()
    hub.auth.clients.revoke(holder.client_id)
    assert (await operator.post("/oauth/introspect", token=token)).json() == {"active": False}


async def test_an_assertion_for_revocation_counts_once_too(hub: RunningAuth) -> None:
    client = hub.client()
    assertion = client.assertion()
    first = await client.post("/oauth/introspect", token="x.y.z", client_assertion=assertion)
    again = await client.post("/oauth/introspect", token="x.y.z", client_assertion=assertion)
    assert (first.status_code, again.status_code) == (200, 401)


async def test_an_unauthenticated_question_about_a_token_gets_a_challenge(hub: RunningAuth) -> None:
    token = await hub.client().token()
    stranger = Outsider(hub.base, "client-0000", new_key())
    answer = await stranger.post("/oauth/introspect", token=token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("DPoP ")

"""The local operator's client, the token client, and the ``client`` commands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jwcrypto import jwk
from oauth_hub import RunningAuth, running_auth
from oauth_outsider import Outsider, new_key, public
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hub.auth.jose import PrivateJwk
from hub.auth.local import LOCAL_SCOPES, local_client_file, read_local_client
from hub.auth.token_client import TokenClient
from hub.cli import build_parser
from hub.settings import Settings
from schema.errors import HubError, Refused, ServiceError, UsageError


def as_headers(sent: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in sent.items()]


async def test_the_local_operator_has_every_scope_but_a_subjects_own(hub: RunningAuth) -> None:
    local = read_local_client(hub.settings)
    assert oct(local_client_file(hub.settings).stat().st_mode)[-3:] == "600"
    async with TokenClient(hub.base, local.client_id, local.key) as client:
        caller = await hub.auth.authenticate(as_headers(await client.headers("POST", hub.url)), "POST", hub.url)
    assert caller.scopes == set(LOCAL_SCOPES)
    assert "credit:self" not in caller.scopes


async def test_the_local_operator_stays_the_same_and_stays_revoked_over_restarts(tmp_path: Path) -> None:
    async with running_auth(tmp_path) as hub:
        first = read_local_client(hub.settings)
        hub.auth.clients.revoke(first.client_id)
    async with running_auth(tmp_path) as hub:
        again = read_local_client(hub.settings)
        assert again.client_id == first.client_id
        async with TokenClient(hub.base, again.client_id, again.key) as client:
            with pytest.raises(Refused, match="invalid_client"):
                await client.token()
        local_client_file(hub.settings).unlink()
    async with running_auth(tmp_path) as hub:
        new = read_local_client(hub.settings)
        async with TokenClient(hub.base, new.client_id, new.key) as client:
            assert await client.token()


async def test_without_a_hub_the_local_operator_is_told_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="local-client") as caught:
        read_local_client(Settings(data=tmp_path))
    assert "start the hub" in caught.value.hint


@pytest.mark.parametrize("kind", ["OKP", "EC", "RSA"])
async def test_the_token_client_works_with_each_key_kind_and_keeps_its_token(hub: RunningAuth, kind: str) -> None:
    outside = hub.client(key=new_key(kind))
    key = PrivateJwk.read(outside.key.export_private(as_dict=True))
    proof_key = PrivateJwk.read(new_key(kind).export_private(as_dict=True))
    async with TokenClient(hub.base, outside.client_id, key, dpop_key=proof_key) as client:
        tokens = await asyncio.gather(*(client.token("credit:mutual") for _ in range(5)))
        assert len(set(tokens)) == 1
        sent = as_headers(await client.headers("POST", hub.url, "credit:mutual"))
        assert (await hub.auth.authenticate(sent, "POST", hub.url)).client_id == outside.client_id
        await client.revoke("credit:mutual")
        assert await client.token("credit:mutual") != tokens[0]
        with pytest.raises(Refused, match="invalid_scope"):
            await client.token("credit:operate")


def _protected(hub: RunningAuth) -> Callable[[Request], Any]:
    async def answer(request: Request) -> JSONResponse:
        try:
            caller = await hub.auth.authenticate(request.scope["headers"], request.method, str(request.url))
        except HubError as error:
            return JSONResponse(error.problem(), error.status, error.headers)
        return JSONResponse({"client": caller.client_id, "body": (await request.body()).decode()})

    return answer


async def test_the_token_client_follows_nonce_challenges_on_both_endpoints(nonce_hub: RunningAuth) -> None:
    hub, outside = nonce_hub, nonce_hub.client()
    app = Starlette(routes=[*hub.auth.routes, Route("/graphql", _protected(hub), methods=["POST"])])
    key = PrivateJwk.read(outside.key.export_private(as_dict=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False) as http:
        client = TokenClient(hub.base, outside.client_id, key, http=http)
        answer = await client.request("POST", hub.url, scope="credit:public", content=b"{}")
        assert answer.json() == {"client": outside.client_id, "body": "{}"}
        fresh = TokenClient(hub.base, outside.client_id, key, http=http)
        fresh._tokens["credit:public"] = client._tokens["credit:public"]
        assert (await fresh.request("POST", hub.url, scope="credit:public")).status_code == 401  # another DPoP key


async def test_a_hub_that_is_not_there_is_a_service_error() -> None:
    async with TokenClient(
        "http://127.0.0.1:9", "x", PrivateJwk.read(new_key().export_private(as_dict=True))
    ) as client:
        with pytest.raises(ServiceError, match="cannot be reached"):
            await client.token()


def _run(settings: Settings, *words: str) -> int:
    args = build_parser(("client",)).parse_args(["client", *words])
    return int(args.func(args, settings))


async def test_a_client_added_at_the_command_line_is_served_at_once(
    hub: RunningAuth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bank.json"
    scope = "credit:loan credit:public"
    assert (
        await asyncio.to_thread(_run, hub.settings, "add", "银行", "--scope", scope, "--generate", str(file), "--json")
        == 0
    )
    facts = json.loads(capsys.readouterr().out)
    assert facts == {"client_id": facts["client_id"], "scope": scope, "purposes": ["loan"]}
    assert oct(file.stat().st_mode)[-3:] == "600"
    key = jwk.JWK.from_json(file.read_text())
    assert key.has_private
    assert key["kid"]
    assert (await Outsider(hub.base, facts["client_id"], key).ask_token()).json()["scope"] == scope


async def test_a_client_brings_its_public_key_or_keys(
    hub: RunningAuth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single, pair = new_key("EC"), [new_key("RSA"), new_key()]
    (tmp_path / "one.json").write_text(json.dumps(public(single)))
    (tmp_path / "two.json").write_text(json.dumps({"keys": [public(key) for key in pair]}))
    for file, key in (("one.json", single), ("two.json", pair[1])):
        words = ("add", "gate", "--scope", "credit:gate", "--jwk", str(tmp_path / file), "--json")
        assert await asyncio.to_thread(_run, hub.settings, *words) == 0
        client_id = json.loads(capsys.readouterr().out)["client_id"]
        assert (await Outsider(hub.base, client_id, key).ask_token()).status_code == 200


async def test_purposes_can_be_chosen_and_are_listed(
    hub: RunningAuth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["add", "x", "--scope", "credit:gate", "--generate", str(tmp_path / "k"), "--json"]
    words += ["--purpose", "gate-check", "--purpose", "operations"]
    _run(hub.settings, *words)
    made = json.loads(capsys.readouterr().out)
    assert made["purposes"] == ["gate-check", "operations"]
    _run(hub.settings, "revoke", made["client_id"])
    capsys.readouterr()
    _run(hub.settings, "list", "--json")
    listed = {entry["client_id"]: entry for entry in json.loads(capsys.readouterr().out)}
    entry = listed[made["client_id"]]
    assert entry["purposes"] == made["purposes"]
    assert entry["revoked_at"]
    assert '"d"' not in json.dumps(listed)


RSA_1024 = public(jwk.JWK.generate(kty="RSA", size=1024))
WRONG: dict[str, tuple[list[str], str]] = {
    "an unknown scope": (["--scope", "credit:all", "--generate", "{new}"], "credit:all"),
    "no scope": (["--scope", " ", "--generate", "{new}"], "no scope"),
    "an unknown purpose": (["--scope", "credit:gate", "--purpose", "fun", "--generate", "{new}"], "fun"),
    "self without a subject": (["--scope", "credit:self", "--generate", "{new}"], "subject"),
    "a subject without self": (
        ["--scope", "credit:gate", "--subject", "91320499MA1MX0009X", "--generate", "{new}"],
        "subject",
    ),
    "a subject that is none": (
        ["--scope", "credit:self", "--subject", "91320499MA1MX00090", "--generate", "{new}"],
        "USCC",
    ),
    "a key file that is there": (["--scope", "credit:gate", "--generate", "{there}"], "there already"),
    "a missing key file": (["--scope", "credit:gate", "--jwk", "{new}"], "cannot be read"),
    "a weak key": (["--scope", "credit:gate", "--jwk", "{weak}"], "bits"),
    "no key": (["--scope", "credit:gate", "--jwk", "{there}"], "neither a JWK"),
}


@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG)
def test_wrong_use_of_client_add_leaves_nothing_behind(tmp_path: Path, words: list[str], named: str) -> None:
    places = {"new": tmp_path / "new.json", "there": tmp_path / "there.json", "weak": tmp_path / "weak.json"}
    places["there"].write_text("[]")
    places["weak"].write_text(json.dumps(RSA_1024))
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(UsageError) as caught:
        _run(settings, "add", "x", *(word.format(**places) for word in words))
    assert named in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2
    assert not places["new"].exists()
    assert places["there"].read_text() == "[]"

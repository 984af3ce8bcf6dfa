"""Tokens of a further issuer, with keys and scopes from the HUB_ISSUERS file."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwk
from oauth_hub import RunningAuth, running_auth
from oauth_outsider import Outsider, new_key, public, put, signed

from hub.auth.issuers import load_issuers
from schema.errors import SettingsError, Unauthenticated

ISSUER = "https://id.example.cn"
CONFIG = """
[[issuer]]
issuer = "https://id.example.cn"
jwks = "id.jwks.json"
audience = "https://hub.example.cn"
purposes = ["gate-check"]
[issuer.scopes]
"credit.gate" = ["credit:gate"]
"credit.all" = ["credit:gate", "credit:public"]
"""


def write_issuer(folder: Path, *keys: jwk.JWK) -> Path:
    file = folder / "issuers.toml"
    file.write_text(CONFIG, encoding="utf-8")
    encryption = public(new_key("RSA")) | {"use": "enc"}
    (folder / "id.jwks.json").write_text(json.dumps({"keys": [encryption, *map(public, keys)]}))
    return file


def token_of(client: Outsider, key: jwk.JWK, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    body = {"iss": ISSUER, "aud": "https://hub.example.cn", "sub": "dept-1", "client_id": "dept-1", "iat": now}
    body |= {"exp": now + 300, "jti": "t1", "scope": "credit.gate profile"}
    body |= {"cnf": {"jkt": client.dpop.thumbprint()}}
    # a claim that depends on the clock is a function of now: cases are listed long before they run
    claims = {name: value(now) if callable(value) else value for name, value in claims.items()}
    head = {"typ": "at+jwt", "alg": "PS256" if key["kty"] == "RSA" else "ES256", "kid": key["kid"]}
    return signed(put(body, claims), key, put(head, header or {}))


async def _ask(hub: RunningAuth, client: Outsider, token: str) -> Any:
    return await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)


@pytest.mark.parametrize("kind", ["EC", "RSA"])
async def test_a_further_issuer_opens_the_scopes_that_are_mapped(tmp_path: Path, kind: str) -> None:
    key = new_key(kind)
    async with running_auth(tmp_path / "data", issuers=write_issuer(tmp_path, key)) as hub:
        client = Outsider(hub.base, "dept-1", new_key())
        caller = await _ask(hub, client, token_of(client, key))
        assert caller.client_id == f"{ISSUER}#dept-1"
        assert caller.scopes == {"credit:gate"}
        assert caller.purposes == {"gate-check"}
        wide = await _ask(hub, client, token_of(client, key, scope="credit.all credit:operate"))
        assert wide.scopes == {"credit:gate", "credit:public"}


BAD: dict[str, dict[str, Any]] = {
    "RS256": {"header": {"alg": "RS256"}},
    "typ JWT": {"header": {"typ": "JWT"}},
    "the hub as issuer": {"iss": "{base}"},
    "the hub's own URL as audience": {"aud": "{base}"},
    "a life of two hours": {"exp": lambda now: now + 7200},
    "no expiry": {"exp": ...},
    "no binding": {"cnf": ...},
    "a subject but no client": {"client_id": ...},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
async def test_a_bad_token_of_a_further_issuer_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    key = new_key("RSA")
    async with running_auth(tmp_path / "data", issuers=write_issuer(tmp_path, key)) as hub:
        client = Outsider(hub.base, "dept-1", new_key())
        filled = {k: v.format(base=hub.base) if isinstance(v, str) else v for k, v in changes.items()}
        with pytest.raises(Unauthenticated) as caught:
            await _ask(hub, client, token_of(client, key, **filled))
        assert 'error="invalid_token"' in caught.value.www_authenticate


async def test_a_further_issuer_cannot_pose_as_a_client_of_the_hub(tmp_path: Path) -> None:
    key = new_key("EC")
    async with running_auth(tmp_path / "data", issuers=write_issuer(tmp_path, key)) as hub:
        own = hub.client("credit:operate")
        caller = await _ask(hub, own, token_of(own, key, client_id=own.client_id))
        assert caller.client_id != own.client_id
        assert caller.scopes == {"credit:gate"}


async def test_a_blocked_client_of_a_further_issuer_is_refused(tmp_path: Path) -> None:
    key = new_key("EC")
    async with running_auth(tmp_path / "data", issuers=write_issuer(tmp_path, key)) as hub:
        client = Outsider(hub.base, "dept-1", new_key())
        assert await _ask(hub, client, token_of(client, key))
        hub.auth.clients.revoke(f"{ISSUER}#dept-1")
        await asyncio.sleep(0.3)
        with pytest.raises(Unauthenticated, match="revoked"):
            await _ask(hub, client, token_of(client, key))


async def test_changed_keys_of_an_issuer_are_noticed_and_a_broken_file_keeps_the_last_good(tmp_path: Path) -> None:
    old, new = new_key("EC"), new_key("EC")
    async with running_auth(tmp_path / "data", issuers=write_issuer(tmp_path, old)) as hub:
        client = Outsider(hub.base, "dept-1", new_key())
        assert await _ask(hub, client, token_of(client, old))
        (tmp_path / "id.jwks.json").write_text("{")
        assert await _ask(hub, client, token_of(client, old))
        write_issuer(tmp_path, new)
        assert await _ask(hub, client, token_of(client, new))
        with pytest.raises(Unauthenticated):
            await _ask(hub, client, token_of(client, old))


FAULTS = {
    "an unknown key": ('audience = "https://hub.example.cn"', 'audiences = ["x"]', "audiences"),
    "an unknown scope of ours": ('["credit:gate"]', '["credit:everything"]', "credit:everything"),
    "an unknown purpose": ('["gate-check"]', '["fun"]', "fun"),
    "a missing key file": ('"id.jwks.json"', '"none.json"', "none.json"),
    "no URL": ('issuer = "https://id.example.cn"', 'issuer = "id"', "URL"),
    "no TOML": ("[[issuer]]", "[[issuer", "HUB_ISSUERS"),
}


@pytest.mark.parametrize(("old", "new", "named"), FAULTS.values(), ids=FAULTS)
def test_a_bad_issuers_file_stops_the_start_and_names_the_fault(tmp_path: Path, old: str, new: str, named: str) -> None:
    file = write_issuer(tmp_path, new_key("EC"))
    assert load_issuers(file, base_url="https://hub.example.cn")
    file.write_text(CONFIG.replace(old, new))
    with pytest.raises(SettingsError, match="HUB_ISSUERS") as caught:
        load_issuers(file, base_url="https://hub.example.cn")
    assert named in caught.value.message


def test_an_issuer_without_a_usable_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PS256 ES256"):
        load_issuers(write_issuer(tmp_path), base_url="https://hub.example.cn")

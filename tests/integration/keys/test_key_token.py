"""Signing and log keys in a SoftHSM token, in processes of their own: a PKCS#11 module is loaded once in each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from soft_token import HOW, SoftToken, module

from hub.evidence.trust import hub_from_document
from hub.ledger.log_keys import LogKeys
from hub.settings import Settings, load_settings
from schema.errors import SettingsError

pytest.importorskip("pkcs11", reason=HOW)
pytestmark = pytest.mark.skipif(module() is None, reason=HOW)

SIGNING = """
import asyncio, json, sys
from hub.ledger import Ledger
from hub.settings import load_settings
from hub.signing.keys import KeyStore

async def main():
    settings = load_settings()
    keys = KeyStore.of(settings)
    keys.ensure()
    async with await Ledger.open(settings, keys=keys) as ledger:
        for _ in range(3):
            await ledger.note("test", {})
    print(json.dumps({"jws": keys.current().jws(b"{}"), "kid": keys.current().kid, "places": keys.places()}))

asyncio.run(main())
"""


@pytest.fixture
def token(tmp_path: Path) -> SoftToken:
    return SoftToken.make(tmp_path / "token")


def run(token: SoftToken, data: Path, *command: str, code: int = 0, **settings: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment = {**inherited, **token.environment, "HUB_DATA": str(data), "HUB_KEYS": token.uri, **settings}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def stored(data: Path) -> list[dict[str, object]]:
    keys: list[dict[str, object]] = json.loads((data / "keys" / "signing.json").read_text())["keys"]
    return keys


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_keys_are_made_in_the_token_sign_there_and_never_leave(token: SoftToken, tmp_path: Path, alg: str):
    data = tmp_path / "hub"
    run(token, data, "-m", "hub", "keys", "rotate", "--alg", alg)
    made = json.loads(run(token, data, "-c", SIGNING))
    assert set(made["places"].values()) == {"pkcs11"}
    assert not any({"d", "key"} & key.keys() for key in stored(data))
    log = json.loads((data / "keys" / "ledger.json").read_text())
    assert "key" not in log
    assert log["held"].startswith("pkcs11:id=")
    trusted = hub_from_document(json.loads(json.dumps({"keys": stored(data)})))
    header, payload, signature = made["jws"].split(".")
    key = trusted.keys[made["kid"]]
    assert key.jwk["alg"] == alg
    from hub.signing.suites import unb64u

    assert key.verifier.verify(unb64u(signature), f"{header}.{payload}".encode())
    audit = json.loads(run(token, data, "-m", "hub", "ledger", "verify", "--json"))
    assert audit["ok"], audit


def test_log_key_is_rotated_inside_the_token(token: SoftToken, tmp_path: Path):
    data = tmp_path / "hub"
    run(token, data, "-c", SIGNING)
    told = json.loads(run(token, data, "-m", "hub", "ledger", "rotate-key", "--json"))
    assert told["before"] != told["after"] == told["ledger"]["key"]
    run(token, data, "-c", SIGNING)
    audit = json.loads(run(token, data, "-m", "hub", "ledger", "verify", "--json"))
    assert audit["ok"], audit


def test_ended_key_is_destroyed_in_the_token(token: SoftToken, tmp_path: Path):
    data = tmp_path / "hub"
    first = json.loads(run(token, data, "-c", SIGNING))["kid"]
    run(token, data, "-m", "hub", "keys", "invalidate", first, "--since", "2026-01-01T00:00:00+08:00")
    listed = {key["kid"]: key for key in json.loads(run(token, data, "-m", "hub", "keys", "list", "--json"))}
    assert (listed[first]["place"], listed[first]["state"]) == ("none", "invalid")
    assert sum(key["place"] == "pkcs11" for key in listed.values()) == 1
    shown = subprocess.run(
        ["softhsm2-util", "--show-slots"], env={**os.environ, **token.environment}, capture_output=True, text=True
    )
    assert token.label in shown.stdout
    code = (
        "import pkcs11, sys; t = pkcs11.lib(sys.argv[1]).get_token(token_label='hub');"
        "s = t.open(user_pin=sys.argv[2]);"
        "print(len(list(s.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}))))"
    )
    assert run(token, data, "-c", code, str(module()), token.pin).strip() == "2", "the new signing key and the log's"


def test_keys_of_the_file_go_on_until_they_are_rotated_into_the_token(token: SoftToken, tmp_path: Path):
    data = tmp_path / "hub"
    before = json.loads(run(token, data, "-c", SIGNING, HUB_KEYS="file"))
    ledger = str(data / "keys" / "ledger.json")
    after = json.loads(run(token, data, "-c", SIGNING, HUB_LEDGER_KEY=ledger))
    assert after["kid"] == before["kid"]
    run(token, data, "-m", "hub", "keys", "rotate", HUB_LEDGER_KEY=ledger)
    assert json.loads(run(token, data, "-c", SIGNING, HUB_LEDGER_KEY=ledger))["places"][before["kid"]] == "file"


@pytest.mark.parametrize("fault", ["pin", "token", "module", "file"])
def test_token_that_cannot_be_used_is_one_line(token: SoftToken, tmp_path: Path, fault: str):
    data, uri, code = tmp_path / "hub", token.uri, 3
    run(token, data, "-c", SIGNING)
    if fault == "pin":
        (token.folder / "pin").write_text("0000")
        code = 2
    elif fault == "token":
        uri = uri.replace("token=hub", "token=other")
    elif fault == "module":
        uri = uri.replace(str(module()), "/nowhere/module.so")
    else:
        uri, code = "file", 2
    said = run(token, data, "-m", "hub", "keys", "rotate", code=code, HUB_KEYS=uri)
    assert said.count("\n") == 1
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "value",
    [
        "pkcs11:token=hub",
        "pkcs11:token=hub?module-path=/m.so&pin-value=1234",
        "pkcs11:token=hub?module-path=m.so&pin-source=file:/pin",
        "pkcs11:?module-path=/m.so&pin-source=file:/pin",
        "pkcs11:object=x?module-path=/m.so&pin-source=file:/pin",
        "token",
    ],
)
def test_settings_name_a_whole_token_and_never_a_pin(value: str):
    with pytest.raises(SettingsError, match="HUB_KEYS"):
        load_settings({"HUB_KEYS": value})


def test_log_key_has_a_place_of_its_own(tmp_path: Path):
    settings = Settings(data=tmp_path / "hub", ledger_key=str(tmp_path / "vault" / "ledger.json"))
    assert LogKeys(settings).path == tmp_path / "vault" / "ledger.json"
    with pytest.raises(SettingsError, match="HUB_LEDGER_KEY"):
        load_settings({"HUB_LEDGER_KEY": "relative/ledger.json"})

"""Key store: rotation, history, file mode, and readers in other processes; JWKs checked with jwcrypto."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from jwcrypto import jwk, jws

from hub.signing.keys import OVERLAP, RENEW_AHEAD, RENEW_BEFORE, KeyStore, PublicKey
from hub.signing.suites import SUITES, suite_of, thumbprint
from schema.errors import ServiceError, SettingsError, UsageError


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    keys = KeyStore(tmp_path / "keys")
    keys.ensure()
    return keys


def test_first_key_is_ed25519_named_by_its_thumbprint_and_readable_by_the_owner_alone(store: KeyStore) -> None:
    (key,) = store.public()
    assert key.kid == jwk.JWK(**{k: v for k, v in key.jwk.items() if k in ("kty", "crv", "x")}).thumbprint()
    assert key.jwk["alg"] == "EdDSA"
    assert "d" not in key.jwk
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_receipts_verify_with_jwcrypto(store: KeyStore, alg: str) -> None:
    store.rotate(alg)
    key = store.current()
    token = jws.JWS()
    token.deserialize(key.jws(b'{"jti":"1"}'))
    public = next(known for known in store.public() if known.kid == key.kid)
    token.verify(jwk.JWK.from_json(json.dumps(public.jwk)))
    assert token.payload == b'{"jti":"1"}'
    assert token.jose_header == {"alg": alg, "kid": key.kid, "typ": "credit-receipt+jwt"}


def test_rotation_ends_the_old_key_but_keeps_its_public_half(store: KeyStore) -> None:
    old = store.current()
    now = int(time.time())
    new = store.rotate(now=now)
    assert store.current().kid == new.kid != old.kid
    first, second = store.public()
    assert (first.kid, second.kid) == (new.kid, old.kid)
    assert second.exp == now + OVERLAP
    assert second.valid_at(now)
    assert not second.valid_at(now + OVERLAP)


def test_private_half_is_dropped_once_its_time_is_over(store: KeyStore) -> None:
    old = store.current().kid
    now = int(time.time())
    store.rotate(now=now)
    store.rotate(now=now + OVERLAP)
    saved = {key["kid"]: key for key in json.loads(store.path.read_text())["keys"]}
    assert "d" not in saved[old]
    assert {key.kid for key in store.public()} == set(saved)


def test_another_process_signs_with_the_new_key_within_a_second(store: KeyStore) -> None:
    running = KeyStore(store.path.parent)
    before = running.current().kid
    made = store.rotate()
    deadline = time.monotonic() + 1
    while running.current().kid == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.current().kid == made.kid


def test_ensure_renews_a_key_that_ends_soon_and_leaves_a_fresh_one(store: KeyStore) -> None:
    (key,) = store.public()
    store.ensure()
    assert len(store.public()) == 1
    store.ensure(now=key.exp - 86_400)
    assert len(store.public()) == 2


def test_renewed_key_is_published_long_before_it_signs(store: KeyStore) -> None:
    (key,) = store.public()
    now = key.exp - RENEW_BEFORE + 60
    store.ensure(now=now)
    planned, old = store.public()
    assert planned.nbf == now + RENEW_AHEAD
    assert old.valid_at(planned.nbf)
    store.ensure(now=now + 60)
    assert len(store.public()) == 2


def test_announced_key_signs_from_its_time_on_and_not_when_the_old_one_ends(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.time()]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    before = store.current().kid
    made = store.rotate(after=15)
    assert store.current().kid == before
    clock[0] += 13
    assert store.current().kid == before
    clock[0] += 2
    assert store.current().kid == made.kid


def test_announced_key_gives_way_to_one_that_is_needed_now(store: KeyStore) -> None:
    planned = store.rotate(after=1000).kid
    made = store.rotate().kid
    assert store.current().kid == made
    assert planned not in {key.kid for key in store.public()}


def test_invalidated_key_ends_in_the_past_and_another_signs_at_once(store: KeyStore) -> None:
    bad, now = store.current().kid, int(time.time())
    ended = store.invalidate(bad, now - 3600)
    assert (ended.exp, ended.revoked_at) == (now - 3600, now - 3600)
    assert not ended.valid_at(now)
    assert store.current().kid != bad
    assert bad.encode() in store.path.read_bytes()
    assert [key for key in json.loads(store.path.read_text())["keys"] if "d" in key and key["kid"] == bad] == []
    published = PublicKey.from_jwk(next(key.jwk for key in store.public() if key.kid == bad) | {"exp": now + 99})
    assert published.exp == now - 3600, "whoever copies the mark alone ends it too"
    assert store.invalidate(bad, now - 60).exp == now - 3600
    assert store.invalidate(bad, now - 7200).exp == now - 7200


def test_invalidation_needs_a_key_of_this_hub_and_a_past_instant(store: KeyStore) -> None:
    with pytest.raises(UsageError, match="nobody"):
        store.invalidate("nobody", 0)
    with pytest.raises(UsageError, match="past"):
        store.invalidate(store.current().kid, int(time.time()) + 60)


def test_damaged_or_missing_key_file_is_an_error_that_says_so(store: KeyStore) -> None:
    saved = store.path.read_text()
    store.path.write_text(saved.replace('"kid": "', '"kid": "x'))
    with pytest.raises(SettingsError, match="damaged"):
        KeyStore(store.path.parent).current()
    store.path.unlink()
    with pytest.raises(ServiceError, match="no signing key"):
        KeyStore(store.path.parent).current()


def test_unknown_algorithm_is_refused_by_name(store: KeyStore) -> None:
    with pytest.raises(UsageError, match="RS256"):
        store.rotate("RS256")


def test_a_further_suite_is_one_more_object(tmp_path: Path) -> None:
    class Renamed(type(SUITES[0])):  # type: ignore[misc]
        jose, names = "X-SM2", frozenset({"X-SM2"})

        def owns(self, key: object) -> bool:
            return isinstance(key, dict) and key.get("alg") == "X-SM2"

    suites = (Renamed(), *SUITES)
    keys = KeyStore(tmp_path, suites=suites)
    assert keys.rotate("X-SM2").jwk["alg"] == "X-SM2"
    assert len(keys.current().signer.sign(b"x")) == 64


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!!"},
        {"kty": "OKP", "crv": "Ed25519"},
    ],
)
def test_a_key_that_cannot_be_used_is_a_value_error(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"JWK|suite|thumbprint|base64|Invalid|public key"):
        PublicKey.from_jwk(bad)


def test_algorithm_of_another_key_type_is_refused(store: KeyStore) -> None:
    (key,) = store.public()
    with pytest.raises(ValueError, match="no signature suite"):
        suite_of({**key.jwk, "alg": "ES256"})
    assert suite_of({**key.jwk, "alg": "Ed25519"}).jose == "EdDSA"
    assert thumbprint(key.jwk) == key.kid


def test_a_key_can_be_published_before_it_is_used(tmp_path):
    store = KeyStore(tmp_path)
    store.ensure()
    before = store.current().kid
    made = store.rotate(after=3600)
    assert store.current().kid == before
    assert made.kid in {key.kid for key in store.public()}
    old = next(key for key in store.public() if key.kid == before)
    assert old.exp > made.nbf, "the two overlap"

"""The parts of authorisation that need no store and no socket."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwk, jws

from hub.auth.dpop import check_proof, normalised
from hub.auth.jose import JWT_SUITES, PrivateJwk, PublicJwk, generate_jwk, numeric_date, parse, public_part
from hub.auth.nonces import LIFE, STEP, Nonces
from hub.auth.replay import ReplayGuard
from hub.auth.token_keys import MAX_AGE, OVERLAP, TokenKeys
from schema.errors import ServiceError, SettingsError


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("HTTPS://Hub.Example.CN/graphql", "https://hub.example.cn/graphql"),
        ("https://hub.example.cn:443/graphql", "https://hub.example.cn/graphql"),
        ("http://hub.example.cn:80", "http://hub.example.cn/"),
        ("https://hub.example.cn:8443/a?b=c#d", "https://hub.example.cn:8443/a"),
        ("https://h/a/./b/../c", "https://h/a/c"),
        ("https://h/../../a", "https://h/a"),
        ("https://h/a/..", "https://h/"),
        ("https://h/%7euser/%2fx", "https://h/~user/%2Fx"),
        ("http://[::1]:8000/graphql", "http://[::1]:8000/graphql"),
        ("https://h//a", "https://h//a"),
    ],
)
def test_urls_are_normalised_as_rfc_3986_says(given: str, wanted: str) -> None:
    assert normalised(given) == wanted


@pytest.mark.parametrize(
    "given",
    [
        *("", "/graphql", "ftp://h/a", "https://", "https://a@h/", "https://h:99999/", "x:y"),
        *("https://h/a\tb", "https://h/a\n", "\x00https://h/a", " https://h/a", "https://h/é"),
    ],
)
def test_what_is_no_web_address_has_no_normal_form(given: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalised(given)


def test_a_nonce_is_fresh_for_its_life_and_only_with_its_secret() -> None:
    ours, theirs = Nonces(b"a" * 32), Nonces(b"b" * 32)
    now = 1_800_000_000.0
    nonce = ours.current(now)
    assert ours.fresh(nonce, now)
    assert ours.fresh(nonce, now + LIFE)
    assert not ours.fresh(nonce, now + LIFE + 2 * STEP)
    assert not theirs.fresh(nonce, now)
    assert not ours.fresh(nonce[:-1] + ("A" if nonce[-1] != "A" else "Q"), now)
    for odd in ("", "x", "中", "A" * 400):
        assert not ours.fresh(odd, now)


@pytest.mark.parametrize("suite", JWT_SUITES, ids=[suite.jose for suite in JWT_SUITES])
def test_what_a_private_key_signs_jwcrypto_verifies(suite: Any) -> None:
    made = {**suite.generate()}
    token = PrivateJwk.read(made).sign({"a": 1}, typ="JWT")
    foreign = jws.JWS.from_jose_token(token)
    foreign.allowed_algs = [suite.jose]
    foreign.verify(jwk.JWK(**public_part(made)))
    assert json.loads(foreign.payload) == {"a": 1}
    assert parse(token).verified_by(PublicJwk.read(public_part(made)))
    assert not parse(token).verified_by(PublicJwk.read(public_part({**suite.generate()})))


@pytest.mark.parametrize(
    "bad",
    [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": 7},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA"},
        {},
        [],
        None,
        "key",
    ],
)
def test_an_unusable_key_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        PublicJwk.read(bad)


def test_a_key_for_another_algorithm_or_use_and_a_private_one_are_refused() -> None:
    good = public_part(generate_jwk())
    assert PublicJwk.read(good)
    for change in ({"alg": "ES256"}, {"use": "enc"}, {"kid": 7}, {"d": "AAAA"}):
        with pytest.raises(ValueError, match=r"."):
            PublicJwk.read(good | change)


@pytest.mark.parametrize("value", [True, "1", None, [1], float("inf"), float("nan"), 10**12])
def test_a_date_claim_is_a_plain_number(value: object) -> None:
    with pytest.raises(ValueError, match="NumericDate"):
        numeric_date(value)


def test_bytes_that_are_no_proof_never_raise_anything_but_a_value_error() -> None:
    head = "eyJhbGciOiJub25lIn0"
    for text in ("", ".", "..", "a.b.c", "中.文.字", f"{head}.W10.", f"{head}.e30.A", "W10.W10.W10", "\x00.\x00.\x00"):
        with pytest.raises(ValueError, match=r"."):
            check_proof(text, method="POST", url="https://h/", now=0.0)
    with pytest.raises(ValueError, match="longer"):
        check_proof("a" * 5000, method="POST", url="https://h/", now=0.0)


def test_an_id_is_first_once_and_is_kept_over_one_generation() -> None:
    guard = ReplayGuard(most=3)
    assert guard.first("key", "id")
    assert not guard.first("key", "id")
    assert guard.first("other", "id")
    assert guard.first("key", "2")
    assert guard.first("key", "3")
    assert not guard.first("key", "id")


def _entries(keys: TokenKeys) -> list[dict[str, Any]]:
    return list(json.loads(keys.path.read_bytes())["keys"])


def test_token_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    keys, other = TokenKeys(tmp_path / "keys"), TokenKeys(tmp_path / "keys")
    keys.ensure()
    other.ensure()
    assert keys.signing().kid == other.signing().kid
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert "d" not in keys.jwks()["keys"][0]
    assert keys.nonces().current(0) == other.nonces().current(0)


def test_rotation_keeps_the_old_public_key_until_its_last_token_ended(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    keys = TokenKeys(tmp_path, clock=lambda: now[0])
    keys.ensure()
    old = keys.signing().kid
    new = keys.rotate()
    assert keys.signing().kid == new != old
    assert {key["kid"] for key in keys.jwks()["keys"]} == {old, new}
    assert ["d" in entry["jwk"] for entry in _entries(keys)] == [False, True]
    now[0] += OVERLAP - 2
    assert keys.find(old) is not None
    now[0] += 4
    assert keys.find(old) is None
    assert [key["kid"] for key in keys.jwks()["keys"]] == [new]
    keys.rotate()
    assert len(_entries(keys)) == 2


def test_an_old_key_is_replaced_when_the_hub_starts(tmp_path: Path) -> None:
    TokenKeys(tmp_path).ensure()
    first = TokenKeys(tmp_path).signing().kid
    TokenKeys(tmp_path).ensure()
    assert TokenKeys(tmp_path).signing().kid == first
    TokenKeys(tmp_path, clock=lambda: time.time() + MAX_AGE + 1).ensure()
    assert TokenKeys(tmp_path).signing().kid != first


def test_a_missing_or_damaged_key_file_says_what_to_do(tmp_path: Path) -> None:
    keys = TokenKeys(tmp_path, recheck=0)
    with pytest.raises(ServiceError, match="no key") as missing:
        keys.signing()
    assert missing.value.hint
    keys.ensure()
    keys.path.write_text("{}")
    with pytest.raises(SettingsError, match="damaged") as damaged:
        keys.signing()
    assert "backup" in damaged.value.hint
    keys.path.unlink()
    with pytest.raises(ServiceError, match="gone"):
        keys.signing()

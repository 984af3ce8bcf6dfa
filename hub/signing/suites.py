"""Signature suites: what a key can do, whatever its algorithm.

Ed25519 (RFC 8032) is the default, ES256 (RFC 7518) is allowed. A further suite, such as SM2/SM3 from a hardware
module, is one more object with the methods of ``Suite`` in the tuple that a key store is given; nothing else changes.
Signatures are the raw bytes that JWS (RFC 7515) and HTTP signatures (RFC 9421) both carry.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

Jwk = Mapping[str, Any]


class Verifier(Protocol):
    """A public key bound to its suite."""

    jose: str
    http: str

    def verify(self, signature: bytes, data: bytes) -> bool: ...


class Signer(Protocol):
    """A private key bound to its suite."""

    jose: str
    http: str

    def sign(self, data: bytes) -> bytes: ...


class Suite(Protocol):
    """One algorithm: its JOSE name (and other spellings of it), its RFC 9421 name, and how its keys are read."""

    jose: str
    names: frozenset[str]
    http: str

    def owns(self, jwk: Jwk) -> bool: ...
    def generate(self) -> dict[str, str]: ...
    def signer(self, jwk: Jwk) -> Signer: ...
    def verifier(self, jwk: Jwk) -> Verifier: ...


def b64u(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    """The bytes of unpadded base64url. Raises ValueError where the text is not the one canonical spelling."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if b64u(data) != text:
        raise ValueError("not canonical base64url")
    return data


class _Ed25519Signer:
    jose, http = "EdDSA", "ed25519"

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.sign = key.sign


class _Ed25519Verifier:
    jose, http = "EdDSA", "ed25519"

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def verify(self, signature: bytes, data: bytes) -> bool:
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class Ed25519Suite:
    jose, http = "EdDSA", "ed25519"
    names = frozenset({"EdDSA", "Ed25519"})

    def owns(self, jwk: Jwk) -> bool:
        return jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519"

    def generate(self) -> dict[str, str]:
        key = Ed25519PrivateKey.generate()
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": b64u(key.public_key().public_bytes_raw()),
            "d": b64u(key.private_bytes_raw()),
        }

    def signer(self, jwk: Jwk) -> Signer:
        return _Ed25519Signer(Ed25519PrivateKey.from_private_bytes(unb64u(jwk["d"])))

    def verifier(self, jwk: Jwk) -> Verifier:
        return _Ed25519Verifier(Ed25519PublicKey.from_public_bytes(unb64u(jwk["x"])))


class _Es256Signer:
    jose, http = "ES256", "ecdsa-p256-sha256"

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class _Es256Verifier:
    jose, http = "ES256", "ecdsa-p256-sha256"

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verify(self, signature: bytes, data: bytes) -> bool:
        if len(signature) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            self._key.verify(der, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class Es256Suite:
    jose, http = "ES256", "ecdsa-p256-sha256"
    names = frozenset({"ES256"})

    def owns(self, jwk: Jwk) -> bool:
        return jwk.get("kty") == "EC" and jwk.get("crv") == "P-256"

    def generate(self) -> dict[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        numbers = key.private_numbers()
        public = numbers.public_numbers
        x, y, d = (b64u(n.to_bytes(32, "big")) for n in (public.x, public.y, numbers.private_value))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d}

    def signer(self, jwk: Jwk) -> Signer:
        return _Es256Signer(ec.derive_private_key(int.from_bytes(unb64u(jwk["d"]), "big"), ec.SECP256R1()))

    def verifier(self, jwk: Jwk) -> Verifier:
        x, y = (int.from_bytes(unb64u(jwk[name]), "big") for name in ("x", "y"))
        return _Es256Verifier(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())


SUITES: tuple[Suite, ...] = (Ed25519Suite(), Es256Suite())
_THUMBPRINT_MEMBERS = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


def suite_of(jwk: Jwk, suites: tuple[Suite, ...] = SUITES) -> Suite:
    """The suite that reads this key. Raises ValueError when none does, or when ``alg`` names another one."""
    for suite in suites:
        if suite.owns(jwk):
            if jwk.get("alg", suite.jose) not in suite.names:
                break
            return suite
    raise ValueError(f"no signature suite for kty={jwk.get('kty')} crv={jwk.get('crv')} alg={jwk.get('alg')}")


def thumbprint(jwk: Jwk) -> str:
    """RFC 7638 SHA-256 thumbprint: the name of a key that nobody can choose. Raises ValueError or KeyError."""
    members = _THUMBPRINT_MEMBERS.get(str(jwk.get("kty")))
    if members is None:
        raise ValueError(f"no thumbprint for kty={jwk.get('kty')}")
    text = ",".join(f'"{name}":"{jwk[name]}"' for name in members)
    return b64u(hashlib.sha256(f"{{{text}}}".encode()).digest())

"""Signed JWTs as the hub takes them: compact JWS (RFC 7515) with PS256, ES256 or Ed25519, and nothing else.

The algorithm must fit the key, so a token cannot choose how it is verified. ``EdDSA`` (RFC 8037) and ``Ed25519``
(RFC 9864) name the same algorithm; both are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hub.signing.suites import SUITES, Jwk, Signer, Suite, Verifier, b64u, suite_of, thumbprint, unb64u

ALGS = ("PS256", "ES256", "EdDSA", "Ed25519")
MAX_JWT = 8192  # characters
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 4096
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


class _Ps256Signer:
    jose, http = "PS256", ""  # no RFC 9421 name: used in JWTs only

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, _PSS, hashes.SHA256())


class _Ps256Verifier:
    jose, http = "PS256", ""

    def __init__(self, key: rsa.RSAPublicKey) -> None:
        self._key = key

    def verify(self, signature: bytes, data: bytes) -> bool:
        try:
            self._key.verify(signature, data, _PSS, hashes.SHA256())
        except InvalidSignature:
            return False
        return True


class Ps256Suite:
    """RSA-PSS with SHA-256 (RFC 7518 section 3.5), keys of 2048 to 4096 bits."""

    jose, http = "PS256", ""
    names = frozenset({"PS256"})

    def owns(self, jwk: Jwk) -> bool:
        return jwk.get("kty") == "RSA"

    def generate(self) -> dict[str, str]:
        numbers = rsa.generate_private_key(65537, 3072).private_numbers()
        public = numbers.public_numbers
        values = {"n": public.n, "e": public.e, "d": numbers.d, "p": numbers.p, "q": numbers.q}
        values |= {"dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
        return {"kty": "RSA"} | {k: b64u(v.to_bytes((v.bit_length() + 7) // 8, "big")) for k, v in values.items()}

    def signer(self, jwk: Jwk) -> Signer:
        value = {name: int.from_bytes(unb64u(jwk[name]), "big") for name in ("p", "q", "d", "dp", "dq", "qi", "n", "e")}
        public = rsa.RSAPublicNumbers(value["e"], value["n"])
        p, q, d, dp, dq, qi = (value[name] for name in ("p", "q", "d", "dp", "dq", "qi"))
        numbers = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public)
        return _Ps256Signer(numbers.private_key())

    def verifier(self, jwk: Jwk) -> Verifier:
        n, e = (int.from_bytes(unb64u(jwk[name]), "big") for name in ("n", "e"))
        if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS or e.bit_length() > 64:
            raise ValueError(f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
        return _Ps256Verifier(rsa.RSAPublicNumbers(e, n).public_key())


JWT_SUITES: tuple[Suite, ...] = (*SUITES, Ps256Suite())


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """A public key: ``names`` are the algorithm names its tokens may carry, ``kid`` defaults to the thumbprint."""

    kid: str
    thumbprint: str
    names: frozenset[str]
    verifier: Verifier
    members: dict[str, Any]

    def takes(self, alg: object) -> bool:
        """Whether a header's ``alg``, of whatever JSON type, is one of this key's."""
        return isinstance(alg, str) and alg in self.names

    @classmethod
    def read(cls, jwk: object) -> PublicJwk:
        """Raises ValueError, saying what is wrong. Private members are refused: see ``public_part``."""
        if not isinstance(jwk, Mapping):
            raise ValueError("a JWK is an object")
        if not PRIVATE_MEMBERS.isdisjoint(jwk):
            raise ValueError("the JWK has private members")
        try:
            suite = suite_of(jwk, JWT_SUITES)
            mark = thumbprint(jwk)
            kid = jwk.get("kid", mark)
            if not isinstance(kid, str) or not 0 < len(kid) <= 256:
                raise ValueError("kid is a text of up to 256 characters")
            if jwk.get("use", "sig") != "sig":
                raise ValueError("the key is not for signatures")
            return cls(kid, mark, suite.names, suite.verifier(jwk), dict(jwk))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a usable public JWK: {type(error).__name__} {error}") from None


def public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name not in PRIVATE_MEMBERS}


@dataclass(frozen=True, slots=True)
class Jws:
    """A parsed, not yet verified compact JWS over a JSON object."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def verified_by(self, key: PublicJwk) -> bool:
        """True when the header's algorithm is one of this key's and the signature holds."""
        return key.takes(self.header.get("alg")) and key.verifier.verify(self.signature, self.signed)


def parse(text: str, *, longest: int = MAX_JWT) -> Jws:
    """Split and decode. Raises ValueError for anything but three canonical base64url parts with JSON objects."""
    if len(text) > longest:
        raise ValueError(f"longer than {longest} characters")
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError("not a signed JWT of three parts")
    header, claims = (json_object(unb64u(part)) for part in parts[:2])
    if "crit" in header:
        raise ValueError("critical header parameters are not supported")
    return Jws(header, claims, f"{parts[0]}.{parts[1]}".encode("ascii"), unb64u(parts[2]))


def json_object(data: bytes) -> dict[str, Any]:
    value = orjson.loads(data)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def numeric_date(value: object) -> float:
    """A NumericDate claim (RFC 7519 section 2). Raises ValueError for booleans, texts and absurd values."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e11 < value < 1e11:
        raise ValueError("not a NumericDate")
    return float(value)


@dataclass(frozen=True, slots=True)
class PrivateJwk:
    """A private key that signs JWTs: clients' assertions, DPoP proofs, access tokens."""

    kid: str
    alg: str
    public: dict[str, Any]
    thumbprint: str
    signer: Signer

    @classmethod
    def read(cls, jwk: Mapping[str, Any]) -> PrivateJwk:
        """Raises ValueError when this is no private key of a supported kind."""
        try:
            suite = suite_of(jwk, JWT_SUITES)
            mark = thumbprint(jwk)
            return cls(str(jwk.get("kid", mark)), suite.jose, public_part(jwk), mark, suite.signer(jwk))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a usable private JWK: {type(error).__name__} {error}") from None

    def sign(self, claims: Mapping[str, Any], *, typ: str, header: Mapping[str, Any] | None = None) -> str:
        """A compact JWS. The header names the key by ``kid`` unless another header is given."""
        head = {"typ": typ, "alg": self.alg, **({"kid": self.kid} if header is None else header)}
        text = f"{b64u(orjson.dumps(head))}.{b64u(orjson.dumps(claims))}"
        return f"{text}.{b64u(self.signer.sign(text.encode('ascii')))}"


def generate_jwk() -> dict[str, Any]:
    """A new private Ed25519 JWK with ``kid`` (its RFC 7638 thumbprint)."""
    made = SUITES[0].generate()
    return {**made, "kid": thumbprint(made), "alg": "EdDSA", "use": "sig"}

"""The two hubs of the vectors: keys from texts, one instant, nothing random.

Private keys are not in the files; each is SHA-256 of ``LABEL`` and the key's name, so anybody can make it and nobody
can take it for a real one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graph_loaders.persons.group import reduce
from hub.federated.messenger import HubMessenger
from hub.ledger.notes import NoteSigner
from hub.settings import Settings
from hub.signing import KeyStore
from hub.signing.suites import b64u, thumbprint

LABEL = "credit-hub test vector, no real key: "
NOW = 1767225600  # 2026-01-01T00:00:00Z
NBF, EXP = 1764547200, 4102444800
NOTE = "Synthetic. Keys are SHA-256 of a published text and protect nothing. 合成数据，密钥仅供测试"


def seed(name: str) -> bytes:
    return hashlib.sha256((LABEL + name).encode()).digest()


def scalar(name: str) -> bytes:
    """A ristretto255 scalar: SHA-512 of the text, reduced."""
    return reduce(hashlib.sha512((LABEL + name).encode()).digest())


def private_jwk(name: str, kid: str = "") -> dict[str, Any]:
    key = Ed25519PrivateKey.from_private_bytes(seed(name))
    made = {"kty": "OKP", "crv": "Ed25519", "x": b64u(key.public_key().public_bytes_raw()), "d": b64u(seed(name))}
    return {**made, "kid": kid or thumbprint(made)}


def public_jwk(name: str, kid: str = "") -> dict[str, Any]:
    return {part: value for part, value in private_jwk(name, kid).items() if part != "d"}


@dataclass(frozen=True)
class Town:
    """One hub of the vectors."""

    name: str
    region: str
    url: str
    keys: KeyStore
    messenger: HubMessenger
    folder: Path

    @property
    def public(self) -> dict[str, Any]:
        return {**public_jwk(self.name), "alg": "EdDSA", "use": "sig", "nbf": NBF, "exp": EXP}

    @property
    def log(self) -> NoteSigner:
        origin = f"{self.url.removeprefix('https://')}/ledger"
        return NoteSigner(origin, Ed25519PrivateKey.from_private_bytes(seed(f"{self.name} ledger")))


def _town(folder: Path, name: str, region: str, url: str) -> Town:
    data = folder / region
    (data / "keys").mkdir(parents=True)
    key = {**private_jwk(name), "alg": "EdDSA", "use": "sig", "nbf": NBF, "exp": EXP}
    (data / "keys" / "signing.json").write_bytes(orjson.dumps({"keys": [key]}))
    (data / "keys" / "witness.key").write_bytes(seed(f"{name} witness"))
    keys = KeyStore(data / "keys")
    settings = Settings(data=data, region=region, base_url=url)
    return Town(name, region, url, keys, HubMessenger(settings, keys, httpx.AsyncClient()), data)


@contextmanager
def world() -> Iterator[tuple[Town, Town]]:
    """Hub A (常州) and hub B (昆山) at the instant ``NOW``."""
    with tempfile.TemporaryDirectory() as folder, mock.patch("time.time", return_value=float(NOW)):
        root = Path(folder)
        yield (
            _town(root, "hub A", "320400", "https://changzhou.example"),
            _town(root, "hub B", "320583", "https://kunshan.example"),
        )


def keys() -> dict[str, Any]:
    names = ("hub A", "hub B", "hub A ledger", "hub B ledger", "hub A witness", "anchor 1", "anchor 2", "anchor 3")
    return {
        "note": NOTE,
        "derivation": f"Ed25519 private key = SHA-256(UTF-8 of {LABEL!r} + name)",
        "now": NOW,
        "keys": {name: {**public_jwk(name), "label": LABEL + name} for name in names},
    }

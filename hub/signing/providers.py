"""Where private keys live: in a file of the data folder (the default), or in a token behind PKCS#11.

A key store asks a provider for new keys and for signatures. What it keeps of a key is its public JWK and ``held``: who
has the private half (``pkcs11:id=…``), or the private members themselves when the provider is the file.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

from hub.signing.suites import Jwk, Signer, Suite
from hub.token_uri import TokenUri
from schema.errors import SettingsError

HELD = "held"  # member of a stored key whose private half is in a token
FILE = "file"
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


class KeyProvider(Protocol):
    """A place of private keys. Methods raise ServiceError while it cannot be used."""

    name: str

    def generate(self, suite: Suite, label: str) -> dict[str, Any]:
        """A new key: its public JWK and what finds the private half again."""

    def signer(self, jwk: Jwk, suite: Suite) -> Signer:
        """The private half of a key that this provider made. Raises SettingsError for one of another place."""

    def destroy(self, jwk: Jwk) -> None:
        """Drop the private half for good. Doing so twice is no error."""


class FileKeys:
    """Private halves beside the public ones, in a file of mode 600."""

    name = FILE

    def generate(self, suite: Suite, label: str) -> dict[str, Any]:
        return dict(suite.generate())

    def signer(self, jwk: Jwk, suite: Suite) -> Signer:
        if HELD in jwk:
            raise SettingsError(
                f"the key {jwk.get('kid')} is in a token", hint="set HUB_KEYS to the token's pkcs11: URI"
            )
        return suite.signer(jwk)

    def destroy(self, jwk: Jwk) -> None:
        """The key store drops the private members itself."""


def has_private(jwk: Jwk) -> bool:
    return HELD in jwk or bool(PRIVATE_MEMBERS & jwk.keys())


def place_of(jwk: Jwk) -> str:
    """``file``, ``pkcs11``, or ``none`` for a key whose private half is gone."""
    return "pkcs11" if HELD in jwk else FILE if has_private(jwk) else "none"


_open: dict[tuple[int, str], KeyProvider] = {}


def provider_for(place: str) -> KeyProvider:
    """The provider of a setting, one for each process and token. Raises SettingsError, ServiceError."""
    if place == FILE:
        return FileKeys()
    key = (os.getpid(), place)
    if key not in _open:
        from hub.signing.pkcs11_keys import Pkcs11Keys

        _open[key] = Pkcs11Keys(TokenUri.parse(place))
    return _open[key]

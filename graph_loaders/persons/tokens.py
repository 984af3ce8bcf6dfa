"""Tokens of persons: the hub's own, each client's view of them, and the elements that two hubs exchange."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from graph_loaders.persons import group, keyfile
from schema.errors import UsageError

CHUNK = 256  # numbers handed to one thread at a time; libsodium works without the interpreter's lock
VIEW = b"credit-hub person view 1"
VIEW_BYTES = 48  # AES-SIV: 16 bytes of synthetic IV and the 32 of the element


class Persons:
    """The hub's person key and what is made with it. Implements ``schema.ports.PersonTokens``.

    The key file is looked at before each use, so that a running hub follows ``person-key rotate`` at once. The secret
    of the client views is another file, untouched by the rotation.
    """

    def __init__(self, key_file: Path, views_file: Path) -> None:
        self.key_file = key_file
        self._views = keyfile.read_or_make(views_file, lambda: os.urandom(keyfile.SIZE), lambda raw: len(raw) == 32)
        self._seen: tuple[int, int, int] = (0, 0, 0)
        self._key = b""
        self._cipher = lru_cache(maxsize=4096)(self._make_cipher)
        self.key()

    @classmethod
    def open(cls, key_file: Path, data: Path) -> Persons:
        """``key_file`` as in the settings, ``data`` the hub's folder; both secrets are made on the first start."""
        return cls(key_file, data / "keys" / "person-views.key")

    @property
    def successor_file(self) -> Path:
        """Where the next key waits while a rotation is under way."""
        return self.key_file.with_name(self.key_file.name + ".next")

    def key(self) -> bytes:
        """The present scalar k. Raises SettingsError when the file is gone or spoilt."""
        try:
            found = os.stat(self.key_file)
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        except FileNotFoundError:
            stamp = (0, 0, 0)
        if not self._key or stamp != self._seen:
            self._key = keyfile.read_or_make(self.key_file, group.random_scalar, group.is_scalar)
            found = os.stat(self.key_file)
            self._seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        return self._key

    @property
    def key_id(self) -> str:
        """Names the present key without telling anything of it; each Person node says under which key its token is."""
        return key_id(self.key())

    def token(self, number: str) -> str:
        """k · HashToGroup(number), hex. The number's letter counts as upper case."""
        return _token(self.key(), number)

    def tokens(self, numbers: Sequence[str]) -> list[str]:
        """Tokens in the order of the numbers; equal numbers cost once. CPU-bound, about 60 µs each on one core."""
        key = self.key()
        distinct = list(dict.fromkeys(numbers))
        made: dict[str, str] = {}
        parts = [distinct[i : i + CHUNK] for i in range(0, len(distinct), CHUNK)]
        if len(parts) < 2:
            made.update((number, _token(key, number)) for number in distinct)
        else:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                for part in pool.map(lambda part: [(number, _token(key, number)) for number in part], parts):
                    made.update(part)
        return [made[number] for number in numbers]

    def for_client(self, token: str, client_id: str) -> str:
        """Deterministic for one client; two clients' views of a person cannot be joined without the hub's secret."""
        shown = self._cipher(client_id).encrypt(bytes.fromhex(token), [VIEW, client_id.encode()])
        return urlsafe_b64encode(shown).decode("ascii")

    def from_client(self, shown: str, client_id: str) -> str:
        """Raises UsageError for anything but a token that was shown to this client, in its one spelling."""
        try:
            raw = urlsafe_b64decode(shown.encode("ascii"))
            if len(raw) != VIEW_BYTES or urlsafe_b64encode(raw).decode("ascii") != shown:
                raise ValueError
            return self._cipher(client_id).decrypt(raw, [VIEW, client_id.encode()]).hex()
        except (ValueError, InvalidTag):
            raise UsageError(
                "not a person token of this client",
                hint="use Person.token as this client got it; other clients' tokens do not work here",
                message_zh="人员标识不属于本客户端",
            ) from None

    def blind(self, token: str) -> tuple[bytes, str]:
        """A fresh scalar r and r · token, hex: what may be sent to another hub. Keep r for ``unblind``."""
        scalar = group.random_scalar()
        return scalar, group.multiply(scalar, element(token)).hex()

    def multiply(self, received: str) -> str:
        """k · a received element, hex. Raises UsageError unless it is one."""
        return group.multiply(self.key(), element(received)).hex()

    def unblind(self, scalar: bytes, received: str) -> str:
        """A received element without the scalar of ``blind``: the doubly keyed token, equal at both hubs."""
        return group.multiply(group.invert(scalar), element(received)).hex()

    def _make_cipher(self, client_id: str) -> AESSIV:
        info = VIEW + b"\x00" + client_id.encode()
        return AESSIV(HKDF(SHA512(), length=64, salt=None, info=info).derive(self._views))


def key_id(key: bytes) -> str:
    return hashlib.sha256(b"person key" + group.public_element(key)).hexdigest()[:16]


def element(text: str) -> bytes:
    """The bytes of a hex element. Raises UsageError unless it is a canonical one other than the identity."""
    try:
        raw = bytes.fromhex(text) if text.isascii() and len(text) == 2 * group.SIZE else b""
    except ValueError:
        raw = b""
    group.check_element(raw)
    return raw


def rotated(tokens: Iterable[str], factor: bytes) -> list[str]:
    """The same persons' tokens under another key: ``factor`` is new key / old key."""
    return [group.multiply(factor, bytes.fromhex(token)).hex() for token in tokens]


def _token(key: bytes, number: str) -> str:
    return group.multiply(key, group.hash_to_group(number.upper().encode())).hex()


__all__ = ["Persons", "element", "key_id", "rotated"]

"""C2SP tlog-cosignature: what a witness signs over a checkpoint, and how it is read.

A witness signs a log's checkpoint only when it continues the last one that it saw. So evidence with cosignatures could
not have been made later by whoever holds the keys of the log.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.ledger.notes import DASH

COSIGNATURE = b"\x04"


@dataclass(frozen=True, slots=True)
class CosignatureKey:
    """A witness's key: name and Ed25519 public key, signature type 0x04."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + COSIGNATURE + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(COSIGNATURE + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> CosignatureKey:
        """Raises ValueError."""
        name, key_id, encoded = vkey.split("+", 2)
        raw = b64decode(encoded, validate=True)
        if not name or raw[:1] != COSIGNATURE or len(raw) != 33:
            raise ValueError("not a cosignature key")
        key = cls(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise ValueError("the key id is not that of the key")
        return key

    def check(self, line: str, text: str) -> int:
        """The time (Unix seconds) of a cosignature line over a checkpoint's text. Raises ValueError."""
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        raw = b64decode(encoded, validate=True)
        if not line.startswith(DASH) or name != self.name or len(raw) != 4 + 8 + 64 or raw[:4] != self.key_id:
            raise ValueError("not a cosignature of this witness")
        stamp = int.from_bytes(raw[4:12], "big")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw[12:], cosigned(stamp, text))
        except InvalidSignature:
            raise ValueError("the cosignature does not hold") from None
        return stamp


def cosigned(stamp: int, text: str) -> bytes:
    """The bytes that a witness signs at a time for a checkpoint's text (its lines, without signatures)."""
    return f"cosignature/v1\ntime {stamp}\n{text}".encode()


def cosign(key: Ed25519PrivateKey, public: CosignatureKey, text: str, stamp: int) -> str:
    """The signature line, with its end of line."""
    raw = public.key_id + stamp.to_bytes(8, "big") + key.sign(cosigned(stamp, text))
    return f"{DASH}{public.name} {b64encode(raw).decode()}\n"


def cosigners(note: str, known: Iterable[CosignatureKey]) -> dict[str, int]:
    """Which of the known witnesses signed a checkpoint, by verifier key, and when (Unix seconds). A line that does not
    hold counts for nothing; a key counts once, under whatever names it is listed."""
    text, _, signatures = note.rpartition("\n\n")
    lines = [line for line in signatures.split("\n") if line.startswith(DASH)]
    found: dict[bytes, tuple[str, int]] = {}
    for key in known:
        for line in lines:
            try:
                stamp = key.check(line, text + "\n")
            except ValueError:
                continue
            found.setdefault(key.public, (key.vkey, stamp))
    return dict(found.values())

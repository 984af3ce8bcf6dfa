"""C2SP signed notes and checkpoints: the signed head of the tree, and the log's own Ed25519 key.

The log key is separate from the keys that sign answers. A checkpoint can carry further signature lines (cosignatures of
witnesses, and after a rotation that of the key before); readers pass over lines of keys that they don't know.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"
MAX_NOTE = 65_536
DASH = "\u2014 "


class NoteKey(Protocol):
    """A private Ed25519 key, here or in a token."""

    def sign(self, data: bytes, /) -> bytes: ...
    def public_key(self) -> Ed25519PublicKey: ...


@dataclass(frozen=True)
class EarlierKey:
    """A key that the log had before: it stands alone for heads of at most ``size`` leaves, those of its time."""

    public: bytes
    size: int


@dataclass(frozen=True)
class NoteVerifier:
    """A note key: name, key id and Ed25519 public key; and the keys that the log had before."""

    name: str
    public: bytes
    earlier: tuple[EarlierKey, ...] = ()

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """``name+hex key id+base64(type, key)``, as note verifiers of other projects take it."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> NoteVerifier:
        """Raises ValueError when the text is not an Ed25519 verifier key or its key id is not its own."""
        name, key_id, encoded = vkey.split("+", 2)
        raw = b64decode(encoded, validate=True)
        if not name or raw[:1] != ED25519 or len(raw) != 33:
            raise ValueError("not an Ed25519 note verifier key")
        verifier = cls(name, raw[1:])
        if verifier.key_id.hex() != key_id:
            raise ValueError("the key id is not that of the key")
        return verifier

    def has_been(self, vkey: str) -> bool:
        """Whether this is, or was, the log's key."""
        return vkey == self.vkey or vkey in self._earlier_vkeys()

    @property
    def facts(self) -> dict[str, Any]:
        """``{origin, key}`` and, after a rotation, ``earlier: [{key, size}]``, as the hub publishes it."""
        known = [{"key": vkey, "size": key.size} for vkey, key in zip(self._earlier_vkeys(), self.earlier, strict=True)]
        return {"origin": self.name, "key": self.vkey, **({"earlier": known} if known else {})}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> NoteVerifier:
        """The reverse of ``facts``. Raises ValueError, KeyError or TypeError where it is something else."""
        now = cls.parse(str(facts["key"]))
        earlier = []
        for each in facts.get("earlier") or ():
            then = cls.parse(str(each["key"]))
            if then.name != now.name or type(each["size"]) is not int:
                raise ValueError("an earlier key of another log, or without its size")
            earlier.append(EarlierKey(then.public, each["size"]))
        return cls(now.name, now.public, tuple(earlier))

    def _earlier_vkeys(self) -> list[str]:
        return [NoteVerifier(self.name, key.public).vkey for key in self.earlier]


@dataclass(frozen=True)
class NoteSigner:
    """The log's private key; for a while after a rotation ``also`` the one before, for those who know only that."""

    name: str
    key: NoteKey
    earlier: tuple[EarlierKey, ...] = ()
    also: NoteKey | None = None

    @property
    def verifier(self) -> NoteVerifier:
        return NoteVerifier(self.name, self.key.public_key().public_bytes_raw(), self.earlier)

    def sign(self, text: str) -> str:
        """The whole note: text, blank line, one signature line for each key."""
        keys = [self.key, *([self.also] if self.also is not None else ())]
        return f"{text}\n" + "".join(self._line(key, text) for key in keys)

    def _line(self, key: NoteKey, text: str) -> str:
        key_id = NoteVerifier(self.name, key.public_key().public_bytes_raw()).key_id
        return f"{DASH}{self.name} {b64encode(key_id + key.sign(text.encode())).decode()}\n"


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: origin of the log, number of leaves, root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint without checking signatures. Raises ValueError when it is not one."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures or len(note) > MAX_NOTE:
        raise ValueError("not a signed note")
    lines = text.split("\n")
    if len(lines) < 3 or not all(lines) or not lines[1].isascii() or not lines[1].isdigit():
        raise ValueError("not a checkpoint")
    if str(int(lines[1])) != lines[1] or len(lines[1]) > 18:
        raise ValueError("not a tree size")
    root = b64decode(lines[2], validate=True)
    if len(root) != 32 or b64encode(root).decode() != lines[2]:
        raise ValueError("not a root hash")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, known: Iterable[NoteVerifier], *, of: str | None = None) -> Checkpoint:
    """Read a checkpoint signed by a known key whose name is its origin (or whose origin is ``of``, for texts of the
    same form that are no checkpoints of the log). Raises ValueError when none holds.

    A known key's signature that fails refuses the whole note, as the signed-note specification says.
    """
    checkpoint = parse_checkpoint(note)
    text, _, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if lines.pop() != "" or not lines:
        raise ValueError("the note ends in the middle of a line")
    verifiers: dict[tuple[str, bytes], tuple[bytes, int | None]] = {}
    for one in known:
        verifiers[one.name, one.key_id] = (one.public, None)
        for earlier in one.earlier:
            key_id = NoteVerifier(one.name, earlier.public).key_id
            verifiers.setdefault((one.name, key_id), (earlier.public, earlier.size))
    signed = False
    for line in lines:
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        raw = b64decode(encoded, validate=True)
        if not line.startswith(DASH) or not name or len(raw) < 5:
            raise ValueError("not a signature line")
        if (name, raw[:4]) not in verifiers:
            continue
        public, upto = verifiers[name, raw[:4]]
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], (text + "\n").encode())
        except InvalidSignature:
            raise ValueError(f"the signature of {name} does not hold") from None
        signed_for = (name if of is None else of) == checkpoint.origin
        signed = signed or (signed_for and (upto is None or checkpoint.size <= upto))
    if not signed:
        raise ValueError("not signed by a known key of its log")
    return checkpoint

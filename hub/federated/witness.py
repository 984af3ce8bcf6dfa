"""Cosignatures (C2SP tlog-cosignature): this hub as a witness of its peers' logs, and theirs of its own."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.directory.model import Hub as PeerHub
from federation.errors import PeerFault, PeerRefused
from federation.peer import Peer
from federation.ports import Messenger
from federation.witness import Witnessed, WrongHistory, parse, render
from hub.ledger.ledger import Ledger
from hub.ledger.notes import DASH, NoteVerifier, open_checkpoint, parse_checkpoint
from hub.ledger.tree import consistency_holds
from hub.signing.keys import locked, write_private
from schema.errors import HubError, UsageError

log = logging.getLogger(__name__)
COSIGNATURE = b"\x04"
EVERY = 5.0  # seconds between two rounds of asking for cosignatures


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
        name, _, encoded = vkey.split("+", 2)
        raw = b64decode(encoded, validate=True)
        if raw[:1] != COSIGNATURE or len(raw) != 33:
            raise ValueError("not a cosignature key")
        return cls(name, raw[1:])

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


class Witness:
    """``keys/witness.key`` (mode 600) is this hub's witness key, apart from its log's."""

    def __init__(self, name: str, keys: Path, store: Witnessed) -> None:
        self._key = _open_key(keys / "witness.key")
        self.public = CosignatureKey(name, self._key.public_key().public_bytes_raw())
        self._store = store

    async def add_checkpoint(self, peer: PeerHub, body: bytes) -> dict[str, Any]:
        """``{cosignature}`` or ``{refused, size}``. Raises UsageError for what is no checkpoint of that peer's log."""
        asked = parse(body)
        try:
            verifier = NoteVerifier.from_facts(peer.ledger)
            found = open_checkpoint(asked.note, [verifier])
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"no checkpoint of that hub's log: {error}", hint="see C2SP tlog-checkpoint") from None

        def holds(old: int, new: int, old_root: bytes, new_root: bytes) -> bool:
            return consistency_holds(old, new, old_root, new_root, asked.proof)

        try:
            await asyncio.to_thread(
                self._store.advance, found.origin, asked.old, found.size, found.root, asked.note, holds
            )
        except WrongHistory as wrong:
            if "shrunk" in wrong.message or "forked" in wrong.message:
                log.error("a peer's history is wrong", extra={"fields": {"peer": peer.region, "why": wrong.message}})
            return {"refused": wrong.message, "size": wrong.size}
        return {"cosignature": self._cosign(found.text)}

    def _cosign(self, text: str) -> str:
        stamp = int(time.time())
        signature = self._key.sign(cosigned(stamp, text))
        raw = self.public.key_id + stamp.to_bytes(8, "big") + signature
        return f"{DASH}{self.public.name} {b64encode(raw).decode()}\n"


class Cosigners:
    """Asks the peers to cosign this hub's newest checkpoint and keeps what they sign beside it."""

    def __init__(self, ledger: Ledger, messenger: Messenger, peers: Callable[[], Mapping[str, Peer]]) -> None:
        self._ledger = ledger
        self._messenger = messenger
        self._peers = peers
        self._acknowledged: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled."""
        seen = 0
        while True:
            await asyncio.sleep(EVERY)
            try:
                note = await asyncio.to_thread(self._ledger.reader.checkpoint)
                if note is None or parse_checkpoint(note).size == seen:
                    continue
                seen = parse_checkpoint(note).size
                await asyncio.gather(*(self._ask(peer, note) for peer in self._peers().values()))
            except HubError as error:
                log.info("cosignatures", extra={"fields": {"fault": error.code}})
            except Exception:
                log.exception("cosignatures")

    async def _ask(self, peer: Peer, note: str) -> None:
        size = parse_checkpoint(note).size
        vkey = peer.hub.ledger.get("witness")
        if not vkey:
            return
        try:
            witness = CosignatureKey.parse(str(vkey))
            for _ in range(2):
                old = self._acknowledged.get(peer.hub.region, 0)
                proof = await asyncio.to_thread(self._ledger.reader.consistency, old, size) if 0 < old < size else []
                answer = await self._send(peer, render(old, proof, note))
                if "cosignature" in answer:
                    line = str(answer["cosignature"]).rstrip("\n")
                    text = note.rpartition("\n\n")[0] + "\n"
                    witness.check(line, text)
                    await asyncio.to_thread(self._ledger.reader.add_cosignature, size, line + "\n")
                    self._acknowledged[peer.hub.region] = size
                    return
                self._acknowledged[peer.hub.region] = int(answer.get("size", 0))
                if self._acknowledged[peer.hub.region] > size:
                    log.error(
                        "a witness has seen more than this log holds", extra={"fields": {"peer": peer.hub.region}}
                    )
                    return
        except (PeerFault, ValueError, TypeError) as fault:
            log.info("cosignature", extra={"fields": {"peer": peer.hub.region, "fault": str(fault)[:200]}})

    async def _send(self, peer: Peer, body: bytes) -> Mapping[str, Any]:
        deadline = asyncio.get_running_loop().time() + 5
        request, response = await peer.send("POST", "/federation/witness", body, asker=None, deadline=deadline)
        if response.status != 200:
            raise PeerRefused("witness", str(response.status))
        self._messenger.check(peer.hub, request, response)
        answer = orjson.loads(response.body)
        if not isinstance(answer, dict):
            raise PeerRefused("witness", "not as asked")
        return answer


def _open_key(path: Path) -> Ed25519PrivateKey:
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            write_private(path, Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())

"""Cosignatures (C2SP tlog-cosignature): this hub as a witness of its peers' logs."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import SQLAlchemyError

from federation.directory.model import Hub as PeerHub
from federation.witness import Witnessed, WrongHistory, parse
from hub.ledger.cosignatures import CosignatureKey, cosign
from hub.ledger.notes import NoteVerifier, open_checkpoint
from hub.ledger.tree import consistency_holds
from hub.signing.keys import locked, write_private
from schema.errors import LedgerUnavailable, UsageError

log = logging.getLogger(__name__)


class Witness:
    """``keys/witness.key`` (mode 600) is this hub's witness key, apart from its log's."""

    def __init__(self, name: str, keys: Path, store: Witnessed) -> None:
        self._key = _open_key(keys / "witness.key")
        self.public = CosignatureKey(name, self._key.public_key().public_bytes_raw())
        self._store = store

    async def add_checkpoint(self, peer: PeerHub, body: bytes) -> dict[str, Any]:
        """``{cosignature}`` or ``{refused, size}``. Raises UsageError for what is no checkpoint of that peer's log."""
        try:
            verifier = NoteVerifier.from_facts(peer.ledger)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"no checkpoint of that hub's log: {error}", hint="see C2SP tlog-checkpoint") from None
        try:
            return {"cosignature": await self.cosign(verifier, body, peer.region)}
        except WrongHistory as wrong:
            return {"refused": wrong.message, "size": wrong.size}

    async def cosign(self, verifier: NoteVerifier, body: bytes, whose: str) -> str:
        """The cosignature line for an ``add-checkpoint`` request about a log. Raises UsageError for what is no
        checkpoint of that log, WrongHistory for one that does not continue the last seen, LedgerUnavailable."""
        asked = parse(body)
        try:
            found = open_checkpoint(asked.note, [verifier])
        except ValueError as error:
            raise UsageError(f"no checkpoint of that hub's log: {error}", hint="see C2SP tlog-checkpoint") from None

        def holds(old: int, new: int, old_root: bytes, new_root: bytes) -> bool:
            return consistency_holds(old, new, old_root, new_root, asked.proof)

        try:
            await asyncio.to_thread(
                self._store.advance, found.origin, asked.old, found.size, found.root, asked.note, holds
            )
        except WrongHistory as wrong:
            if "shrunk" in wrong.message or "forked" in wrong.message:
                log.error("a peer's history is wrong", extra={"fields": {"peer": whose, "why": wrong.message}})
            raise
        except SQLAlchemyError as fault:  # says nothing of the peer's history
            log.warning("nothing cosigned", extra={"fields": {"peer": whose, "fault": type(fault).__name__}})
            raise LedgerUnavailable(
                "nothing is cosigned: the witness's own store does not answer", hint="ask again later"
            ) from None
        return cosign(self._key, self.public, found.text, int(time.time()))

    def last(self, origin: str) -> str | None:
        """Blocking. The newest checkpoint cosigned of a log."""
        return self._store.note(origin)


def _open_key(path: Path) -> Ed25519PrivateKey:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            write_private(path, Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())

"""Entries and checks shared by the ledger's tests."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from pymerkle import InclusionProof, verify_inclusion
from pymerkle.core import _inclusion_path_layout

from hub.ledger import Entry, Ledger
from hub.ledger.notes import open_checkpoint
from hub.ledger.receipts import leaf_data
from hub.ledger.tree import leaf_hash
from hub.signing import content_digest
from schema.caller import Caller

BANK = Caller("bank", frozenset({"credit:loan"}), purpose="loan", case="案-1", jkt="thumb")


def entry(
    caller: Caller = BANK, *, jti: str | None = None, subject: str | None = None, discloses: Sequence[str] = ()
) -> Entry:
    return Entry(
        "read",
        caller,
        content_digest(b"question"),
        content_digest(b"answer"),
        "v1",
        subject=subject,
        jti=uuid.uuid4().hex if jti is None else jti,
        jti_expires=int(time.time()) + 60,
        discloses=discloses,
    )


async def proven(ledger: Ledger, receipt_id: str, seconds: float = 3.0) -> dict[str, Any]:
    """The proof of a receipt once a checkpoint covers it, checked with pymerkle."""
    deadline = time.monotonic() + seconds
    while True:
        found = await asyncio.to_thread(ledger.reader.proof, receipt_id)
        if found is not None and found.proof is not None and found.checkpoint is not None:
            break
        assert time.monotonic() < deadline, "no checkpoint covered the receipt in time"
        await asyncio.sleep(0.02)
    check_with_pymerkle(ledger, found.receipt, found.proof, found.checkpoint)
    return {"receipt": found.receipt, "proof": found.proof, "checkpoint": found.checkpoint}


def check_with_pymerkle(ledger: Ledger, receipt: str, proof: dict[str, Any], checkpoint: str) -> None:
    head = open_checkpoint(checkpoint, [ledger.verifier])
    assert head.size == proof["size"]
    leaf = leaf_hash(leaf_data(b64decode(proof["salt"]), receipt))
    index, size = proof["index"] + 1, proof["size"]
    rule, _ = _inclusion_path_layout(index, size)
    path = [leaf, *(b64decode(one) for one in proof["hashes"])]
    theirs = InclusionProof("sha256", True, size, index, rule, path)
    verify_inclusion(leaf, head.root, theirs, index=index, size=size)


def claims(jws: str) -> dict[str, Any]:
    payload = jws.split(".")[1]
    found: dict[str, Any] = json.loads(b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_"))
    return found

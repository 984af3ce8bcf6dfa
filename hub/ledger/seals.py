"""Checkpoints in the database form a chain: each row names the one before, and the log's key signs the whole row.

So no row can be changed, left out or put in by SQL alone, cosignatures of witnesses included. The signed text has the
form of a checkpoint with an origin of its own, which no reader takes for a checkpoint of the log.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from hub.ledger.notes import NoteSigner, NoteVerifier, open_checkpoint
from hub.ledger.tables import checkpoints

SUFFIX = "/stored"


def sealed_text(name: str, row: Mapping[str, Any]) -> str:
    """What the seal of a row is over."""
    parts = [row["size"], row["previous"], row["created_us"]]
    body = "\n".join(str(part) for part in parts).encode() + b"\n" + bytes(row["root"]) + row["note"].encode()
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    return f"{name}{SUFFIX}\n{row['size']}\n{digest}\n"


def seal(signer: NoteSigner, row: Mapping[str, Any]) -> str:
    return signer.sign(sealed_text(signer.name, row))


def holds(verifier: NoteVerifier, row: Mapping[str, Any]) -> bool:
    """Whether the row is as the log's key sealed it."""
    text = sealed_text(verifier.name, row)
    if not row["seal"] or not row["seal"].startswith(text + "\n"):
        return False
    try:
        open_checkpoint(row["seal"], [verifier], of=f"{verifier.name}{SUFFIX}")
    except ValueError:
        return False
    return True


def reseal(connection: Connection, signer: NoteSigner, upto: int) -> None:
    """Seal the rows up to a size whose predecessor is another one now, in the transaction that changed them."""
    query = select(checkpoints).where(checkpoints.c.size <= upto).order_by(checkpoints.c.size)
    before = 0
    for row in connection.execute(query).mappings().all():
        if row["previous"] != before or row["seal"] is None:
            store(connection, signer, {**row, "previous": before})
        before = row["size"]


def store(connection: Connection, signer: NoteSigner, row: Mapping[str, Any]) -> None:
    """Write a changed row with a seal of its own."""
    connection.execute(
        update(checkpoints)
        .where(checkpoints.c.size == row["size"])
        .values(previous=row["previous"], note=row["note"], seal=seal(signer, row))
    )

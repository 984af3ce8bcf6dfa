"""Going on knowingly after the memory of the log's head was lost, or its database restored from a backup."""

from __future__ import annotations

from sqlalchemy import select

from hub.ledger.database import Database
from hub.ledger.identity import open_identity
from hub.ledger.last_head import LastHead
from hub.ledger.notes import open_checkpoint
from hub.ledger.tables import checkpoints
from hub.settings import Settings
from schema.errors import Refused


def accept_head(settings: Settings, size: int) -> str | None:
    """Blocking. Remember the database's own head of this size as the newest; what was remembered before. The log was
    verified before. Raises Refused when the database has no such head."""
    head, database = LastHead(settings), Database(settings)
    before = head.read()
    try:
        with database.read() as connection:
            note = connection.scalar(select(checkpoints.c.note).where(checkpoints.c.size == size))
    finally:
        database.close()
    if note is None:
        raise Refused("the database has no head of that size", hint="see credit-hub ledger verify")
    open_checkpoint(note, [open_identity(settings).verifier])
    head.write(note)
    return before

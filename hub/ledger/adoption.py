"""Taking over the log of an earlier version: what it has erased and marked without naming each row is named once.

It is done once in the life of a log, and a file beside the database tells that it was: detail that is gone later is
not taken for detail erased before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from hub.ledger.changes import append, digest_of_erasures, digest_of_marks
from hub.ledger.erasure import WHOLE
from hub.ledger.notes import NoteSigner
from hub.ledger.receipts import STATUSES, Row
from hub.ledger.seals import reseal
from hub.ledger.tables import checkpoints, details, entries, erased, marks

BECAUSE = "before this version of the log"


def adopt(connection: Connection, signer: NoteSigner, note: Callable[[str, Mapping[str, Any]], Row]) -> None:
    """Log what an earlier version erased and marked, and seal its checkpoints."""
    query = select(entries).join(details, details.c.id == entries.c.id, isouter=True).where(details.c.id.is_(None))
    gone = [
        {**{name: row[name] for name in ("id", "leaf", "kind", "recorded_us")}, "fields": WHOLE, "commitment": None}
        for row in connection.execute(query.order_by(entries.c.id)).mappings()
    ]
    if gone:
        made = note("details-erased", {"entries": len(gone), "because": BECAUSE, "digest": digest_of_erasures(gone)})
        append(connection, made)
        connection.execute(insert(erased), [{"note": made.receipt.id, **row} for row in gone])
    changed = select(entries.c.id, entries.c.status, entries.c.changed_us).where(entries.c.status > 0)
    marked = [
        {**row, "changed_us": row["changed_us"] or 0}
        for row in connection.execute(changed.order_by(entries.c.id)).mappings()
    ]
    if marked:
        detail = {"status": STATUSES[1:], "receipts": len(marked), "because": BECAUSE}
        made = note("receipts-marked", {**detail, "digest": digest_of_marks(marked)})
        append(connection, made)
        connection.execute(insert(marks), [{"note": made.receipt.id, **row} for row in marked])
    newest = connection.scalar(select(func.max(checkpoints.c.size)))
    if newest is not None:
        reseal(connection, signer, newest)

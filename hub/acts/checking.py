"""Whether the journal is what its receipts say: every row against the ledger's entry that it was committed with."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hub.acts.journal import Journal, act_digest
from hub.acts.tables import acts
from hub.ledger.tables import details

PAGE = 2_000


@dataclass(slots=True)
class Checked:
    """``faults``: ``{receipt, reason}``, with ``act_changed`` or ``receipt_missing``."""

    acts: int = 0
    receipts: int = 0
    faults: list[dict[str, str]] = field(default_factory=list)


async def check_acts(journal: Journal) -> Checked:
    """Raises LedgerUnavailable."""
    return await journal.ledger.store.read(_check)


def _check(connection: Connection) -> Checked:
    found = Checked()
    for receipt, rows in groupby(_rows(connection), key=lambda row: str(row["receipt"])):
        kept = list(rows)
        found.acts += len(kept)
        found.receipts += 1
        jws = connection.scalar(select(details.c.receipt).where(details.c.id == receipt))
        if jws is None:
            found.faults.append({"receipt": receipt, "reason": "receipt_missing"})
        elif _claims(jws).get("answer_digest") != act_digest(kept):
            found.faults.append({"receipt": receipt, "reason": "act_changed"})
    return found


def _claims(jws: str) -> Any:
    part = jws.split(".")[1]
    return orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        query = select(acts).where(acts.c.seq > after).order_by(acts.c.seq).limit(PAGE)
        rows = connection.execute(query).mappings().all()
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1]["seq"]

"""Later changes to what the log says: marking receipts, erasing personal detail, values that work once, noting keys.

Each is a function over a connection, run by the writing thread in one transaction. None touches a leaf, and each
writes an entry that commits to every row it changed, so that a change made by SQL alone has no entry to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.ledger.database import Database
from hub.ledger.disclosures import disclosed_key, spread
from hub.ledger.receipts import REVOKED, STATUSES, SUPERSEDED, Row
from hub.ledger.tables import details, disclosed, entries, marks, noted_keys, seen
from hub.signing.digests import content_digest
from schema.errors import UsageError
from schema.times import now_us

CHUNK = 400  # parameters of one IN list


def chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = list(items)
    for start in range(0, len(rest), CHUNK):
        yield rest[start : start + CHUNK]


def append(connection: Connection, row: Row) -> None:
    """One more entry, in the transaction of the change that it tells of."""
    connection.execute(insert(entries), [row.entry])
    connection.execute(insert(details), [row.detail])


def mark(
    connection: Connection,
    database: Database,
    status: str,
    identifiers: Iterable[str],
    before_us: int,
    note: Callable[[Mapping[str, Any]], Row],
) -> int:
    """Mark the receipts issued before an instant that told of any of these; how many changed. ``note`` makes the entry
    that tells of it, whose detail commits to every mark.

    A status only ever moves on: VALID, SUPERSEDED, REVOKED. Raises UsageError for another status.
    """
    if status not in (SUPERSEDED, REVOKED):
        raise UsageError(f"a receipt cannot become {status}", hint=f"allowed: {SUPERSEDED} {REVOKED}")
    level = STATUSES.index(status)
    spread(connection, database)
    found: set[str] = set()
    for keys in chunks(sorted({disclosed_key(identifier) for identifier in identifiers})):
        told = select(disclosed.c.id).where(disclosed.c.key.in_(keys))
        query = select(entries.c.id)
        query = query.where(entries.c.id.in_(told), entries.c.status < level, entries.c.recorded_us < before_us)
        found.update(connection.scalars(query))
    if found:
        now = now_us()
        rows = [{"id": one, "status": level, "changed_us": now} for one in sorted(found)]
        row = note({"status": status, "receipts": len(rows), "digest": digest_of_marks(rows)})
        append(connection, row)
        connection.execute(insert(marks), [{"note": row.receipt.id, **one} for one in rows])
        for some in chunks(sorted(found)):
            connection.execute(update(entries).where(entries.c.id.in_(some)).values(status=level, changed_us=now))
    return len(found)


def digest_of_marks(rows: Iterable[Mapping[str, Any]]) -> str:
    """What the entry of a marking commits to: every receipt with its new status and the time."""
    return _digest(f"{row['id']} {row['status']} {row['changed_us']}" for row in rows)


def digest_of_erasures(rows: Iterable[Mapping[str, Any]]) -> str:
    """What the entry of an erasure commits to: what was erased of which entry, and what of that entry stays."""
    return _digest(
        f"{row['id']} {row['fields']} {bytes(row['leaf']).hex()} {row['kind']} {row['recorded_us']} "
        f"{row['commitment'] or ''}"
        for row in rows
    )


def _digest(lines: Iterable[str]) -> str:
    return content_digest("".join(f"{line}\n" for line in sorted(lines)).encode())


def remember(connection: Connection, database: Database, key: bytes, expires: int) -> bool:
    """True when the value is new; it is then used up until ``expires`` (Unix seconds)."""
    statement = database.insert(seen).on_conflict_do_nothing().returning(seen.c.key)
    return connection.execute(statement, [{"key": key, "expires": expires}]).first() is not None


def note_key(connection: Connection, database: Database, kid: str, exp: int, row: Row) -> bool:
    """Log a key (or its new end) once, whichever process comes first."""
    statement = database.insert(noted_keys).on_conflict_do_nothing().returning(noted_keys.c.kid)
    if connection.execute(statement, [{"kid": kid, "exp": exp}]).first() is None:
        return False
    append(connection, row)
    return True

"""Later changes to what the log says: marking receipts, erasing personal detail, values that work once, noting keys.

Each is a function over a connection, run by the writing thread in one transaction. None touches a leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from hub.ledger.database import Database
from hub.ledger.disclosures import disclosed_key, spread
from hub.ledger.receipts import REVOKED, STATUSES, SUPERSEDED, Row
from hub.ledger.tables import details, disclosed, entries, noted_keys, seen
from schema.errors import UsageError

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
    connection: Connection, database: Database, status: str, identifiers: Iterable[str], before_us: int, now_us: int
) -> int:
    """Mark the receipts issued before an instant that told of any of these; how many changed.

    A status only ever moves on: VALID, SUPERSEDED, REVOKED. Raises UsageError for another status.
    """
    if status not in (SUPERSEDED, REVOKED):
        raise UsageError(f"a receipt cannot become {status}", hint=f"allowed: {SUPERSEDED} {REVOKED}")
    level = STATUSES.index(status)
    spread(connection, database)
    changed = 0
    for keys in chunks(sorted({disclosed_key(identifier) for identifier in identifiers})):
        told = select(disclosed.c.id).where(disclosed.c.key.in_(keys))
        result = connection.execute(
            update(entries)
            .where(entries.c.id.in_(told), entries.c.status < level, entries.c.recorded_us < before_us)
            .values(status=level, changed_us=now_us)
        )
        changed += result.rowcount
    return changed


def erase(
    connection: Connection,
    database: Database,
    *,
    subject: str | None,
    client: str | None,
    before_us: int,
    ids: Sequence[str] = (),
) -> int:
    """Erase the personal detail of entries; how many. Their leaves, places and statuses stay, so the tree does too."""
    wanted = []
    spread(connection, database)
    if subject is not None:
        told = select(disclosed.c.id).where(disclosed.c.key == disclosed_key(subject))
        wanted.append(or_(details.c.subject == subject, details.c.id.in_(told)))
    if client is not None:
        wanted.append(details.c.client == client)
    if ids:
        wanted.append(details.c.id.in_(list(ids)))
    if not wanted:
        raise UsageError("nothing is named to erase", hint="give a subject, a client or receipt ids")
    old = select(entries.c.id).where(entries.c.recorded_us < before_us)
    found = connection.scalars(select(details.c.id).where(and_(*wanted), details.c.id.in_(old))).all()
    for some in chunks(found):
        connection.execute(delete(disclosed).where(disclosed.c.id.in_(some)))
        connection.execute(delete(details).where(details.c.id.in_(some)))
    return len(found)


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

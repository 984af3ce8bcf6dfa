"""What answers told of, to be found by record id and subject code.

An entry carries the keys of what it told of in one value. They are spread into the table that is searched when the
entry takes its place in the tree, in the same transaction: each key belongs on another page of that table, which is
too much for a commit that an answer waits for. So what has no place yet is looked at besides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Select, select

from hub.ledger.database import Database
from hub.ledger.tables import details, disclosed, entries

KEY = 16


def disclosed_key(identifier: str) -> bytes:
    return hashlib.sha256(b"disclosed\x00" + identifier.encode("utf-8", "surrogatepass")).digest()[:KEY]


def pack(identifiers: Iterable[str]) -> bytes | None:
    """The keys of what an answer told of, as one value; None for nothing."""
    return b"".join(sorted({disclosed_key(identifier) for identifier in identifiers})) or None


def unpack(value: bytes) -> list[bytes]:
    return [value[start : start + KEY] for start in range(0, len(value), KEY)]


def waiting() -> Select[tuple[str, bytes]]:
    """Ids and packed keys of the entries that have no place in the tree yet."""
    query = select(details.c.id, details.c.disclosed).join(entries, entries.c.id == details.c.id)
    return query.where(entries.c.idx.is_(None), details.c.disclosed.is_not(None)).order_by(entries.c.id)


def spread(connection: Connection, database: Database, ids: Collection[str] | None = None) -> None:
    """Make the entries that have no place yet (or only those of ``ids``) found by what they told of."""
    rows = connection.execute(waiting()).all()
    found = [(key, row.id) for row in rows if ids is None or row.id in ids for key in unpack(bytes(row.disclosed))]
    if found:
        # in one order, so that two processes that spread at once never wait for each other in a circle
        values = [{"key": key, "id": identifier} for key, identifier in sorted(found)]
        connection.execute(database.insert(disclosed).on_conflict_do_nothing(), values)


def told_while_waiting(connection: Connection, keys: Collection[bytes]) -> list[str]:
    """Entries without a place yet that told of any of these."""
    wanted = set(keys)
    return [row.id for row in connection.execute(waiting()) if not wanted.isdisjoint(unpack(bytes(row.disclosed)))]

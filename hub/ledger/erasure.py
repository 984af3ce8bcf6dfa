"""Erasing personal detail: whole entries or single fields, with the tree, the other fields and every proof intact.

What is erased is named by an entry of the log that commits to it, so that detail which is simply gone is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, or_, select, update

from hub.ledger import fields
from hub.ledger.changes import append, chunks, digest_of_erasures
from hub.ledger.database import Database
from hub.ledger.disclosures import disclosed_key, spread
from hub.ledger.receipts import Row
from hub.ledger.tables import details, disclosed, entries, erased
from hub.signing.suites import unb64u
from schema.errors import UsageError

WHOLE = "*"
ERASABLE = tuple(name for name in fields.FIELDS if name not in fields.PERMANENT)
NOTES = ("details-erased", "receipts-marked", "signing-key", "log-key")  # what the log says of itself


@dataclass(frozen=True, slots=True)
class Erasure:
    """What to erase. ``fields`` empty: the whole detail. ``before_us``: only entries recorded before that instant."""

    before_us: int
    subject: str | None = None
    client: str | None = None
    ids: Sequence[str] = ()
    fields: Sequence[str] = ()

    def check(self) -> None:
        """Raises UsageError for what names nothing, or no field."""
        if self.subject is None and self.client is None and not self.ids:
            raise UsageError("nothing is named to erase", hint="give a subject, a client or receipt ids")
        for name in self.fields:
            if name not in ERASABLE:
                raise UsageError(f"{name} is no field that can be erased", hint="one of " + " ".join(ERASABLE))


def erase(connection: Connection, database: Database, wanted: Erasure, note: Callable[[Mapping[str, Any]], Row]) -> int:
    """Erase and log it; how many entries. ``note`` makes the entry that tells of it. Raises UsageError."""
    wanted.check()
    spread(connection, database)
    found = _find(connection, wanted)
    names = tuple(name for name in fields.FIELDS if name in wanted.fields)
    rows = [_erased_row(row, names) for row in found]
    made = note({"entries": len(rows), "digest": digest_of_erasures(rows)})
    append(connection, made)
    if rows:
        connection.execute(insert(erased), [{"note": made.receipt.id, **row} for row in rows])
    if names:
        for row in found:
            _erase_fields(connection, row, names)
        return len(rows)
    for some in chunks(row["id"] for row in rows):
        connection.execute(delete(disclosed).where(disclosed.c.id.in_(some)))
        connection.execute(delete(details).where(details.c.id.in_(some)))
    return len(rows)


def _find(connection: Connection, wanted: Erasure) -> list[Mapping[str, Any]]:
    named = []
    if wanted.subject is not None:
        told = select(disclosed.c.id).where(disclosed.c.key == disclosed_key(wanted.subject))
        named.append(or_(details.c.subject == wanted.subject, details.c.id.in_(told)))
    if wanted.client is not None:
        named.append(details.c.client == wanted.client)
    columns = (entries.c.id, entries.c.kind, entries.c.recorded_us, entries.c.leaf)
    query = (
        select(*columns, *(column for column in details.c if column.name != "id"))
        .join(details, details.c.id == entries.c.id)
        .where(*named, entries.c.recorded_us < wanted.before_us, entries.c.kind.not_in(NOTES))
        .order_by(entries.c.id)
    )
    if not wanted.ids:
        return [row._asdict() for row in connection.execute(query)]
    some = chunks(dict.fromkeys(wanted.ids))
    return [row._asdict() for ids in some for row in connection.execute(query.where(entries.c.id.in_(ids)))]


def _erased_row(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("id", "leaf", "kind", "recorded_us")}
    return {**kept, "fields": ",".join(names) or WHOLE, "commitment": _commitment(row)}


def _commitment(row: Mapping[str, Any]) -> str | None:
    """Over all fields, as the receipt carries it; None for an entry of an earlier version."""
    if row["salts"] is None:
        return None
    parts = fields.commitments(fields.values_of(row), bytes(row["salts"]), fields.unpack_gone(row["gone"]))
    return fields.joined(parts)


def _erase_fields(connection: Connection, row: Mapping[str, Any], names: Sequence[str]) -> None:
    changed: dict[str, Any] = {fields.COLUMNS.get(name, name): None for name in names}
    if row["salts"] is not None:
        salts = bytes(row["salts"])
        gone = fields.unpack_gone(row["gone"])
        parts = dict(zip(fields.FIELDS, fields.commitments(fields.values_of(row), salts, gone), strict=True))
        gone.update({name: parts[name] for name in names})
        changed |= {"gone": fields.pack_gone(gone), "salts": fields.without(salts, names)}
    if not fields.IN_RECEIPT.isdisjoint(names):
        changed |= {"salt": None, "receipt": None}  # what the receipt says, or lets one find by trying
    connection.execute(update(details).where(details.c.id == row["id"]).values(**changed))
    if "disclosed" in names:
        connection.execute(delete(disclosed).where(disclosed.c.id == row["id"]))


def receipt_claims(receipt: str | None) -> dict[str, Any]:
    """What a receipt says, unchecked; empty for none or a garbled one."""
    try:
        claims = orjson.loads(unb64u((receipt or "").split(".")[1]))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}

"""A part of the log for an auditor: every entry of a time, opened, each with its proof into one cosigned head."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from sqlalchemy import Connection, func, select

from hub.ledger.database import Database
from hub.ledger.fields import FIELDS
from hub.ledger.reading import Wanted, shown, witnessed_head
from hub.ledger.sequencer import read_tile
from hub.ledger.tables import details, entries
from hub.ledger.tiles import nodes
from hub.ledger.tree import inclusion_proof
from schema.errors import Refused
from schema.times import us_to_iso

TYP = "credit-hub-ledger-export"


def export(database: Database, from_us: int, to_us: int, wanted: Wanted) -> dict[str, Any]:
    """Blocking. From the first entry recorded at or after ``from_us`` to the last before ``to_us`` (microseconds), with
    all between: places are without gaps, so that nothing can be left out unseen. Raises Refused for none."""
    with database.read() as connection:
        time, place = entries.c.recorded_us, entries.c.idx
        span = select(func.min(place), func.max(place)).where(place.is_not(None), time >= from_us, time < to_us)
        first, last = connection.execute(span).one()
        if first is None:
            raise Refused("no entry of the log is of that time", hint="give another --from and --to")
        head = witnessed_head(connection, last, wanted)
        if head is None:
            raise Refused("no checkpoint covers these entries yet", hint="try again in a second")
        node = nodes(read_tile(connection))
        rows = [
            {**row, "hashes": [b64encode(one).decode() for one in inclusion_proof(node, row["index"], head.size)]}
            for row in _rows(connection, first, last)
        ]
    return {
        "typ": TYP,
        "from": us_to_iso(from_us),
        "to": us_to_iso(to_us),
        "size": head.size,
        "checkpoint": head.note,
        "entries": rows,
    }


def _rows(connection: Connection, first: int, last: int) -> list[dict[str, Any]]:
    query = select(entries, *(column for column in details.c if column.name != "id")).join(
        details, details.c.id == entries.c.id, isouter=True
    )
    query = query.where(entries.c.idx >= first, entries.c.idx <= last).order_by(entries.c.idx)
    found = []
    for one in connection.execute(query):
        row = one._asdict()
        made = {"index": row["idx"], "id": row["id"], "leaf": b64encode(bytes(row["leaf"])).decode()}
        if row["receipt"] is not None and row["salt"] is not None:
            made |= {"salt": b64encode(bytes(row["salt"])).decode(), "receipt": row["receipt"]}
        if row["salts"] is not None:
            opened = {**row, "recorded": str(row["recorded_us"])}
            made["fields"] = shown(opened, FIELDS)
        found.append(made)
    return found

"""The local copy of what a neighbour told: applied entry by entry, never past a gap, a fork or a bad signature."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as _pg_insert
from sqlalchemy.dialects.sqlite import insert as _sqlite_insert

from federation.errors import BadSignature
from federation.feed.tables import copies, digests, metadata, positions
from federation.feed.writer import entry_hash
from schema import times
from schema.sql_tables import create_missing


class FeedGap(BadSignature):
    """Entries are missing, or do not follow from what was told before. The copy stays as it was."""


@dataclass(frozen=True, slots=True)
class Position:
    epoch: str
    seq: int
    hash: str
    synced_us: int


@dataclass(frozen=True, slots=True)
class Copied:
    fact: Mapping[str, Any]
    jws: str


CheckEntry = Callable[[str], Mapping[str, Any]]


class Copies:
    """Synchronous: run it in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_missing(engine, metadata)

    def position(self, region: str) -> Position | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(positions).where(positions.c.region == region)).first()
        return Position(row.epoch, row.seq, row.hash, row.synced_us) if row else None

    def apply_delta(self, region: str, page: Mapping[str, Any], check: CheckEntry) -> list[Mapping[str, Any]]:
        """The entries applied, in order. Raises FeedGap or BadSignature and leaves the copy as it was."""
        with self._engine.begin() as connection:
            row = connection.execute(select(positions).where(positions.c.region == region)).first()
            if row is None or row.epoch != page["epoch"]:
                raise FeedGap("feed", "the page does not follow the copy")
            seq, prev, applied = row.seq, row.hash, []
            for jws in page["entries"]:
                entry = _entry(check(jws), region, page["epoch"])
                if entry["seq"] != seq + 1 or entry.get("prev") != prev:
                    raise FeedGap("feed gap", f"after {seq}")
                seq, prev = entry["seq"], entry_hash(jws)
                applied.append(entry)
            _put(connection, region, applied, page["entries"])
            head = page["head"]
            if head["seq"] < seq or (head["seq"] == seq and head["hash"] != prev):
                raise FeedGap("feed fork", f"at {seq}")
            connection.execute(
                update(positions)
                .where(positions.c.region == region)
                .values(seq=seq, hash=prev, synced_us=times.now_us())
            )
        return applied

    def begin_snapshot(self, region: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(copies).where(copies.c.region == _draft(region)))

    def add_snapshot(self, region: str, page: Mapping[str, Any], check: CheckEntry) -> None:
        """One page into the draft; the copy in use stays until ``finish_snapshot``."""
        entries = [_entry(check(jws), region, page["epoch"]) for jws in page["entries"]]
        if any(entry["op"] != "PUT" for entry in entries):
            raise BadSignature("feed entry", "a snapshot holds facts only")
        with self._engine.begin() as connection:
            _put(connection, _draft(region), entries, page["entries"])

    def finish_snapshot(
        self, region: str, epoch: str, head: Mapping[str, Any], synced_us: int
    ) -> list[Mapping[str, Any]]:
        """``synced_us``: when the snapshot was begun, since it speaks for then.

        Returns what it says otherwise than the copy that it replaces, in the form of entries (``op id code``): the
        entries that told of it were missed, and with them whether a decision was void. Nothing for a first snapshot.
        """
        at = {"epoch": epoch, "seq": head["seq"], "hash": head["hash"], "synced_us": synced_us}
        with self._engine.begin() as connection:
            known = connection.execute(select(positions.c.seq).where(positions.c.region == region)).first()
            missed = _missed(connection, region) if known else []
            connection.execute(delete(copies).where(copies.c.region == region))
            connection.execute(update(copies).where(copies.c.region == _draft(region)).values(region=region))
            connection.execute(delete(positions).where(positions.c.region == region))
            connection.execute(insert(positions).values(region=region, **at))
        return missed

    def held(self, region: str, codes: Sequence[str]) -> dict[str, list[Copied]]:
        found: dict[str, list[Copied]] = {code: [] for code in codes}
        with self._engine.connect() as connection:
            for start in range(0, len(codes), 500):
                part = codes[start : start + 500]
                query = select(copies.c.code, copies.c.jws).where(copies.c.region == region, copies.c.code.in_(part))
                for row in connection.execute(query.order_by(copies.c.seq)):
                    found[row.code].append(Copied(_payload(row.jws)["fact"], row.jws))
        return found

    def count(self, region: str) -> int:
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(copies).where(copies.c.region == region)
            return int(connection.execute(query).scalar_one())

    def keep_digest(self, region: str, statement: str, data: bytes, received_us: int) -> None:
        with self._engine.begin() as connection:
            upsert = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
            values = {"statement": statement, "filter": data, "received_us": received_us}
            made = upsert(digests).values(region=region, **values)
            connection.execute(made.on_conflict_do_update(index_elements=["region"], set_=values))

    def digest(self, region: str) -> tuple[str, bytes, int] | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(digests).where(digests.c.region == region)).first()
        return (row.statement, row.filter, row.received_us) if row else None

    def digest_received(self, region: str) -> int | None:
        """When the digest came in, microseconds; cheap, since the filter stays where it is."""
        with self._engine.connect() as connection:
            found: int | None = connection.execute(
                select(digests.c.received_us).where(digests.c.region == region)
            ).scalar()
        return found


def _put(connection: Connection, region: str, entries: Sequence[Mapping[str, Any]], signed: Sequence[str]) -> None:
    """What entries, in order, come to: for each fact its last word."""
    last: dict[str, dict[str, Any] | None] = {}
    for entry, jws in zip(entries, signed, strict=True):
        if entry["op"] == "PUT":
            last[entry["id"]] = {"id": entry["id"], "code": entry["code"], "seq": entry["seq"], "jws": jws}
        elif entry["op"] == "DROP":
            last[entry["id"]] = None
    if last:
        gone = delete(copies).where(copies.c.region == region, copies.c.id == bindparam("named"))
        connection.execute(gone, [{"named": one} for one in last])
    if rows := [{"region": region, **row} for row in last.values() if row is not None]:
        connection.execute(insert(copies), rows)


def _missed(connection: Connection, region: str) -> list[Mapping[str, Any]]:
    """How the draft differs from the copy in use. A fact that still holds has kept its entry, unless the feed has
    begun anew: then its words are compared."""
    old, new = copies.alias("old"), copies.alias("new")
    in_old, in_new = old.c.region == region, new.c.region == _draft(region)
    same = old.c.id == new.c.id
    gone = select(old.c.id, old.c.code).where(in_old, ~select(new.c.id).where(in_new, same).exists())
    fresh = select(new.c.id, new.c.code).where(in_new, ~select(old.c.id).where(in_old, same).exists())
    signed_anew = select(new.c.id, new.c.code, old.c.jws.label("before"), new.c.jws.label("now")).where(
        in_old, in_new, same, old.c.jws != new.c.jws
    )
    missed: list[Mapping[str, Any]] = [
        {"op": op, "id": row.id, "code": row.code}
        for op, query in (("DROP", gone), ("PUT", fresh))
        for row in connection.execute(query)
    ]
    for row in connection.execute(signed_anew):
        if _payload(row.before)["fact"] != _payload(row.now)["fact"]:
            missed.append({"op": "PUT", "id": row.id, "code": row.code})
    return missed


def _draft(region: str) -> str:
    """Where a snapshot is gathered: no region's code begins with a letter."""
    return "d" + region[:5]


def _entry(claims: Mapping[str, Any], region: str, epoch: str) -> Mapping[str, Any]:
    right = (
        claims.get("region") == region
        and claims.get("epoch") == epoch
        and type(claims.get("seq")) is int
        and claims.get("op") in ("PUT", "DROP", "KEY", "RECEIPT")
        and isinstance(claims.get("id"), str)
        and isinstance(claims.get("code"), str)
        and (claims["op"] != "PUT" or isinstance(claims.get("fact"), dict))
    )
    if not right:
        raise BadSignature("feed entry", "it is not an entry of that feed")
    return claims


def _payload(jws: str) -> Any:
    """The claims of an entry that was checked when it came in."""
    part = jws.split(".")[1]
    return orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))

"""Writing the feed: the difference between what was told last and what holds now, as signed, chained entries.

Each entry is a JWS (typ ``credit-feed+jwt``) with ``region epoch seq prev op id code`` and, for ``PUT``, ``fact``.
``op``: PUT a fact that holds, DROP one that no longer does (repaired, revoked, corrected, withdrawn), KEY a change of
the hub's keys, RECEIPT a receipt whose answer no longer stands. ``prev`` is the SHA-256 of the entry before, so that
a gap or a rewritten history shows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as _pg_insert
from sqlalchemy.dialects.sqlite import insert as _sqlite_insert

from federation.feed.tables import current, feed, meta, metadata
from schema import times

TYP = "credit-feed+jwt"
GENESIS = "0" * 64
KEEP = 100_000  # entries kept for those who catch up; older readers take a snapshot


class Sign(Protocol):
    def __call__(self, claims: Mapping[str, Any], typ: str) -> str: ...


def fact_id(fact: Mapping[str, Any], code: str) -> str:
    """What a later entry about the same fact is known by."""
    if fact.get("__typename") == "Rating":
        key = f"{code}|{fact.get('scale')}|{fact.get('ratedOn')}|{fact.get('issuer')}"
        return "rating:" + hashlib.sha256(key.encode()).hexdigest()
    return f"record:{fact['id']}"


@dataclass(frozen=True, slots=True)
class Told:
    """Ids of facts that no longer hold, that read otherwise than before, and that are new; their subjects by id."""

    dropped: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict, compare=False)


class FeedWriter:
    """Synchronous: run it in a thread. One writer for each hub (the process that holds the sequencer's lock)."""

    def __init__(self, engine: Engine, region: str, sign: Sign) -> None:
        self._engine = engine
        self._region = region
        self._sign = sign
        metadata.create_all(engine, checkfirst=True)
        self.epoch = self._epoch()

    def tell(self, held: Mapping[str, Sequence[Mapping[str, Any]]]) -> Told:
        """Brings the feed in line with what is held now of these subjects."""
        with self._engine.begin() as connection:
            seq, prev = self._head(connection)
            codes: dict[str, str] = {}
            dropped: list[str] = []
            changed: list[str] = []
            added: list[str] = []
            for code, facts in held.items():
                before = {
                    row.id: row.content
                    for row in connection.execute(select(current.c.id, current.c.content).where(current.c.code == code))
                }
                now = {fact_id(fact, code): fact for fact in facts}
                for key, fact in now.items():
                    content = hashlib.sha256(orjson.dumps(fact, option=orjson.OPT_SORT_KEYS)).hexdigest()
                    if before.get(key) != content:
                        seq, prev = self._append(connection, seq, prev, "PUT", key, code, fact)
                        self._remember(connection, key, code, content, seq)
                        (changed if key in before else added).append(key)
                        codes[key] = code
                for key in before.keys() - now.keys():
                    seq, prev = self._append(connection, seq, prev, "DROP", key, code)
                    connection.execute(delete(current).where(current.c.id == key))
                    dropped.append(key)
                    codes[key] = code
            self._trim(connection, seq)
        return Told(tuple(dropped), tuple(changed), tuple(added), codes)

    def announce(self, op: str, keys: Iterable[str], detail: Mapping[str, Any] | None = None) -> None:
        """KEY or RECEIPT entries."""
        with self._engine.begin() as connection:
            seq, prev = self._head(connection)
            for key in keys:
                seq, prev = self._append(connection, seq, prev, op, key, "", detail)

    def _append(
        self,
        connection: Connection,
        seq: int,
        prev: str,
        op: str,
        key: str,
        code: str,
        fact: Mapping[str, Any] | None = None,
    ) -> tuple[int, str]:
        claims = {"region": self._region, "epoch": self.epoch, "seq": seq + 1, "prev": prev, "op": op, "id": key}
        jws = self._sign({**claims, "code": code, **({"fact": fact} if fact is not None else {})}, TYP)
        digest = entry_hash(jws)
        connection.execute(insert(feed).values(seq=seq + 1, id=key, hash=digest, jws=jws, created_us=times.now_us()))
        return seq + 1, digest

    def _remember(self, connection: Connection, key: str, code: str, content: str, seq: int) -> None:
        upsert = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
        statement = upsert(current).values(id=key, code=code, content=content, seq=seq)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"code": code, "content": content, "seq": seq})
        )

    def _head(self, connection: Connection) -> tuple[int, str]:
        row = connection.execute(select(feed.c.seq, feed.c.hash).order_by(feed.c.seq.desc()).limit(1)).first()
        return (row.seq, row.hash) if row else (0, GENESIS)

    def _trim(self, connection: Connection, seq: int) -> None:
        """Old entries go, except those that still say what holds: a snapshot is made of them."""
        if seq <= KEEP or seq % 64:
            return
        still = select(current.c.seq)
        connection.execute(delete(feed).where(feed.c.seq < seq - KEEP, feed.c.seq.not_in(still)))
        upsert = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
        mark = upsert(meta).values(key="trimmed", value=str(seq - KEEP))
        connection.execute(mark.on_conflict_do_update(index_elements=["key"], set_={"value": str(seq - KEEP)}))

    def _epoch(self) -> str:
        with self._engine.begin() as connection:
            upsert = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
            made = upsert(meta).values(key="epoch", value=secrets.token_hex(16))
            connection.execute(made.on_conflict_do_nothing(index_elements=["key"]))
            value: str = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()
        return value


class FeedReader:
    """What ``/feed`` answers from. Synchronous; safe beside the writer."""

    def __init__(self, engine: Engine, region: str) -> None:
        self._engine = engine
        self._region = region

    def page(self, after: int | None, epoch: str | None, limit: int) -> dict[str, Any]:
        """Entries after a position; ``reset`` where there is none, another epoch, or it is no longer kept."""
        with self._engine.connect() as connection:
            own = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one_or_none() or ""
            head = connection.execute(select(feed.c.seq, feed.c.hash).order_by(feed.c.seq.desc()).limit(1)).first()
            if after is None or epoch != own or after < self._trimmed(connection) or (head and after > head.seq):
                return self._answer(own, "reset", (), head, limit)
            rows = connection.execute(
                select(feed.c.seq, feed.c.jws).where(feed.c.seq > after).order_by(feed.c.seq).limit(limit)
            ).all()
        return self._answer(own, "delta", rows, head, limit)

    def snapshot(self, start: int, upto: int | None, limit: int) -> dict[str, Any]:
        """The entries that say what holds, from position ``start`` on, up to the head of the first page."""
        with self._engine.connect() as connection:
            own = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one_or_none() or ""
            query = select(feed.c.seq, feed.c.hash).order_by(feed.c.seq.desc()).limit(1)
            head = connection.execute(query if upto is None else query.where(feed.c.seq <= upto)).first()
            if head is None:
                rows: Sequence[Any] = []
            else:
                rows = connection.execute(
                    select(feed.c.seq, feed.c.jws)
                    .join(current, current.c.seq == feed.c.seq)
                    .where(feed.c.seq > start, feed.c.seq <= head.seq)
                    .order_by(feed.c.seq)
                    .limit(limit)
                ).all()
        return self._answer(own, "snapshot", rows, head, limit)

    def head(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.max(feed.c.seq))).scalar() or 0)

    def _trimmed(self, connection: Connection) -> int:
        """The position before which entries may be missing."""
        return int(connection.execute(select(meta.c.value).where(meta.c.key == "trimmed")).scalar() or 0)

    def _answer(self, epoch: str, kind: str, rows: Sequence[Any], head: Any, limit: int) -> dict[str, Any]:
        return {
            "region": self._region,
            "epoch": epoch,
            "kind": kind,
            "entries": [row.jws for row in rows],
            "last": rows[-1].seq if rows else None,
            "more": len(rows) == limit,
            "head": {"seq": head.seq, "hash": head.hash} if head else {"seq": 0, "hash": GENESIS},
        }


def entry_hash(jws: str) -> str:
    return hashlib.sha256(jws.encode()).hexdigest()

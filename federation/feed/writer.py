"""Writing the feed: the difference between what was told last and what holds now, as signed, chained entries.

Each entry is a JWS (typ ``credit-feed+jwt``) with ``region epoch seq prev op id code`` and, for ``PUT``, ``fact``.
``op``: PUT a fact that holds, DROP one that no longer does (repaired, corrected, withdrawn; with ``void`` true where
its decision was revoked or corrected), KEY (``jwk``) a signing key, new or with a new end, RECEIPT (``status``) a
receipt whose answer no longer stands. ``prev`` is the SHA-256 of the entry before, so that
a gap or a rewritten history shows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Engine, Table, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as _pg_insert
from sqlalchemy.dialects.sqlite import insert as _sqlite_insert

from federation.feed.tables import current, feed, meta, metadata
from schema import times
from schema.sql_tables import create_missing

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
    """Facts that no longer hold, that read otherwise than before, and that are new: their ids, with the subject."""

    dropped: Mapping[str, str]
    changed: Mapping[str, str]
    added: Mapping[str, str]

    @property
    def count(self) -> int:
        return len(self.dropped) + len(self.changed) + len(self.added)


class FeedWriter:
    """Synchronous: run it in a thread. One writer for each hub (the process that holds the sequencer's lock)."""

    def __init__(self, engine: Engine, region: str, sign: Sign) -> None:
        self._engine = engine
        self._region = region
        self._sign = sign
        create_missing(engine, metadata)
        self.epoch = self._epoch()

    def compare(self, held: Mapping[str, Sequence[Mapping[str, Any]]]) -> Told:
        """What ``tell`` would say now, without saying it."""
        with self._engine.connect() as connection:
            return Told(*(dict(part) for part in _difference(connection, held)))

    def tell(self, held: Mapping[str, Sequence[Mapping[str, Any]]], void: Collection[str] = ()) -> Told:
        """Brings the feed in line with what is held now of these subjects. ``void``: ids of facts whose decision was
        revoked or corrected; their tombstones say so."""
        with self._engine.begin() as connection:
            seq, prev = self._head(connection)
            dropped, changed, added = _difference(connection, held)
            for code, facts in held.items():
                for fact in facts:
                    key = fact_id(fact, code)
                    if key in changed or key in added:
                        seq, prev = self._append(connection, seq, prev, "PUT", key, code, {"fact": fact})
                        self._remember(connection, key, code, _content(fact), seq)
            for key, code in dropped.items():
                why = {"void": True} if key in void else {}
                seq, prev = self._append(connection, seq, prev, "DROP", key, code, why)
                connection.execute(delete(current).where(current.c.id == key))
            self._trim(connection, seq)
        return Told(dropped, changed, added)

    def announce(self, op: str, details: Mapping[str, Mapping[str, Any]], *, once: bool = False) -> None:
        """KEY or RECEIPT entries: by id, what each says. ``once``: not again while it would say the same."""
        with self._engine.begin() as connection:
            seq, prev = self._head(connection)
            for key, detail in details.items():
                name, mark = f"{op} {key}"[:64], _content(detail)
                if once and connection.execute(select(meta.c.value).where(meta.c.key == name)).scalar() == mark:
                    continue
                seq, prev = self._append(connection, seq, prev, op, key, "", detail)
                if once:
                    connection.execute(_upsert(connection, meta, "key", {"key": name, "value": mark}))

    def _append(
        self,
        connection: Connection,
        seq: int,
        prev: str,
        op: str,
        key: str,
        code: str,
        detail: Mapping[str, Any],
    ) -> tuple[int, str]:
        claims = {"region": self._region, "epoch": self.epoch, "seq": seq + 1, "prev": prev, "op": op, "id": key}
        jws = self._sign({**detail, **claims, "code": code}, TYP)
        digest = entry_hash(jws)
        connection.execute(insert(feed).values(seq=seq + 1, id=key, hash=digest, jws=jws, created_us=times.now_us()))
        return seq + 1, digest

    def _remember(self, connection: Connection, key: str, code: str, content: str, seq: int) -> None:
        row = {"id": key, "code": code, "content": content, "seq": seq}
        connection.execute(_upsert(connection, current, "id", row))

    def _head(self, connection: Connection) -> tuple[int, str]:
        row = connection.execute(select(feed.c.seq, feed.c.hash).order_by(feed.c.seq.desc()).limit(1)).first()
        return (row.seq, row.hash) if row else (0, GENESIS)

    def _trim(self, connection: Connection, seq: int) -> None:
        """Old entries go, except those that still say what holds: a snapshot is made of them."""
        if seq <= KEEP or seq % 64:
            return
        still = select(current.c.seq)
        connection.execute(delete(feed).where(feed.c.seq < seq - KEEP, feed.c.seq.not_in(still)))
        connection.execute(_upsert(connection, meta, "key", {"key": "trimmed", "value": str(seq - KEEP)}))

    def _epoch(self) -> str:
        with self._engine.begin() as connection:
            insert_ = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
            made = insert_(meta).values(key="epoch", value=secrets.token_hex(16))
            connection.execute(made.on_conflict_do_nothing(index_elements=["key"]))
            value: str = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()
        return value


def _difference(
    connection: Connection, held: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    dropped: dict[str, str] = {}
    changed: dict[str, str] = {}
    added: dict[str, str] = {}
    codes = list(held)
    before: dict[str, dict[str, str]] = {code: {} for code in codes}
    for start in range(0, len(codes), 400):
        query = select(current.c.code, current.c.id, current.c.content)
        for row in connection.execute(query.where(current.c.code.in_(codes[start : start + 400]))):
            before[row.code][row.id] = row.content
    for code, facts in held.items():
        now = {fact_id(fact, code): fact for fact in facts}
        for key, fact in now.items():
            if key not in before[code]:
                added[key] = code
            elif before[code][key] != _content(fact):
                changed[key] = code
        dropped |= dict.fromkeys(before[code].keys() - now.keys(), code)
    return dropped, changed, added


def _content(fact: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(fact, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _upsert(connection: Connection, table: Table, key: str, row: Mapping[str, Any]) -> Any:
    insert_ = _pg_insert if connection.dialect.name == "postgresql" else _sqlite_insert
    others = {name: value for name, value in row.items() if name != key}
    return insert_(table).values(**row).on_conflict_do_update(index_elements=[key], set_=others)


def entry_hash(jws: str) -> str:
    return hashlib.sha256(jws.encode()).hexdigest()

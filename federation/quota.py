"""How many persons a neighbour has had named, by pair and day, kept in SQL: a restart gives nobody a new allowance.

``exchanged`` are elements multiplied for a peer, ``asked`` its questions about doubly keyed tokens, each counted once;
``sent`` are this hub's own elements, so that catching up leaves some for questions. Days are those of Asia/Shanghai.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from federation.feed.tables import metadata, person_asked, person_counts
from schema import times
from schema.sql_tables import create_missing

EXCHANGED, ASKED, SENT, QUESTIONS = "exchanged", "asked", "sent", "questions"
EVER = "ever"  # in place of a day


class PersonCounts:
    """Synchronous: run it in a thread. ``today`` is injectable for tests."""

    def __init__(self, engine: Engine, today: Callable[[], date] = times.today) -> None:
        self._engine = engine
        self._today = today
        create_missing(engine, metadata)

    def take(self, region: str, kind: str, count: int, most: int) -> tuple[bool, int]:
        """Whether ``count`` more fit into the day's ``most``, and how many are then spent. All or nothing."""
        with self._engine.begin() as connection:
            return self._take(connection, region, kind, count, most)

    def ask(self, region: str, tokens: Sequence[str], most: int) -> tuple[bool, int, bool]:
        """As ``take`` for tokens that this peer has not asked about before; and whether it can have them: it never asks
        about more than it had exchanged, one more for each question (a token of nobody's)."""
        marks = {hashlib.sha256(token.encode("utf-8", "replace")).hexdigest() for token in tokens}
        with self._engine.begin() as connection:
            query = select(person_asked.c.token).where(
                person_asked.c.region == region, person_asked.c.token.in_(sorted(marks))
            )
            fresh = marks - set(connection.execute(query).scalars())
            fits, spent = self._take(connection, region, ASKED, len(fresh), most)
            if not fits:
                return False, spent, True
            self._take(connection, region, QUESTIONS, 1, 1 << 62)
            ever = {kind: self._spent(connection, region, EVER, kind) for kind in (EXCHANGED, ASKED, QUESTIONS)}
            held = ever[ASKED] <= ever[EXCHANGED] + ever[QUESTIONS]
            if held and fresh:
                connection.execute(insert(person_asked), [{"region": region, "token": mark} for mark in sorted(fresh)])
            elif not held:
                self._add(connection, region, EVER, ASKED, -len(fresh), 1 << 62)
            return True, spent, held

    def spent(self, region: str, kind: str) -> int:
        """How many of today's are spent."""
        with self._engine.connect() as connection:
            return self._spent(connection, region, self._today().isoformat(), kind)

    def first(self, region: str, mark: str) -> bool:
        """True once for each day and mark: an alarm is written down once."""
        return self.take(region, mark, 1, 1)[0]

    def _take(self, connection: Connection, region: str, kind: str, count: int, most: int) -> tuple[bool, int]:
        day = self._today().isoformat()
        if count and not self._add(connection, region, day, kind, count, most):
            return False, self._spent(connection, region, day, kind)
        if count:
            self._add(connection, region, EVER, kind, count, 1 << 62)
        return True, self._spent(connection, region, day, kind)

    def _add(self, connection: Connection, region: str, day: str, kind: str, count: int, most: int) -> bool:
        c = person_counts.c
        key = (c.region == region) & (c.day == day) & (c.kind == kind)
        change = update(person_counts).where(key, c.spent + count <= most).values(spent=c.spent + count)
        if connection.execute(change).rowcount:
            return True
        if count > most or connection.execute(select(c.spent).where(key)).first() is not None:
            return False
        try:
            with connection.begin_nested():
                row = {"region": region, "day": day, "kind": kind, "spent": count}
                connection.execute(insert(person_counts).values(**row))
            return True
        except IntegrityError:  # another worker was first
            return bool(connection.execute(change).rowcount)

    def _spent(self, connection: Connection, region: str, day: str, kind: str) -> int:
        c = person_counts.c
        query = select(c.spent).where(c.region == region, c.day == day, c.kind == kind)
        return int(connection.execute(query).scalar() or 0)

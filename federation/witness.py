"""Witnessing: a peer's checkpoint is cosigned only when it follows from the last one seen (C2SP tlog-cosignature).

A forked or shrunk history gets no cosignature, and the peer that shows one is named in the log. The request has the
form of C2SP tlog-witness ``add-checkpoint``: ``old N``, the consistency proof in base64 lines, an empty line, the
signed checkpoint.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from federation.feed.tables import metadata, witnessed
from schema import times
from schema.errors import Refused, UsageError
from schema.sql_tables import create_missing

MAX_PROOF = 64


@dataclass(frozen=True, slots=True)
class Seen:
    size: int
    root: bytes


class WrongHistory(Refused):
    """The checkpoint does not follow from what was seen. ``size`` is that of the last one seen."""

    def __init__(self, why: str, size: int) -> None:
        super().__init__(f"no cosignature: {why}", hint=f"the last checkpoint seen here has size {size}")
        self.size = size


class Witnessed:
    """The last checkpoint seen of each log. Synchronous."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_missing(engine, metadata)

    def last(self, origin: str) -> Seen:
        with self._engine.connect() as connection:
            row = connection.execute(select(witnessed).where(witnessed.c.origin == origin)).first()
        return Seen(row.size, bytes(row.root)) if row else Seen(0, b"")

    def note(self, origin: str) -> str | None:
        """The last checkpoint seen, as its log signed it."""
        with self._engine.connect() as connection:
            return connection.scalar(select(witnessed.c.note).where(witnessed.c.origin == origin))

    def advance(
        self,
        origin: str,
        old: int,
        size: int,
        root: bytes,
        note: str,
        holds: Callable[[int, int, bytes, bytes], bool],
    ) -> None:
        """Remembers the next checkpoint in one transaction. Raises WrongHistory and leaves the last one."""
        with self._engine.begin() as connection:
            row = connection.execute(select(witnessed).where(witnessed.c.origin == origin).with_for_update()).first()
            last = Seen(row.size, bytes(row.root)) if row else Seen(0, b"")
            if old != last.size:
                raise WrongHistory("the request does not start at the last checkpoint", last.size)
            if size < last.size:
                raise WrongHistory("the history has shrunk", last.size)
            if size == last.size and last.size and root != last.root:
                raise WrongHistory("the history has forked", last.size)
            if last.size and size > last.size and not holds(last.size, size, last.root, root):
                raise WrongHistory("the proof does not hold: the history has forked", last.size)
            values = {"size": size, "root": root, "note": note, "seen_us": times.now_us()}
            if not _replace(connection, origin, last if row else None, values):  # another process cosigned meanwhile
                raise WrongHistory("the request does not start at the last checkpoint", last.size)


def _replace(connection: Connection, origin: str, last: Seen | None, values: Mapping[str, Any]) -> bool:
    """Only what was compared may be replaced: two heads that both follow from it are never both cosigned."""
    try:
        if last is None:
            connection.execute(insert(witnessed).values(origin=origin, **values))
            return True
        unchanged = (witnessed.c.origin == origin, witnessed.c.size == last.size, witnessed.c.root == last.root)
        return connection.execute(update(witnessed).where(*unchanged).values(**values)).rowcount == 1
    except IntegrityError:
        return False


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    old: int
    proof: tuple[bytes, ...]
    note: str


def parse(body: bytes) -> AddCheckpoint:
    """Raises UsageError for anything else than an ``add-checkpoint`` request."""
    try:
        head, _, note = body.decode("utf-8").partition("\n\n")
        first, *lines = head.split("\n")
        word, number = first.split(" ")
        proof = tuple(base64.b64decode(line, validate=True) for line in lines)
        right = word == "old" and number.isascii() and number.isdigit() and (number == "0" or number[0] != "0")
        if not right or len(proof) > MAX_PROOF or any(len(node) != 32 for node in proof) or not note:
            raise ValueError
        return AddCheckpoint(int(number), proof, note)
    except (ValueError, UnicodeDecodeError):
        raise UsageError("not an add-checkpoint request", hint="C2SP tlog-witness: old N, proof, checkpoint") from None


def render(old: int, proof: Sequence[bytes], note: str) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()

"""Reading the feed: pages for neighbours, and the hash of an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from federation.feed.tables import current, feed, meta
from federation.feed.writer import GENESIS


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

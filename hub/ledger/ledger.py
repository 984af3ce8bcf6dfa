"""The ledger as the rest of the hub sees it: commit before answering, prove afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from hub.ledger.changes import append, mark, remember
from hub.ledger.database import unavailable
from hub.ledger.erasure import Erasure, erase
from hub.ledger.export import export
from hub.ledger.open_log import OpenLog
from hub.ledger.reading import NOBODY, Wanted
from hub.ledger.receipts import Entry, Receipt, make_row, seen_key
from hub.ledger.writer import CLOCK_SKEW, replayed
from hub.signing.keys import PublicKey
from schema.errors import LedgerUnavailable
from schema.times import now_us

NAMED = 200  # ids that the note of a marking lists
T = TypeVar("T")


class Ledger(OpenLog):
    """One hub's log, opened once in every process that answers or writes.

    Use ``await Ledger.open(settings, …)`` and ``await ledger.close()``, or ``async with``. Methods raise
    LedgerUnavailable while the store cannot be written; they work again by themselves once it can.
    ``observe(name, value)`` is called with commit_seconds, commit_entries, checkpoint_seconds, sequencer_faults, from
    other threads too.
    """

    async def commit(self, entry: Entry, *, alone: bool = False) -> Receipt:
        """Log one entry and use up its DPoP ``jti``, on the disk when this returns. ``alone``: no other request is
        under way that could share the commit.

        Raises Unauthenticated when the jti was used before (nothing is logged then), LedgerUnavailable, ServiceError.
        """
        row = make_row(entry, self.keys.current(), issuer=self.issuer, log=self._log)
        await self._append(row, alone=alone)
        return row.receipt

    async def note(self, kind: str, detail: Mapping[str, Any]) -> Receipt:
        """Log an operation outside HTTP. ``detail`` is JSON-ready and holds no ID numbers."""
        row = self._note_row(kind, detail)
        await self._append(row)
        return row.receipt

    async def remember(self, scope: str, value: str, expires: int) -> None:
        """Use up a value once across all workers. Raises Unauthenticated the second time. ``expires``: Unix seconds."""
        key = seen_key(scope, value)
        if not await self._call(lambda connection: remember(connection, self._database, key, expires)):
            raise replayed("this request's nonce or proof")

    async def remember_dpop(self, jkt: str, jti: str, expires: int) -> None:
        """Use up a DPoP proof of a request that makes no entry; shares its memory with ``commit``."""
        await self.remember("dpop", f"{jkt}\n{jti}", expires)

    async def mark_receipts(
        self, status: str, identifiers: Iterable[str], *, because: str, before_us: int | None = None
    ) -> int:
        """Mark SUPERSEDED or REVOKED the receipts that told of these record ids or subject codes; how many changed.

        ``because`` says why, in the log. ``before_us``: only receipts issued before this instant (default: now).
        """
        named, until = sorted(set(identifiers)), before_us or now_us()
        detail = {"ids": named[:NAMED], "named": len(named), "because": because}

        def work(connection: Connection) -> int:
            return mark(
                connection,
                self._database,
                status,
                named,
                until,
                lambda what: self._note_row("receipts-marked", {**detail, **what}),
            )

        return await self._call(work)

    async def erase(
        self,
        *,
        subject: str | None = None,
        client: str | None = None,
        ids: Sequence[str] = (),
        before_us: int | None = None,
        fields: Sequence[str] = (),
        because: str,
    ) -> int:
        """Erase the personal detail of matching entries, or some ``fields`` of it, and log that it was done; the tree
        stays as it is. Raises UsageError."""
        wanted = Erasure(before_us or now_us(), subject, client, ids, fields)

        def work(connection: Connection) -> int:
            detail = {"fields": sorted(fields), "because": because}
            return erase(
                connection,
                self._database,
                wanted,
                lambda what: self._note_row("details-erased", {**detail, **what}),
            )

        count = await self._call(work)
        await asyncio.to_thread(self._database.forget)
        return count

    async def transact(
        self,
        work: Callable[[Connection], T],
        entry: Entry | Callable[[T], Entry],
        after: Callable[[Connection, T, Receipt], None] | None = None,
    ) -> tuple[T, Receipt]:
        """Do something in the ledger's own database and log it in one transaction. ``work`` runs on the writing thread;
        ``entry`` may be made of what it returns; ``after`` writes what must name the receipt. Raises what they raise
        (nothing is written then), Unauthenticated for a jti used before, LedgerUnavailable, ServiceError."""

        def both(connection: Connection) -> tuple[T, Receipt]:
            result = work(connection)
            made = entry(result) if callable(entry) else entry
            row = make_row(made, self.keys.current(), issuer=self.issuer, log=self._log)
            if row.seen is not None and not remember(connection, self._database, row.seen[0], row.seen[1] + CLOCK_SKEW):
                raise replayed()
            append(connection, row)
            if after is not None:
                after(connection, result, row.receipt)
            return result, row.receipt

        if self._sequencer.damage is not None:
            raise unavailable(self._sequencer.damage)
        return await self._call(both)

    async def rotate_keys(self, alg: str | None = None, after: int = 0) -> PublicKey:
        """Sign with a new key from now (or in ``after`` seconds) on, and log it. Raises UsageError."""
        made = await asyncio.to_thread(self.keys.rotate, alg, after=after)
        await asyncio.to_thread(self._note_keys)
        return made

    async def invalidate_key(self, kid: str, since: int) -> PublicKey:
        """End a key at a past instant (Unix seconds) and log it. Raises UsageError."""
        ended = await asyncio.to_thread(self.keys.invalidate, kid, since)
        await asyncio.to_thread(self._note_keys)
        return ended

    async def export(self, from_us: int, to_us: int, wanted: Wanted = NOBODY) -> dict[str, Any]:
        """A part of the log for an auditor, by the time of its entries. Raises Refused where there is none."""
        return await asyncio.to_thread(export, self._database, from_us, to_us, wanted)

    async def call(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a writing transaction of the ledger's database. Raises LedgerUnavailable."""
        return await self._call(work)


__all__ = ["Entry", "Ledger", "LedgerUnavailable", "Receipt"]

"""The ledger as the rest of the hub sees it: commit before answering, prove afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, select, update

from hub.ledger.adoption import adopt
from hub.ledger.changes import append, mark, note_key, remember
from hub.ledger.database import Database, unavailable
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.erasure import Erasure, erase
from hub.ledger.export import export
from hub.ledger.identity import open_identity
from hub.ledger.last_head import LastHead
from hub.ledger.lock import FileLock, SessionLock
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint
from hub.ledger.reading import NOBODY, Reader, Wanted
from hub.ledger.receipts import Entry, Receipt, Row, make_note, make_row, seen_key
from hub.ledger.sequencer import Sequencer, tree_size
from hub.ledger.store import Store
from hub.ledger.tables import meta, noted_keys
from hub.ledger.tree import EMPTY_ROOT
from hub.ledger.writer import CLOCK_SKEW, Observe, Writer, replayed
from hub.settings import Settings
from hub.signing.keys import KeyStore, PublicKey
from schema.errors import LedgerUnavailable, SettingsError
from schema.times import now_us

DEADLINE = 6.0  # seconds that a commit is waited for before the answer is 503
NAMED = 200  # ids that the note of a marking lists
T = TypeVar("T")


def _silent(name: str, value: float) -> None:
    """Measures go nowhere unless asked for."""


class Ledger:
    """One hub's log, opened once in every process that answers or writes.

    Use ``await Ledger.open(settings, …)`` and ``await ledger.close()``, or ``async with``. Methods raise
    LedgerUnavailable while the store cannot be written; they work again by themselves once it can.
    ``observe(name, value)`` is called with commit_seconds, commit_entries, checkpoint_seconds, sequencer_faults, from
    other threads too.
    """

    def __init__(self, settings: Settings, keys: KeyStore, issuer: str, observe: Observe) -> None:
        self.keys = keys
        self.issuer = issuer
        self._signer = open_identity(settings)
        self._head = LastHead(settings)
        self._database = Database(settings)
        self._writer = Writer(self._database, observe)
        self.reader = Reader(self._database, self._signer)
        self.wanted: Callable[[], Wanted] = lambda: NOBODY  # cosignatures that proofs are to have
        self.store = Store(self._database, self._call)
        sqlite = self._database.sqlite
        self._sequencer = Sequencer(
            self._database,
            FileLock(settings.run / "sequencer.lock") if sqlite else SessionLock(self._database),
            self._signer,
            self._head,
            self._on_writer if sqlite else self._directly,
            observe,
            upkeep=self._note_keys,
            files=DatabaseFiles(settings.sqlite_file),
        )
        self._database.on_replaced = self._check_head
        self._noted: object = None

    @classmethod
    async def open(
        cls, settings: Settings, *, keys: KeyStore | None = None, issuer: str = "", observe: Observe = _silent
    ) -> Ledger:
        """Open or make the log. ``issuer`` is the hub's base URL (default: the setting). Raises LedgerUnavailable,
        also when the database has lost entries that were signed for, and SettingsError for another hub's database."""
        if keys is None:
            keys = KeyStore.of(settings)
            await asyncio.to_thread(keys.ensure)
        issuer = issuer or settings.base_url or f"http://{settings.host}:{settings.port}"
        ledger = await asyncio.to_thread(cls, settings, keys, issuer, observe)
        try:
            await asyncio.to_thread(ledger._start)
        except BaseException:
            await ledger.close()
            raise
        return ledger

    async def close(self) -> None:
        """Write and cover what waits, then end the threads."""
        await asyncio.to_thread(self._end)

    async def __aenter__(self) -> Ledger:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def verifier(self) -> NoteVerifier:
        return self._signer.verifier

    @property
    def _log(self) -> str:
        return self._signer.verifier.vkey

    @property
    def identity(self) -> dict[str, Any]:
        """``{origin, key, earlier}`` of the well-known document."""
        return self.verifier.facts

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

    def check_witnessed(self, note: str) -> None:
        """Blocking. A head that a witness has seen of this log; another log's is passed over. Raises LedgerUnavailable,
        and so does every later commit, when this log does not continue it: then it was set back."""
        try:
            head = open_checkpoint(note, [self.verifier])
        except ValueError:
            return
        if head.size:
            self._sequencer.check_witnessed(note)

    def healthy(self) -> str | None:
        """None when the log can be written as far as this process knows, otherwise why not. Cheap."""
        if self._sequencer.damage is not None:
            return self._sequencer.damage
        try:
            self._database.check_identity()
        except LedgerUnavailable as error:
            return error.message
        return self._writer.failing()

    async def _append(self, row: Row, *, alone: bool = False) -> None:
        if self._sequencer.damage is not None:
            raise unavailable(self._sequencer.damage)
        if alone and self._writer.at_once(row):
            return
        try:
            async with asyncio.timeout(DEADLINE):
                await self._writer.submit(row)
        except TimeoutError:
            raise unavailable("no confirmation of the write in time") from None

    async def call(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a writing transaction of the ledger's database. Raises LedgerUnavailable."""
        return await self._call(work)

    async def _call(self, work: Callable[[Connection], T]) -> T:
        try:
            async with asyncio.timeout(DEADLINE * 5):
                return await asyncio.wrap_future(self._writer.call(work))
        except TimeoutError:
            raise unavailable("no confirmation of the write in time") from None

    def _note_row(self, kind: str, detail: Mapping[str, Any]) -> Row:
        return make_note(kind, detail, self.keys.current(), issuer=self.issuer, log=self._log)

    def _on_writer(self, work: Callable[[Connection], int]) -> int:
        return self._writer.call(work).result()

    def _directly(self, work: Callable[[Connection], int]) -> int:
        with self._database.write() as connection:
            return work(connection)

    def _check_head(self) -> None:
        with self._database.read() as connection:
            self._sequencer.check_head(connection)

    def _start(self) -> None:
        self._database.create()
        with self._database.write() as connection:
            insert = self._database.insert(meta).on_conflict_do_nothing()
            connection.execute(insert, [{"key": "tree", "value": "0"}, {"key": "log", "value": self._log}])
            log = connection.scalar(select(meta.c.value).where(meta.c.key == "log"))
            if not self.verifier.has_been(str(log)):
                raise SettingsError(
                    "this database holds the ledger of another hub, or of this one under another log key",
                    hint="give every hub a database of its own, and keep keys/ledger.json with it",
                )
            if log != self._log:  # a rotation of the log's key that was cut short
                connection.execute(update(meta).where(meta.c.key == "log").values(value=self._log))
        if not self._head.has_format():
            self._adopt()
        self._check_head()
        self._writer.start()
        self._note_keys()
        self._sequencer.start()

    def _adopt(self) -> None:
        """Take over the log of an earlier version, or what a first start left unfinished."""
        with self._database.write() as connection:
            if self._head.read() is None and tree_size(connection) == 0:
                self._head.write(self._signer.sign(Checkpoint(self._signer.name, 0, EMPTY_ROOT).text))
            self._sequencer.check_head(connection)
            adopt(connection, self._signer, self._note_row)
        self._head.mark_format()

    def _end(self) -> None:
        try:
            if not self._database.sqlite:
                self._writer.stop()
            self._sequencer.stop()
            self._writer.stop()
        finally:
            self._database.close()

    def _note_keys(self) -> None:
        """Log every signing key, and every change of its end, once: the key history."""
        generation = self.keys.generation()
        if generation == self._noted:
            return
        keys = self.keys.public()[::-1]
        with self._database.read() as connection:
            known = {(kid, exp) for kid, exp in connection.execute(select(noted_keys.c.kid, noted_keys.c.exp))}
        for key in keys:
            if (key.kid, key.exp) not in known:
                row = self._note_row("signing-key", {"jwk": key.jwk, "nbf": key.nbf, "exp": key.exp})
                self._on_writer(
                    lambda connection, k=key, r=row: int(note_key(connection, self._database, k.kid, k.exp, r))  # type: ignore[misc]
                )
        self._noted = generation


__all__ = ["Entry", "Ledger", "LedgerUnavailable", "Receipt"]

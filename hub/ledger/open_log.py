"""The log while it is open: taken up from its database, checked against its memory, written to by one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, select, update

from hub.ledger.adoption import adopt
from hub.ledger.changes import note_key
from hub.ledger.database import Database, unavailable
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.identity import open_identity
from hub.ledger.last_head import LastHead
from hub.ledger.lock import FileLock, SessionLock
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint
from hub.ledger.reading import NOBODY, Reader, Wanted
from hub.ledger.receipts import Row, make_note
from hub.ledger.sequencer import Sequencer, tree_size
from hub.ledger.store import Store
from hub.ledger.tables import meta, noted_keys
from hub.ledger.tree import EMPTY_ROOT
from hub.ledger.writer import Observe, Writer
from hub.settings import Settings
from hub.signing.keys import KeyStore
from schema.errors import LedgerUnavailable, SettingsError

DEADLINE = 6.0  # seconds that a commit is waited for before the answer is 503
T = TypeVar("T")


def _silent(name: str, value: float) -> None:
    """Measures go nowhere unless asked for."""


class OpenLog:
    """What every use of the log stands on: its threads, its health, and how a row gets in."""

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
    ) -> Self:
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

    async def __aenter__(self) -> Self:
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

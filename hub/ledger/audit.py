"""``credit-hub ledger verify``: recompute the whole local log and compare it with everything that was signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from hub.ledger.database import Database
from hub.ledger.identity import LastHead, open_identity
from hub.ledger.log_keys import LogKeys
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint
from hub.ledger.receipts import leaf_data
from hub.ledger.sequencer import read_tile, tree_size
from hub.ledger.tables import checkpoints, details, entries, meta
from hub.ledger.tiles import HASH, WIDTH, ReadTile
from hub.ledger.tree import Frontier, fold, leaf_hash
from hub.settings import Settings
from hub.signing.keys import KeyStore, PublicKey
from hub.signing.suites import unb64u
from schema.errors import LedgerUnavailable

MOST_PROBLEMS = 100


@dataclass
class Audit:
    """What was found. ``erased``: entries whose detail was erased, so only their leaf is left to check."""

    entries: int = 0
    covered: int = 0
    waiting: int = 0
    erased: int = 0
    checkpoints: int = 0
    root: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def problem(self, text: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(text)

    def as_json(self) -> dict[str, Any]:
        names = ("entries", "covered", "waiting", "erased", "checkpoints", "root", "problems")
        return {"ok": self.ok, **{name: getattr(self, name) for name in names}}


def audit_ledger(settings: Settings) -> Audit:
    """Blocking. Checks leaves against entries, receipts against keys, tiles and every signed checkpoint against the
    tree (so each continues the one before), and the last head kept beside the database. Raises LedgerUnavailable."""
    nothing = LedgerUnavailable(
        "there is no ledger here yet", hint="check HUB_DATA and HUB_SQL, or start the hub", message_zh="没有账本"
    )
    if LogKeys(settings).read() is None:
        raise nothing
    database = Database(settings)
    if database.sqlite and not (settings.data / "hub.sqlite").exists():
        raise nothing
    audit = Audit()
    verifier = open_identity(settings).verifier
    keys = {key.kid: key for key in KeyStore.of(settings).public()}
    try:
        if not database.has_tables():
            raise nothing
        with database.read() as connection:
            _check(connection, audit, verifier, keys, LastHead(settings).read())
    finally:
        database.close()
    return audit


def _check(
    connection: Connection, audit: Audit, verifier: NoteVerifier, keys: dict[str, PublicKey], last: str | None
) -> None:
    log = connection.scalar(select(meta.c.value).where(meta.c.key == "log"))
    if log is not None and not verifier.has_been(log):
        audit.problem("the database was made under another log key than keys/ledger.json")
    audit.entries = connection.scalar(select(func.count()).select_from(entries)) or 0
    audit.covered = tree_size(connection)
    audit.waiting = connection.scalar(select(func.count()).where(entries.c.idx.is_(None))) or 0
    signed = _checkpoints(connection, audit, verifier, last)
    frontier, tiles = Frontier(), _Tiles(audit, read_tile(connection))
    for index, row in enumerate(_rows(connection)):
        if row.idx != index:
            audit.problem(f"the entry at place {index} is missing or double (found place {row.idx})")
            return
        _check_entry(row, audit, keys)
        leaf = leaf_hash(bytes(row.leaf))
        frontier.extend([leaf])
        tiles.add(leaf)
        for head in signed.pop(frontier.size, ()):
            if head.root != frontier.root():
                audit.problem(f"the checkpoint of {head.size} does not have the root of the entries")
    tiles.finish()
    audit.root = frontier.root().hex()
    if frontier.size != audit.covered:
        audit.problem(f"the tree was signed with {audit.covered} entries, {frontier.size} are there")
    for size in sorted(signed):
        if size:
            audit.problem(f"a checkpoint of {size} entries was signed, {frontier.size} are there: the log has shrunk")


def _checkpoints(
    connection: Connection, audit: Audit, verifier: NoteVerifier, last: str | None
) -> dict[int, list[Checkpoint]]:
    signed: dict[int, list[Checkpoint]] = {}
    notes = [(row.size, row.note) for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size))]
    audit.checkpoints = len(notes)
    if last is not None:
        notes.append((None, last))
    for size, note in notes:
        try:
            head = open_checkpoint(note, [verifier])
        except ValueError as error:
            audit.problem(f"the checkpoint of {size or 'the last head'} is not the log's: {error}")
            continue
        if size is not None and head.size != size:
            audit.problem(f"the checkpoint stored for {size} entries is one of {head.size}")
        signed.setdefault(head.size, []).append(head)
    return signed


def _rows(connection: Connection) -> Iterator[Any]:
    query = (
        select(entries.c.idx, entries.c.id, entries.c.leaf, entries.c.recorded_us, details.c.salt, details.c.receipt)
        .join(details, details.c.id == entries.c.id, isouter=True)
        .where(entries.c.idx.is_not(None))
        .order_by(entries.c.idx)
    )
    yield from connection.execute(query.execution_options(yield_per=2000))


def _check_entry(row: Any, audit: Audit, keys: dict[str, PublicKey]) -> None:
    if row.receipt is None:
        audit.erased += 1
        return
    if leaf_data(bytes(row.salt), row.receipt) != bytes(row.leaf):
        audit.problem(f"the receipt {row.id} is not the one that was logged")
        return
    try:
        header, payload, signature = row.receipt.split(".")
        claims, kid = orjson.loads(unb64u(payload)), orjson.loads(unb64u(header))["kid"]
        key = keys[kid]
        held = key.verifier.verify(unb64u(signature), f"{header}.{payload}".encode())
        if not held or claims["jti"] != row.id or not (key.valid_at(claims["iat"]) or key.revoked_at is not None):
            audit.problem(f"the receipt {row.id} is not signed by a key of the time")
    except (ValueError, KeyError, TypeError) as error:
        audit.problem(f"the receipt {row.id} cannot be checked: {error!r}")


class _Tiles:
    """Compares the stored tiles with those that the leaves give, level by level."""

    def __init__(self, audit: Audit, read: ReadTile) -> None:
        self._audit, self._read = audit, read
        self._levels: list[tuple[int, list[bytes]]] = []

    def add(self, value: bytes, level: int = 0) -> None:
        if level == len(self._levels):
            self._levels.append((0, []))
        n, row = self._levels[level]
        row.append(value)
        if len(row) == WIDTH:
            self._compare(level, n, row)
            self._levels[level] = (n + 1, [])
            self.add(fold(row), level + 1)

    def finish(self) -> None:
        for level, (n, row) in enumerate(self._levels):
            self._compare(level, n, row)

    def _compare(self, level: int, n: int, row: list[bytes]) -> None:
        if row and self._read(level, n)[: len(row) * HASH] != b"".join(row):
            self._audit.problem(f"tile {n} of level {level} is not that of the entries")

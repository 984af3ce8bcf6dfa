"""``credit-hub ledger verify``: recompute the whole local log and compare it with everything that was signed.

Every row of every ``ledger_…`` table is compared with what the log's key or a receipt commits to, so a change made by
other means than this program's is found, whichever column or row it is.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from hub.ledger import seals
from hub.ledger.audit_details import DetailAudit
from hub.ledger.database import Database
from hub.ledger.identity import open_identity
from hub.ledger.last_head import LastHead
from hub.ledger.log_keys import LogKeys
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint
from hub.ledger.sequencer import read_tile, tree_size
from hub.ledger.tables import checkpoints, details, entries, meta
from hub.ledger.tables import tiles as tile_rows
from hub.ledger.tiles import WIDTH, ReadTile
from hub.ledger.tree import Frontier, fold, leaf_hash
from hub.ledger.versions import VERSION
from hub.settings import Settings
from hub.signing.keys import KeyStore, PublicKey
from schema.errors import LedgerUnavailable

MOST_PROBLEMS = 100


@dataclass
class Audit:
    """What was found. ``erased``: entries whose whole detail was erased; ``partly``: of which some fields were;
    ``earlier``: entries of a version whose receipts did not commit to their detail."""

    entries: int = 0
    covered: int = 0
    waiting: int = 0
    erased: int = 0
    partly: int = 0
    earlier: int = 0
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
        names = ("entries", "covered", "waiting", "erased", "partly", "earlier", "checkpoints", "root", "problems")
        return {"ok": self.ok, **{name: getattr(self, name) for name in names}}


def audit_ledger(settings: Settings, *, recovering: bool = False) -> Audit:
    """Blocking. Checks leaves against entries, receipts against keys, every field of the detail against the receipt,
    erasures and changes of status against the entries that tell of them, tiles and every signed checkpoint against the
    tree (so each continues the one before), and the last head kept beside the database (not when ``recovering`` from
    its loss). Raises LedgerUnavailable."""
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
            last = "" if recovering else LastHead(settings).read()
            check_ledger(connection, audit, verifier, keys, last)
    finally:
        database.close()
    return audit


def check_ledger(
    connection: Connection, audit: Audit, verifier: NoteVerifier, keys: dict[str, PublicKey], last: str | None
) -> None:
    """All of it, over one state of the database."""
    if not _meta(connection, audit, verifier):
        return
    if last is None:
        audit.problem("keys/ledger.checkpoint is gone: nothing beside the database remembers its newest head")
    audit.entries = connection.scalar(select(func.count()).select_from(entries)) or 0
    audit.covered = tree_size(connection)
    audit.waiting = connection.scalar(select(func.count()).where(entries.c.idx.is_(None))) or 0
    signed = _checkpoints(connection, audit, verifier, last)
    frontier, tiles = Frontier(), _Tiles(audit, read_tile(connection))
    detail = DetailAudit(connection, audit.problem, keys)
    with closing(_rows(connection)) as rows:
        for index, row in enumerate(rows):
            if row["idx"] != index:
                audit.problem(f"the entry at place {index} is missing or double (found place {row['idx']})")
                return
            detail.check(row)
            leaf = leaf_hash(bytes(row["leaf"]))
            frontier.extend([leaf])
            tiles.add(leaf)
            for head in signed.pop(frontier.size, ()):
                if head.root != frontier.root():
                    audit.problem(f"the checkpoint of {head.size} does not have the root of the entries")
    tiles.finish(connection)
    for row in _rows(connection, waiting=True):
        detail.check(row)
    detail.finish()
    audit.erased, audit.partly, audit.earlier = detail.erased, detail.partly, detail.earlier
    audit.root = frontier.root().hex()
    if frontier.size != audit.covered:
        audit.problem(f"the tree was signed with {audit.covered} entries, {frontier.size} are there")
    for size in sorted(signed):
        if size:
            audit.problem(f"a checkpoint of {size} entries was signed, {frontier.size} are there: the log has shrunk")


def _meta(connection: Connection, audit: Audit, verifier: NoteVerifier) -> bool:
    found = {row.key: row.value for row in connection.execute(select(meta))}
    if found.get("version") != VERSION:
        audit.problem(f"the tables say version {found.get('version')}, not {VERSION}; start the hub once")
        return False
    if not verifier.has_been(found.get("log") or ""):
        audit.problem("the database was made under another log key than keys/ledger.json")
    if not found.get("tree", "").isdigit():
        audit.problem("the database does not say how many entries its tree has")
        return False
    for name in sorted(found.keys() - {"version", "log", "tree"}):
        audit.problem(f"ledger_meta has a row {name!r} that is none of the log's")
    return True


def _checkpoints(
    connection: Connection, audit: Audit, verifier: NoteVerifier, last: str | None
) -> dict[int, list[Checkpoint]]:
    signed: dict[int, list[Checkpoint]] = {}
    before = 0
    for found in connection.execute(select(checkpoints).order_by(checkpoints.c.size)):
        row = found._asdict()
        audit.checkpoints += 1
        if row["previous"] != before:
            audit.problem(f"the checkpoint before that of {row['size']} entries is missing: {row['previous']}")
        before = row["size"]
        head = _open(audit, verifier, row["note"], row["size"])
        if head is None:
            continue
        if head.size != row["size"] or head.root != bytes(row["root"]):
            audit.problem(f"the checkpoint stored for {row['size']} entries is one of {head.size}")
        if not seals.holds(verifier, row):
            audit.problem(f"the stored checkpoint of {row['size']} entries is not as it was sealed")
        signed.setdefault(head.size, []).append(head)
    if before != audit.covered:
        audit.problem(f"the newest checkpoint is of {before} entries, the tree of {audit.covered}")
    if last and (head := _open(audit, verifier, last, None)) is not None:
        signed.setdefault(head.size, []).append(head)
    return signed


def _open(audit: Audit, verifier: NoteVerifier, note: str, size: int | None) -> Checkpoint | None:
    try:
        return open_checkpoint(note, [verifier])
    except ValueError as error:
        audit.problem(f"the checkpoint of {size or 'the last head'} is not the log's: {error}")
        return None


def _rows(connection: Connection, *, waiting: bool = False) -> Generator[Any, None, None]:
    """Entries in their places, or those without one, each with its detail where there is one."""
    query = select(entries, details.c.id.label("detailed"), *(c for c in details.c if c.name != "id")).join(
        details, details.c.id == entries.c.id, isouter=True
    )
    place = entries.c.idx
    query = query.where(place.is_(None)) if waiting else query.where(place.is_not(None)).order_by(place)
    with connection.execute(query.execution_options(yield_per=2000)) as result:
        yield from result.mappings()


class _Tiles:
    """Compares the stored tiles with those that the leaves give, level by level."""

    def __init__(self, audit: Audit, read: ReadTile) -> None:
        self._audit, self._read = audit, read
        self._levels: list[tuple[int, list[bytes]]] = []
        self._count = 0

    def add(self, value: bytes, level: int = 0) -> None:
        if level == len(self._levels):
            self._levels.append((0, []))
        n, row = self._levels[level]
        row.append(value)
        if len(row) == WIDTH:
            self._compare(level, n, row)
            self._levels[level] = (n + 1, [])
            self.add(fold(row), level + 1)

    def finish(self, connection: Connection) -> None:
        for level, (n, row) in enumerate(self._levels):
            self._compare(level, n, row)
        stored = connection.scalar(select(func.count()).select_from(tile_rows)) or 0
        if stored != self._count:
            self._audit.problem(f"{stored} tiles are stored, the entries give {self._count}")

    def _compare(self, level: int, n: int, row: list[bytes]) -> None:
        if not row:
            return
        self._count += 1
        if self._read(level, n) != b"".join(row):
            self._audit.problem(f"tile {n} of level {level} is not that of the entries")

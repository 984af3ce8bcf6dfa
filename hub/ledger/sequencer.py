"""The sequencer: gives entries their places, extends the tree, signs the head. One per hub (see ``lock``).

Places, tiles and the signed checkpoint are written in one transaction, so a kill at any moment leaves either the old
tree or the new one. A checkpoint follows the first uncovered entry within about ``PERIOD`` seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, func, select, update

from hub.ledger.database import Database, SetBack, unavailable
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.disclosures import spread
from hub.ledger.last_head import LastHead
from hub.ledger.lock import SequencerLock
from hub.ledger.notes import Checkpoint, NoteSigner, open_checkpoint
from hub.ledger.seals import reseal, seal
from hub.ledger.tables import checkpoints, entries, meta, seen, tiles
from hub.ledger.tiles import ReadTile, TileEdge, nodes
from hub.ledger.tree import leaf_hash, root_hash
from schema.errors import HubError

PERIOD = 0.2  # seconds
TAKEOVER = 0.3  # seconds between tries to become the sequencer
STEP = 2048  # entries of one transaction
PURGE = 30.0  # seconds between clearings of used-up values
THIN_AFTER = 3600 * 1_000_000  # microseconds; older checkpoints are thinned to the last of each hour
HOUR = 3600 * 1_000_000
RECOVERY = "run `credit-hub ledger verify`, then restore it, or see `credit-hub ledger recover --help`"
T = TypeVar("T")
Run = Callable[[Callable[[Connection], T]], T]


def read_tile(connection: Connection) -> ReadTile:
    """Tiles out of the database; a missing one is empty."""

    def read(level: int, n: int) -> bytes:
        data = connection.scalar(select(tiles.c.data).where(tiles.c.level == level, tiles.c.n == n))
        return b"" if data is None else bytes(data)

    return read


def tree_size(connection: Connection, *, lock: bool = False) -> int:
    """Leaves of the signed tree. ``lock``: nobody else extends it in this transaction."""
    query = select(meta.c.value).where(meta.c.key == "tree")
    value = connection.scalar(query.with_for_update() if lock else query)
    return int(value or 0)


class Sequencer:
    """A thread that tries to hold the lock and, while it does, keeps the tree up with the entries."""

    def __init__(
        self,
        database: Database,
        lock: SequencerLock,
        signer: NoteSigner,
        head: LastHead,
        run: Callable[[Callable[[Connection], int]], int],
        observe: Callable[[str, float], None],
        *,
        upkeep: Callable[[], None] = lambda: None,
        files: DatabaseFiles | None = None,
    ) -> None:
        """``run`` executes a writing transaction; ``upkeep`` is called at every round while holding the lock."""
        self._database, self._lock, self._signer, self._head = database, lock, signer, head
        self._run_write, self._observe, self._upkeep = run, observe, upkeep
        self._edge: TileEdge | None = None
        self._files = files or DatabaseFiles(None)
        self._stop = threading.Event()
        self._purged = 0.0
        self.damage: str | None = None  # why the tree cannot be continued, once that is so
        self.refused: str | None = None  # the same by the word of a witness: for as long as this process lives
        self._thread = threading.Thread(target=self._loop, name="ledger-sequencer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Cover what is written, if this is the sequencer (or nobody is), and let another take over."""
        self._stop.set()
        if not self._thread.ident:
            return  # it never started
        self._thread.join(timeout=8)
        try:
            if self._lock.acquire():
                self._round()
        except HubError:
            self._observe("sequencer_faults", 1)
        finally:
            self._lock.release()

    def check_head(self, connection: Connection) -> None:
        """Refuse a database that has less than the last signed head, or other leaves, and one that has a tree while
        nothing beside it remembers a head. Raises LedgerUnavailable."""
        note = self._head.read()
        if note is None:
            self.damage = f"{self._head.name} is gone, so nothing tells whether the database was set back"
            raise unavailable(f"{self.damage}; {RECOVERY}")
        why = self._behind(connection, note)
        if why is not None:
            self.damage = why
            raise unavailable(f"{why}; {RECOVERY}")

    def _behind(self, connection: Connection, note: str) -> str | None:
        """Why the database does not continue a head that this log signed; None where it does."""
        try:
            last = open_checkpoint(note, [self._signer.verifier])
            size = tree_size(connection)
            whole = size >= last.size and root_hash(nodes(read_tile(connection)), last.size) == last.root
        except (ValueError, LookupError):
            whole = False
        return (
            None if whole else "the database does not continue the last signed checkpoint; it was set back or replaced"
        )

    def check_witnessed(self, note: str) -> None:
        """A head of this log that a witness has seen: a database that has less is refused from now on. Raises SetBack;
        LedgerUnavailable where the database cannot be asked, which says nothing of its history."""
        with self._database.read() as connection:
            why = self._behind(connection, note)
        if why is not None:
            self.refused = f"a witness knows a head that this log does not continue: {why}"
            self.damage = self.refused
            error = unavailable(f"{self.damage}; {RECOVERY}")
            raise SetBack(error.message, hint=error.hint, message_zh=error.message_zh)

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                if not self._lock.acquire():
                    self._edge = None
                    self._stop.wait(TAKEOVER)
                    continue
                self._upkeep()
                if not self._files.is_quiet() or self.damage is not None:
                    self._round()
            except HubError:
                self._files.ask_again()
                self._edge = None
                self._observe("sequencer_faults", 1)
                self._stop.wait(TAKEOVER)
            except Exception as error:
                self._files.ask_again()
                self._edge = None
                self.damage = f"the tree cannot be continued: {error!r}"
                self._observe("sequencer_faults", 1)
                self._stop.wait(TAKEOVER)
            self._stop.wait(PERIOD)

    def _round(self) -> None:
        if self.refused is not None:
            return
        with self._database.read() as connection:
            waiting = connection.scalar(select(entries.c.id).where(entries.c.idx.is_(None)).limit(1)) is not None
        while waiting:
            started = time.perf_counter()
            done = self._run_write(self._extend)
            self._observe("checkpoint_seconds", time.perf_counter() - started)
            self._publish()
            waiting = done == STEP
        self.damage = self.refused
        if time.monotonic() - self._purged > PURGE:
            self._purged = time.monotonic()
            self._run_write(self._purge)

    def _publish(self) -> None:
        with self._database.read() as connection:
            note = connection.scalar(select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1))
        if note is not None:
            self._head.write(note)

    def _extend(self, connection: Connection) -> int:
        size = tree_size(connection, lock=True)
        read = read_tile(connection)
        if self._edge is None or self._edge.size != size:
            self._edge = None
            self.check_head(connection)
            edge = TileEdge(size, read)
        else:
            edge, self._edge = self._edge, None  # kept again only when the transaction has ended well
        waiting = select(entries.c.id, entries.c.leaf).where(entries.c.idx.is_(None))
        rows = connection.execute(waiting.order_by(entries.c.id).limit(STEP)).all()
        if not rows:
            return 0
        spread(connection, self._database, {row.id for row in rows})
        connection.execute(
            update(entries).where(entries.c.id == bindparam("s")).values(idx=bindparam("i")),
            [{"s": row.id, "i": size + offset} for offset, row in enumerate(rows)],
        )
        changed = edge.extend(leaf_hash(bytes(row.leaf)) for row in rows)
        upsert = self._database.insert(tiles)
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["level", "n"], set_={"data": upsert.excluded.data}),
            [{"level": level, "n": n, "data": data} for (level, n), data in sorted(changed.items())],
        )
        self._sign(connection, size, edge.size, root_hash(nodes(edge.read_over(read)), edge.size))
        self._edge = edge
        return len(rows)

    def _sign(self, connection: Connection, previous: int, size: int, root: bytes) -> None:
        note = self._signer.sign(Checkpoint(self._signer.name, size, root).text)
        now = time.time_ns() // 1000
        row = {"size": size, "root": root, "note": note, "created_us": now, "previous": previous}
        connection.execute(self._database.insert(checkpoints), [{**row, "seal": seal(self._signer, row)}])
        connection.execute(update(meta).where(meta.c.key == "tree").values(value=str(size)))

    def _purge(self, connection: Connection) -> int:
        connection.execute(delete(seen).where(seen.c.expires < int(time.time())))
        old = time.time_ns() // 1000 - THIN_AFTER
        size = checkpoints.c.size
        last_old = connection.scalar(select(func.max(size)).where(checkpoints.c.created_us < old))
        following = connection.scalar(select(func.min(size)).where(size > (last_old or 0)))
        if last_old is None or following is None:
            return 0  # the newest one always stays
        keep = select(func.max(size)).where(size <= last_old).group_by(checkpoints.c.created_us // HOUR)
        thinned = connection.execute(delete(checkpoints).where(size <= last_old, size.not_in(keep)))
        if thinned.rowcount:
            reseal(connection, self._signer, following)
        return 0

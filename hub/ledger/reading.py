"""What is read of the ledger: heads, tiles, proofs, statuses, and who asked about a subject. All in worker threads."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from hub.ledger.changes import chunks
from hub.ledger.database import Database
from hub.ledger.disclosures import disclosed_key, told_while_waiting
from hub.ledger.fields import ASKER, COLUMNS, salt_of, unpack_gone
from hub.ledger.notes import NoteSigner
from hub.ledger.receipts import STATUSES
from hub.ledger.seals import store
from hub.ledger.sequencer import read_tile, tree_size
from hub.ledger.tables import checkpoints, details, disclosed, entries
from hub.ledger.tiles import HASH, WIDTH, TilePath, nodes
from hub.ledger.tree import consistency_proof, inclusion_proof
from schema.times import now_us, us_to_iso

_LOOK_BACK = 500  # checkpoints among which a cosigned one is looked for
NEAR = 40  # checkpoints after an entry, and before now, among which one with cosignatures enough is looked for
WITNESSES_TIME = 4_000_000  # microseconds after an entry for which its proof waits for them


def shown(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Fields of an entry as they open the receipt's commitments: ``{salt, value}`` each, or ``{commitment}`` of one
    that was erased."""
    gone, salts = unpack_gone(row["gone"]), bytes(row["salts"])
    found: dict[str, Any] = {}
    for name in names:
        if name in gone:
            found[name] = {"commitment": b64encode(gone[name]).decode()}
        else:
            value = row[COLUMNS.get(name, name)]
            value = b64encode(value).decode() if isinstance(value, bytes | memoryview) else value
            found[name] = {"salt": b64encode(salt_of(salts, name)).decode(), "value": value}
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt with its place in the tree; ``proof`` and ``checkpoint`` are None until a checkpoint covers it."""

    client: str
    receipt: str
    proof: dict[str, Any] | None
    checkpoint: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many cosignatures a proof is to have, and the names of the witnesses that count."""

    count: int
    names: frozenset[str]


NOBODY = Wanted(0, frozenset())


@dataclass(frozen=True, slots=True)
class Head:
    size: int
    note: str
    count: int


def witnessed_head(connection: Connection, index: int, wanted: Wanted) -> Head | None:
    """The checkpoint over a place in the tree to show: the first or the last one with cosignatures enough, otherwise
    the newest with the most of them. Lines were checked before they were stored."""
    covering = select(checkpoints.c.size, checkpoints.c.note).where(checkpoints.c.size > index)
    newest = covering.order_by(checkpoints.c.size.desc())
    if wanted.count == 0:
        rows = connection.execute(newest.limit(1)).all()
    else:
        rows = connection.execute(newest.limit(NEAR)).all()
        rows = [*connection.execute(covering.order_by(checkpoints.c.size).limit(NEAR)).all(), *rows]
    best: Head | None = None
    for row in rows:
        names = {line.split(" ")[1] for line in row.note.rpartition("\n\n")[2].splitlines()}
        head = Head(row.size, row.note, len(names & wanted.names))
        if head.count >= wanted.count:
            return head
        if best is None or (head.count, head.size) > (best.count, best.size):
            best = head
    return best


def _others(note: str) -> set[str]:
    """Who signed beside the log itself, which has two lines while an earlier key signs along."""
    names = {line.split(" ")[1] for line in note.rpartition("\n\n")[2].splitlines()}
    return names - {note.partition("\n")[0]}


class Reader:
    """Blocking reads; callers on an event loop run them in a thread. Raises LedgerUnavailable."""

    def __init__(self, database: Database, signer: NoteSigner) -> None:
        self._database = database
        self._signer = signer

    def checkpoint(self) -> str | None:
        """The newest signed checkpoint, or None while the log is empty."""
        with self._database.read() as connection:
            return connection.scalar(select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1))

    def witnessed(self) -> str | None:
        """The newest checkpoint that a witness has cosigned: under load the newest one is too young for that."""
        newest = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(_LOOK_BACK)
        with self._database.read() as connection:
            notes = connection.scalars(newest).all()
        return next((note for note in notes if _others(note)), None)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The RFC 6962 proof that the tree of size ``new`` extends that of size ``old``."""
        with self._database.read() as connection:
            return consistency_proof(nodes(read_tile(connection)), old, new)

    def add_cosignature(self, size: int, line: str) -> None:
        """Append a witness's line to the checkpoint of a size; an earlier one of the same witness is replaced."""
        name = line.split(" ")[1]
        with self._database.write() as connection:
            query = select(checkpoints).where(checkpoints.c.size == size)
            row = connection.execute(query).mappings().first()
            if row is not None:
                text, _, signatures = row["note"].rpartition("\n\n")
                first, *others = signatures.splitlines(keepends=True)
                kept = [one for one in others if one.split(" ")[1] != name]
                store(connection, self._signer, {**row, "note": f"{text}\n\n{first}{''.join(kept)}{line}"})

    def tile(self, path: TilePath) -> bytes | None:
        """A tile or entry bundle of the signed tree, or None when it has none such."""
        with self._database.read() as connection:
            if not path.available(tree_size(connection)):
                return None
            if path.level is not None:
                return read_tile(connection)(path.level, path.n)[: path.width * HASH]
            first = path.n * WIDTH
            rows = connection.scalars(
                select(entries.c.leaf)
                .where(entries.c.idx >= first, entries.c.idx < first + path.width)
                .order_by(entries.c.idx)
            )
            return b"".join(len(leaf).to_bytes(2, "big") + bytes(leaf) for leaf in rows)

    def proof(self, receipt_id: str, wanted: Wanted = NOBODY) -> Proof | None:
        """Receipt, inclusion proof, and a checkpoint that covers it: one with as many cosignatures as are wanted, or
        for a moment none, so that witnesses have the time to see it. None: unknown or erased."""
        with self._database.read() as connection:
            row = connection.execute(
                select(entries.c.idx, entries.c.recorded_us, details)
                .join(details, details.c.id == entries.c.id)
                .where(entries.c.id == receipt_id)
            ).first()
            if row is None or row.receipt is None or row.client is None:
                return None
            if row.idx is None:
                return Proof(row.client, row.receipt, None, None)
            head = witnessed_head(connection, row.idx, wanted)
            young = now_us() - row.recorded_us < WITNESSES_TIME
            if head is None or (head.count < wanted.count and young):
                return Proof(row.client, row.receipt, None, None)
            size, note = head.size, head.note
            hashes = inclusion_proof(nodes(read_tile(connection)), row.idx, size)
        proof = {
            "index": row.idx,
            "size": size,
            "salt": b64encode(row.salt).decode(),
            "hashes": [b64encode(one).decode() for one in hashes],
        }
        if row.salts is not None:
            proof["asker"] = shown(row._asdict(), ASKER)
        return Proof(row.client, row.receipt, proof, note)

    def status(self, receipt_id: str) -> dict[str, Any] | None:
        """``{status, changedAt}``: whether what the receipt told of still stands. None: unknown."""
        with self._database.read() as connection:
            row = connection.execute(
                select(entries.c.status, entries.c.changed_us).where(entries.c.id == receipt_id)
            ).first()
        if row is None:
            return None
        changed = None if row.changed_us is None else us_to_iso(row.changed_us)
        return {"status": STATUSES[row.status], "changedAt": changed}

    def told_to(
        self, identifiers: Collection[str], clients: Collection[str], level: int, before_us: int | None
    ) -> list[str]:
        """Receipts of some clients that told of any of these, issued before an instant, with a status below
        ``level`` (its place in ``STATUSES``)."""
        if not clients:
            return []
        keys = sorted({disclosed_key(identifier) for identifier in identifiers})
        told = (
            select(entries.c.id)
            .join(details, details.c.id == entries.c.id)
            .where(details.c.client.in_(list(clients)), entries.c.status < level)
        )
        if before_us is not None:
            told = told.where(entries.c.recorded_us < before_us)
        found: dict[str, None] = {}
        with self._database.read() as connection:
            for some in chunks(keys):
                by_key = select(disclosed.c.id).where(disclosed.c.key.in_(some))
                found.update(dict.fromkeys(connection.scalars(told.where(entries.c.id.in_(by_key)))))
            for some in chunks(told_while_waiting(connection, keys)):
                found.update(dict.fromkeys(connection.scalars(told.where(entries.c.id.in_(some)))))
        return list(found)

    def looks(self, client: str | None, subject: str | None, limit: int) -> list[dict[str, Any]]:
        """Who asked what, newest first, with the values it was asked with: for whoever answers for the log."""
        query = select(entries.c.id, entries.c.kind, entries.c.recorded_us, *details.c[1:])
        query = query.join(details, details.c.id == entries.c.id).where(details.c.client != "")
        if client is not None:
            query = query.where(details.c.client == client)
        with self._database.read() as connection:
            if subject is not None:
                key = disclosed_key(subject)
                told = select(disclosed.c.id).where(disclosed.c.key == key)
                fresh = told_while_waiting(connection, [key])[-limit:]
                named = or_(details.c.subject == subject, entries.c.id.in_(told), entries.c.id.in_(fresh))
                query = query.where(named)
            rows = connection.execute(query.order_by(entries.c.id.desc()).limit(limit)).mappings().all()
        return [
            {
                "receipt": row["id"],
                "kind": row["kind"],
                "at": us_to_iso(row["recorded_us"]),
                "client": row["client"],
                "onBehalfOf": row["on_behalf_of"],
                "purpose": row["purpose"],
                "case": row["case_ref"],
                "subject": row["subject"],
                "detail": json.loads(row["detail"]) if row["detail"] else None,
                "variables": json.loads(row["variables"]) if row["variables"] else None,
            }
            for row in rows
        ]

    def asked_about(self, identifier: str, limit: int = 200) -> list[dict[str, Any]]:
        """Who was told of a subject or record, newest first: receipt, time, client, purpose, end client."""
        by_id = select(details.c.id).where(details.c.subject == identifier)
        key = disclosed_key(identifier)
        by_answer = select(disclosed.c.id).where(disclosed.c.key == key)
        with self._database.read() as connection:
            fresh = told_while_waiting(connection, [key])[-limit:]
            rows = (
                connection.execute(
                    select(entries.c.id, entries.c.kind, entries.c.recorded_us, entries.c.status, *details.c[1:])
                    .join(details, details.c.id == entries.c.id)
                    .where(or_(entries.c.id.in_(by_id.union(by_answer)), entries.c.id.in_(fresh)))
                    .order_by(entries.c.id.desc())
                    .limit(limit)
                )
                .mappings()
                .all()
            )
        return [
            {
                "receipt": row["id"],
                "kind": row["kind"],
                "askedAt": us_to_iso(row["recorded_us"]),
                "client": row["client"],
                "onBehalfOf": row["on_behalf_of"],
                "purpose": row["purpose"],
                "consent": row["consent"],
                "status": STATUSES[row["status"]],
            }
            for row in rows
        ]

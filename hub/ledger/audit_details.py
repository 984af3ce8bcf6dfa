"""The audit of what the log keeps of its entries: every field against the receipt, every erasure, mark and key against
the entry that tells of it, what answers told of against the table that is searched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from hub.ledger import fields
from hub.ledger.changes import digest_of_erasures, digest_of_marks
from hub.ledger.disclosures import unpack
from hub.ledger.erasure import NOTES, WHOLE
from hub.ledger.receipts import leaf_data
from hub.ledger.tables import details, disclosed, entries, erased, marks, noted_keys
from hub.signing.digests import content_digest
from hub.signing.keys import PublicKey
from hub.signing.suites import unb64u

Row = Mapping[str, Any]


class DetailAudit:
    """``check`` every entry once, then ``finish``."""

    def __init__(self, connection: Connection, problem: Callable[[str], None], keys: Mapping[str, PublicKey]) -> None:
        self._connection, self._problem, self._keys = connection, problem, keys
        self._erased: dict[str, list[Row]] = defaultdict(list)
        self._marks: dict[str, list[Row]] = defaultdict(list)
        self._by_note: dict[str, list[Row]] = defaultdict(list)
        for table, kept in ((erased, self._erased), (marks, self._marks)):
            for found in connection.execute(select(table)):
                row = found._asdict()
                kept[row["id"]].append(row)
                self._by_note[row["note"]].append(row)
        self._noted: set[tuple[str, int]] = set()
        self._shown = _Disclosed(connection, problem)
        self.erased = self.partly = self.earlier = 0

    def check(self, row: Row) -> None:
        identifier = row["id"]
        self._status(row)
        gone = self._erased.pop(identifier, [])
        for one in gone:
            kept = ("leaf", "kind", "recorded_us")
            if any(_plain(one[name]) != _plain(row[name]) for name in kept):
                self._problem(f"the entry {identifier} is not the one whose erasure was logged")
        names = {name for one in gone for name in one["fields"].split(",")}
        if row["detailed"] is None:
            self.erased += 1
            if WHOLE not in names:
                self._problem(f"the detail of {identifier} is gone, and no erasure of it is logged")
            return
        if WHOLE in names:
            self._problem(f"the detail of {identifier} is there again after its erasure")
        self.partly += bool(names)
        claims = self._receipt(row, names)
        committed = self._committed(row, claims, gone)
        self._fields(row, committed, names)
        self._shown.expect(row, committed is not None)
        if row["kind"] in NOTES and claims:
            self._note(row, claims)

    def finish(self) -> None:
        """What belongs to no entry that was checked."""
        self._shown.finish()
        for what, left in (("erasure", self._erased), ("mark", self._marks)):
            for identifier in left:
                self._problem(f"an {what} is stored of {identifier}, which is no entry")
        for note in self._by_note:
            self._problem(f"erasures or marks are stored of {note}, which is no entry that tells of them")
        known = select(entries.c.id)
        orphans = select(func.count()).select_from(details).where(details.c.id.not_in(known))
        if count := self._connection.scalar(orphans):
            self._problem(f"{count} details belong to no entry")
        stored = {(kid, exp) for kid, exp in self._connection.execute(select(noted_keys.c.kid, noted_keys.c.exp))}
        for kid, _ in stored ^ self._noted:
            self._problem(f"ledger_keys and the entries do not agree about the key {kid}")

    def _status(self, row: Row) -> None:
        found = self._marks.pop(row["id"], [])
        last = max(found, key=lambda one: one["status"], default=None)
        expected = (0, None) if last is None else (last["status"], last["changed_us"])
        if (row["status"], row["changed_us"]) != expected:
            self._problem(f"the status of {row['id']} is not what the log's entries made it")

    def _receipt(self, row: Row, names: set[str]) -> dict[str, Any]:
        """The receipt's claims; empty where it was erased, or is not the one that was logged."""
        identifier = row["id"]
        if row["receipt"] is None or row["salt"] is None:
            if (row["receipt"], row["salt"]) != (None, None) or fields.IN_RECEIPT.isdisjoint(names):
                self._problem(f"the receipt {identifier} is gone, and no erasure of it is logged")
            return {}
        if leaf_data(bytes(row["salt"]), row["receipt"]) != bytes(row["leaf"]):
            self._problem(f"the receipt {identifier} is not the one that was logged")
            return {}
        try:
            header, payload, signature = row["receipt"].split(".")
            claims, kid = orjson.loads(unb64u(payload)), orjson.loads(unb64u(header))["kid"]
            key = self._keys[kid]
            held = key.verifier.verify(unb64u(signature), f"{header}.{payload}".encode())
            if (
                not held
                or claims["jti"] != identifier
                or not (key.valid_at(claims["iat"]) or key.revoked_at is not None)
            ):
                self._problem(f"the receipt {identifier} is not signed by a key of the time")
            if claims["kind"] != row["kind"] or claims["iat"] != row["recorded_us"] // 1_000_000:
                self._problem(f"kind or time of {identifier} are not those of its receipt")
        except (ValueError, KeyError, TypeError) as error:
            self._problem(f"the receipt {identifier} cannot be checked: {error!r}")
            return {}
        return dict(claims)

    def _committed(self, row: Row, claims: Mapping[str, Any], gone: list[Row]) -> str | None:
        """The commitment over the detail: out of the receipt, or out of the erasure that took the receipt away."""
        said = {one["commitment"] for one in gone}
        if claims:
            said.add(claims.get("entry_commitment"))
        if len(said) > 1:
            self._problem(f"receipt and erasure of {row['id']} do not agree")
        return next((one for one in said if one is not None), None)

    def _fields(self, row: Row, committed: str | None, names: set[str]) -> None:
        identifier = row["id"]
        empty = [name for name in names if name in fields.FIELDS and row[fields.COLUMNS.get(name, name)] is not None]
        if empty:
            self._problem(f"{' '.join(sorted(empty))} of {identifier} are there again after their erasure")
        if committed is None:
            self.earlier += 1
            if any(row[name] is not None for name in ("salts", "gone", "variables")):
                self._problem(f"the detail of {identifier} has parts that its receipt does not commit to")
            return
        try:
            gone = fields.unpack_gone(None if row["gone"] is None else bytes(row["gone"]))
            salts = bytes(row["salts"])
            if len(salts) != fields.SALT * len(fields.FIELDS) or set(gone) != names:
                raise ValueError("the salts do not fit, or a field is gone whose erasure is not logged")
            if any(any(fields.salt_of(salts, name)) for name in gone):
                raise ValueError("the salt of an erased field is there")
            held = fields.joined(fields.commitments(fields.values_of(row), salts, gone)) == committed
        except (ValueError, TypeError) as error:
            self._problem(f"the detail of {identifier} cannot be checked: {error}")
            return
        if not held:
            self._problem(f"the detail of {identifier} is not the one that was logged")

    def _note(self, row: Row, claims: Mapping[str, Any]) -> None:
        """An entry that the log makes of itself: what it commits to is what is stored."""
        try:
            if claims["answer_digest"] != content_digest(row["detail"].encode()):
                raise ValueError("another detail than the receipt's")
            detail = orjson.loads(row["detail"])
            if row["kind"] == "signing-key":
                self._noted.add((detail["jwk"]["kid"], detail["exp"]))
                return
        except (ValueError, KeyError, TypeError, AttributeError):
            self._problem(f"the note {row['id']} is not the one that was logged")
            return
        digest_of = {"details-erased": digest_of_erasures, "receipts-marked": digest_of_marks}.get(row["kind"])
        if digest_of is None or "entry_commitment" not in claims:
            return
        rows = self._by_note.pop(row["id"], [])
        try:
            same = digest_of(rows) == detail.get("digest")
        except KeyError:
            same = False
        if not same:
            self._problem(f"what {row['id']} erased or marked is not what is stored of it")


class _Disclosed:
    """The table of what answers told of, against what their entries carry. Both are read in the order of ids."""

    def __init__(self, connection: Connection, problem: Callable[[str], None]) -> None:
        self._connection, self._problem = connection, problem
        self._expected: dict[str, int] = {}

    def expect(self, row: Row, committed: bool) -> None:
        keys = unpack(bytes(row["disclosed"])) if row["disclosed"] else []
        if row["idx"] is None:
            return  # spread with its place, or by a marking before
        query = select(disclosed.c.key).where(disclosed.c.id == row["id"])
        if not keys and committed:
            return  # whether there are any is counted at the end
        found = {bytes(key) for key in self._connection.scalars(query)}
        if committed and found != set(keys):
            self._problem(f"what {row['id']} told of is not what is stored of it")
        self._expected[row["id"]] = len(found)

    def finish(self) -> None:
        waiting = select(entries.c.id).where(entries.c.idx.is_(None))
        stored = select(func.count()).select_from(disclosed).where(disclosed.c.id.not_in(waiting))
        if (self._connection.scalar(stored) or 0) != sum(self._expected.values()):
            self._problem("things are stored as told of that belong to no entry")


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else value

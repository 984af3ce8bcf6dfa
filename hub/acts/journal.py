"""The journal: acts are written once, with their ledger entry, in one transaction; cases are read as folds of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, insert, select, text

from hub.acts.model import Act, Performed, Written, new_id
from hub.acts.tables import acts, claims, due, events, keys, metadata
from hub.ledger import Entry, Ledger, Receipt
from hub.signing import content_digest
from schema.caller import Caller
from schema.errors import Conflict
from schema.ports import Performing
from schema.sql_tables import make_missing
from schema.times import now_us

ORDER_LOCK = 0x43524546  # PostgreSQL advisory lock: acts are numbered in the order in which they are committed
COLUMNS = (*acts.c,)


class Moved(Conflict):
    """Another act took the place of this one in its case."""


class KeyTaken(Conflict):
    """Another request wrote its act under the same idempotency key."""


def canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def act_digest(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the receipt of an act commits to: its rows without their numbers and without the receipt itself."""
    kept = [{name: row[name] for name in sorted(row) if name not in ("seq", "receipt")} for row in rows]
    return content_digest(canonical(kept))


class Journal:
    """Append-only. Raises LedgerUnavailable where the ledger's database cannot be reached."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def open(self, *further: Any) -> None:
        """Make the tables that are missing, also those of the rooms (``further``: their MetaData)."""

        def work(connection: Connection) -> None:
            make_missing(connection, metadata, *further)

        await self.ledger.store.write(work)

    async def key(self, client: str, key: str) -> Row[Any] | None:
        """What was done under an idempotency key: ``content result receipt claimed``."""
        query = select(keys).where(keys.c.client == client, keys.c.key == key)
        return await self.ledger.store.read(lambda connection: connection.execute(query).first())

    async def case(self, case: str) -> list[Written]:
        """The transitions of a case, in order; none for what is not there."""
        return await self.acts(select(*COLUMNS).where(acts.c.case_id == case).order_by(acts.c.step))

    async def cases(self, cases: Sequence[str]) -> dict[str, list[Written]]:
        """The transitions of many cases, by case, in the order asked."""
        found: dict[str, list[Written]] = {case: [] for case in cases}
        for start in range(0, len(cases), 400):
            part = list(cases[start : start + 400])
            query = select(*COLUMNS).where(acts.c.case_id.in_(part)).order_by(acts.c.case_id, acts.c.step)
            for act in await self.acts(query):
                found[act.case].append(act)
        return found

    async def acts(self, query: Select[Any]) -> list[Written]:
        """The acts that a query over the columns of ``acts`` gives, in its order."""
        rows = await self.ledger.store.read(lambda connection: connection.execute(query).all())
        return [written(row) for row in rows]

    async def record(
        self,
        name: str,
        performed: Performed,
        caller: Caller,
        performing: Performing | None,
        *,
        data_version: str = "",
        done: Sequence[str] = (),
    ) -> tuple[Receipt, int]:
        """Write acts with one ledger entry, the idempotency key, the proof and what goes out: all or nothing.

        Gives the receipt of the act, and the number of its last claim (0: none). ``done`` names due work that
        this completes. Raises Moved, KeyTaken (nothing is written then), and what a room's ``write`` raises.
        """
        now = now_us()
        rows = [_row(act, caller, now) for act in performed.acts]
        digest = act_digest(rows)
        subjects = list(dict.fromkeys(act.subject for act in performed.acts if act.subject))
        entry = Entry(
            kind="act",
            caller=caller,
            request_digest=performing.digest if performing else content_digest(b""),
            answer_digest=digest,
            data_version=data_version,
            subject=subjects[0] if len(subjects) == 1 else None,
            purpose=caller.purpose,
            case=caller.case,
            detail={"operation": name, "acts": [row["id"] for row in rows][:50], "count": len(rows)},
            jti=caller.jti if performing else "",
            jti_expires=caller.jti_expires,
            discloses=subjects,
            method=performing.method if performing else None,
            target=performing.target if performing else None,
        )

        def work(connection: Connection) -> int:
            if not self.ledger.store.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ORDER_LOCK})
            for named in done:
                finish(connection, named, now)
            for act in performed.acts:
                if act.write is not None:
                    act.write(connection)
            return self._outgoing(connection, performed.acts, rows, now)

        def after(connection: Connection, claimed: int, receipt: Receipt) -> None:
            once = self.ledger.store.insert(acts).on_conflict_do_nothing().returning(acts.c.id)
            values = [{**row, "receipt": receipt.id} for row in rows]
            for start in range(0, len(values), 200):
                part = values[start : start + 200]
                if len(connection.execute(once, part).all()) != len(part):
                    raise Moved("the case has moved on", hint="look at it again")
            if performing is not None:
                made: dict[str, Any] = {
                    "client": caller.client_id,
                    "key": performing.key,
                    "content": performing.content,
                }
                made |= {"result": canonical(performed.result).decode(), "receipt": receipt.id, "claimed": claimed}
                first = self.ledger.store.insert(keys).on_conflict_do_nothing().returning(keys.c.key)
                if connection.execute(first, [made]).first() is None:
                    raise KeyTaken("the key is used", hint="send another")

        # Shielded: an asker that goes away while its act is written leaves it written, never half known.
        claimed, receipt = await asyncio.shield(self.ledger.transact(work, entry, after))
        return receipt, claimed

    def _outgoing(
        self, connection: Connection, made: Sequence[Act], rows: Sequence[Mapping[str, Any]], now: int
    ) -> int:
        claimed = 0
        for act, row in zip(made, rows, strict=True):
            for claim in act.claims:
                value = {"act": row["id"], "kind": claim.kind, "row": canonical(claim.row).decode()}
                number = connection.execute(insert(claims).values(**value)).inserted_primary_key
                assert number is not None
                claimed = int(number[0])
            told = [
                {
                    "act": row["id"],
                    "kind": event.kind,
                    "audience": event.audience,
                    "about": canonical(event.about).decode(),
                    "at_us": now,
                }
                for event in act.events
            ]
            if told:
                connection.execute(insert(events), told)
            later = [
                {"id": d.id, "kind": d.kind, "thing": d.thing, "at_us": d.at_us, "about": canonical(d.about).decode()}
                for d in act.due
            ]
            if later:
                connection.execute(self.ledger.store.insert(due).on_conflict_do_nothing(), later)
        return claimed


def finish(connection: Connection, named: str, now: int) -> None:
    """Mark due work done, once. Raises Moved when somebody else has done it."""
    changed = connection.execute(due.update().where(due.c.id == named, due.c.done_us.is_(None)).values(done_us=now))
    if changed.rowcount != 1:
        raise Moved("this is done already", hint="look at it again")


def _row(act: Act, caller: Caller, now: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": act.kind,
        "case_id": act.case,
        "step": act.step,
        "at_us": now,
        "client": caller.client_id,
        "actor": act.actor,
        "subject": act.subject,
        "person": act.person,
        "topic": act.topic,
        "body": canonical(act.body).decode(),
    }


def written(row: Row[Any]) -> Written:
    return Written(
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        case=row.case_id,
        step=row.step,
        at_us=row.at_us,
        client=row.client,
        actor=row.actor,
        subject=row.subject,
        person=row.person,
        topic=row.topic,
        body=orjson.loads(row.body),
        receipt=row.receipt,
    )

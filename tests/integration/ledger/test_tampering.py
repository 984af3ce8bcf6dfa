"""Whoever writes the database past the program is found: every column of every table of the log, every row."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from ledger_tools import BANK, entry, proven
from sqlalchemy import LargeBinary, MetaData, String, Table, Text, create_engine, inspect, select

from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.tables import metadata
from hub.settings import Settings

APART = {"used_once": "what works once, for minutes; no part of the log"}
WITNESS = "\u2014 other.example/ledger/witness AAAAAAAA\n"


async def written(settings: Settings) -> None:
    """A log with a row in every table and a value in every column."""
    gateway = replace(BANK, on_behalf_of="某银行")
    async with await Ledger.open(settings) as ledger:
        full = replace(
            entry(gateway, subject="91320400MA1XXXXXX1", discloses=["record-1", "record-2"]),
            consent="consent-1",
            detail={"document": "abc", "fields": ["subject"]},
            variables={"code": "91320400MA1XXXXXX1"},
            target="https://hub.example/graphql",
            method="POST",
        )
        receipts = [await ledger.commit(replace(full, jti=f"j-{n}")) for n in range(6)]
        await proven(ledger, receipts[-1].id)
        await ledger.mark_receipts("SUPERSEDED", ["record-1"], because="corrected")
        await ledger.mark_receipts("REVOKED", ["record-2"], because="revoked")
        assert await ledger.erase(ids=[receipts[0].id], because="asked for") == 1
        assert await ledger.erase(ids=[receipts[1].id], fields=["client"], because="asked for") == 1
        assert await ledger.erase(ids=[receipts[2].id], fields=["subject", "variables"], because="asked for") == 1
        assert await ledger.erase(ids=[receipts[2].id], fields=["case"], because="and that") == 1
        last = await ledger.note("load", {"run": "r-1"})
        size = (await proven(ledger, last.id))["proof"]["size"]
        await asyncio.to_thread(ledger.reader.add_cosignature, size, WITNESS)


def other(value: Any, column: Any) -> Any:
    """Another value of the column's type."""
    if isinstance(value, memoryview | bytes):
        data = bytes(value)
        return bytes([data[0] ^ 1]) + data[1:]
    if isinstance(value, str):
        return f"{'B' if value[:1] == 'A' else 'A'}{value[1:]}"
    if isinstance(value, int):
        return value + 1_000_000 if value > 1000 else value + 1
    if isinstance(column.type, LargeBinary):
        return b"\x07" * 33
    return "x" if isinstance(column.type, String | Text) else 1


def attempts(connection: Any, table: Table) -> list[tuple[str, Any]]:
    """Statements that a thief of the database could think of, each with what it does."""
    keys = list(table.primary_key.columns)
    found: list[tuple[str, Any]] = []
    rows = list(connection.execute(select(table).order_by(*keys)))
    some = {0, len(rows) // 3, 2 * len(rows) // 3, len(rows) - 1}
    for place, row in enumerate(rows):
        this = [column == row._mapping[column] for column in keys]
        where = " ".join(str(row._mapping[column]) for column in keys)
        found.append((f"{table.name} {where}: deleted", table.delete().where(*this)))
        for column in table.columns if place in some else ():
            value = row._mapping[column]
            changed = table.update().where(*this).values({column.name: other(value, column)})
            found.append((f"{table.name} {where}: {column.name} changed", changed))
            if value is not None and column.nullable:
                found.append(
                    (
                        f"{table.name} {where}: {column.name} taken away",
                        table.update().where(*this).values({column.name: None}),
                    )
                )
        copied = {c.name: other(v, c) if c in keys else v for c, v in zip(table.columns, row, strict=True)}
        copied = {name: None if name == "idx" else value for name, value in copied.items()}
        found.append((f"{table.name} {where}: put in twice", table.insert().values(copied)))
    return found


async def test_no_column_and_no_row_is_changed_unseen(settings: Settings) -> None:
    await written(settings)
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.erased, audit.partly) == (1, 2)
    url = settings.sql_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    unseen = await asyncio.to_thread(try_all, settings, engine)
    engine.dispose()
    assert not unseen
    assert audit_ledger(settings).ok, "every change was taken back"


def try_all(settings: Settings, engine: Any) -> list[str]:
    """Each attempt in a transaction that the audit looks at and that is then rolled back."""
    from hub.ledger.audit import Audit, check_ledger
    from hub.ledger.identity import open_identity
    from hub.ledger.last_head import LastHead
    from hub.signing import KeyStore

    verifier, last = open_identity(settings).verifier, LastHead(settings).read()
    keys = {key.kid: key for key in KeyStore(settings.data / "keys").public()}
    tables = MetaData()
    tables.reflect(engine, only=lambda name, _: name.startswith("ledger_") or name in APART)
    assert set(tables.tables) == set(metadata.tables), "every table of the log is known here"
    unseen = []
    with engine.connect() as connection:
        done = 0
        for name in sorted(set(tables.tables) - APART.keys()):
            assert inspect(engine).has_table(name)
            made = attempts(connection, tables.tables[name])
            assert made, f"nothing is in {name}"
            connection.rollback()
            for what, statement in made:
                try:
                    connection.execute(statement)
                except Exception:
                    connection.rollback()  # the database itself refuses it
                    continue
                audit = Audit()
                check_ledger(connection, audit, verifier, keys, last)
                connection.rollback()
                done += 1
                if audit.ok:
                    unseen.append(what)
        assert done > 300
    return unseen


@pytest.mark.parametrize(
    "hidden",
    ["UPDATE ledger_meta SET value = '0' WHERE key = 'tree'", "DELETE FROM ledger_meta WHERE key = 'log'"],
)
async def test_the_tables_own_facts_are_checked(settings: Settings, hidden: str) -> None:
    from sqlalchemy import text

    async with await Ledger.open(settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        ledger._sequencer.stop()
        with ledger._database.write() as connection:
            connection.execute(text(hidden))
    assert not audit_ledger(settings).ok

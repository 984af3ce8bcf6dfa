"""A log as the version before wrote it: receipts that commit to no detail, tables without the newer columns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from hub.ledger import Ledger, receipts
from hub.settings import Settings

_SQLITE = (
    "ALTER TABLE ledger_entries RENAME TO newer",
    "CREATE TABLE ledger_entries (seq INTEGER PRIMARY KEY AUTOINCREMENT, id VARCHAR(36) NOT NULL UNIQUE, "
    "kind VARCHAR(32) NOT NULL, leaf BLOB NOT NULL, recorded_us BIGINT NOT NULL, idx BIGINT UNIQUE, "
    "status SMALLINT DEFAULT 0 NOT NULL, changed_us BIGINT)",
    "INSERT INTO ledger_entries (id, kind, leaf, recorded_us, idx, status, changed_us) "
    "SELECT id, kind, leaf, recorded_us, idx, status, changed_us FROM newer ORDER BY id",
    "DROP TABLE newer",
    "CREATE INDEX ledger_entries_open ON ledger_entries (seq) WHERE idx IS NULL",
    "DROP INDEX used_once_expires",
    "ALTER TABLE used_once RENAME TO ledger_seen",
    "CREATE INDEX ledger_seen_expires ON ledger_seen (expires)",
)
_POSTGRES = (
    "DROP INDEX ledger_entries_open",
    "ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_pkey",
    "ALTER TABLE ledger_entries ADD COLUMN seq BIGSERIAL PRIMARY KEY",
    "ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_id_key UNIQUE (id)",
    "CREATE INDEX ledger_entries_open ON ledger_entries (seq) WHERE idx IS NULL",
    "ALTER INDEX used_once_expires RENAME TO ledger_seen_expires",
    "ALTER TABLE used_once RENAME TO ledger_seen",
    "ALTER TABLE ledger_details ALTER COLUMN salt SET NOT NULL, ALTER COLUMN receipt SET NOT NULL",
)
_BOTH = (
    "ALTER TABLE ledger_details DROP COLUMN variables",
    "ALTER TABLE ledger_details DROP COLUMN salts",
    "ALTER TABLE ledger_details DROP COLUMN gone",
    "ALTER TABLE ledger_checkpoints DROP COLUMN seal",
    "ALTER TABLE ledger_checkpoints DROP COLUMN previous",
    "DROP TABLE ledger_erased",
    "DROP TABLE ledger_marks",
    "UPDATE ledger_meta SET value = '2' WHERE key = 'version'",
)


def write_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts without the commitments, until the patch ends."""
    newer = ("asker_commitment", "entry_commitment")

    def dumps(claims: dict[str, Any]) -> bytes:
        return orjson.dumps({name: value for name, value in claims.items() if name not in newer})

    monkeypatch.setattr(receipts, "orjson", SimpleNamespace(dumps=dumps))


def take_back(ledger: Ledger, settings: Settings, more: tuple[str, ...] = ()) -> None:
    """The tables and files of version 2, then ``more`` statements; the ledger is to be closed right after."""
    with ledger._database.write() as connection:
        for statement in (*(_SQLITE if settings.sql == "sqlite" else _POSTGRES), *_BOTH, *more):
            connection.execute(text(statement))
    (settings.data / "keys" / "ledger.format").unlink()

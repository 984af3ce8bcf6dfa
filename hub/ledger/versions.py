"""Versions of the ledger's tables: how a database of an earlier program becomes one of this, in order, in place.

No entry is touched: what an earlier version logged keeps its receipt and its leaf, and is verified as what it is.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

VERSION = "3"

_ENTRIES = """CREATE TABLE ledger_entries_3 (
    id VARCHAR(36) NOT NULL PRIMARY KEY, kind VARCHAR(32) NOT NULL, leaf BLOB NOT NULL, recorded_us BIGINT NOT NULL,
    idx BIGINT UNIQUE, status SMALLINT DEFAULT 0 NOT NULL, changed_us BIGINT) WITHOUT ROWID"""
_DETAILS = """CREATE TABLE ledger_details_3 (
    id VARCHAR(36) NOT NULL PRIMARY KEY, salt BLOB, receipt TEXT, client TEXT, on_behalf_of TEXT, subject TEXT,
    purpose TEXT, case_ref TEXT, consent TEXT, detail TEXT, disclosed BLOB, variables TEXT, salts BLOB, gone BLOB
    ) WITHOUT ROWID"""

_SQLITE: dict[str, tuple[str, ...]] = {
    "1": ("ALTER TABLE ledger_details ADD COLUMN disclosed BLOB",),
    "2": (
        _ENTRIES,
        "INSERT INTO ledger_entries_3 SELECT id, kind, leaf, recorded_us, idx, status, changed_us FROM ledger_entries",
        "DROP TABLE ledger_entries",
        "ALTER TABLE ledger_entries_3 RENAME TO ledger_entries",
        _DETAILS,
        "INSERT INTO ledger_details_3 SELECT id, salt, receipt, client, on_behalf_of, subject, purpose, case_ref, "
        "consent, detail, disclosed, NULL, NULL, NULL FROM ledger_details",
        "DROP TABLE ledger_details",
        "ALTER TABLE ledger_details_3 RENAME TO ledger_details",
        "DROP INDEX IF EXISTS ledger_seen_expires",
        "ALTER TABLE ledger_seen RENAME TO used_once",
        "ALTER TABLE ledger_checkpoints ADD COLUMN previous BIGINT",
        "ALTER TABLE ledger_checkpoints ADD COLUMN seal TEXT",
    ),
}
_POSTGRES: dict[str, tuple[str, ...]] = {
    "1": ("ALTER TABLE ledger_details ADD COLUMN disclosed BYTEA",),
    "2": (
        "ALTER TABLE ledger_entries DROP COLUMN seq CASCADE",
        "ALTER TABLE ledger_entries DROP CONSTRAINT IF EXISTS ledger_entries_id_key",
        "ALTER TABLE ledger_entries ADD PRIMARY KEY (id)",
        "ALTER TABLE ledger_details ADD COLUMN variables TEXT, ADD COLUMN salts BYTEA, ADD COLUMN gone BYTEA, "
        "ALTER COLUMN salt DROP NOT NULL, ALTER COLUMN receipt DROP NOT NULL, ALTER COLUMN client DROP NOT NULL",
        "ALTER INDEX ledger_seen_expires RENAME TO used_once_expires",
        "ALTER TABLE ledger_seen RENAME TO used_once",
        "ALTER TABLE ledger_checkpoints ADD COLUMN previous BIGINT, ADD COLUMN seal TEXT",
    ),
}


def upgrade(connection: Connection, found: str, *, sqlite: bool) -> bool:
    """Bring tables of version ``found`` to ``VERSION``; whether anything was to be done. Tables and indexes that are
    new are made by the caller."""
    steps = _SQLITE if sqlite else _POSTGRES
    done = False
    while found in steps:
        for statement in steps[found]:
            connection.execute(text(statement))
        found, done = str(int(found) + 1), True
    return done

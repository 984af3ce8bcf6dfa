"""The ledger's tables. Entries hold no personal detail: a commitment, a time and a status; everything that could name
somebody (receipt, salt, client, subject, purpose) is in ``ledger_details`` and ``ledger_disclosed`` and can be erased.
Instants are microseconds since the Unix epoch, UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "ledger_meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

entries = Table(
    "ledger_entries",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),  # receipt id, UUID version 7
    Column("kind", String(32), nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),  # SHA-256(salt ‖ receipt bytes)
    Column("recorded_us", BigInteger, nullable=False),
    Column("idx", BigInteger, nullable=True, unique=True),  # place in the tree, given by the sequencer
    Column("status", SmallInteger, nullable=False, server_default=text("0")),
    Column("changed_us", BigInteger, nullable=True),
    sqlite_autoincrement=True,
)
Index(
    "ledger_entries_open",
    entries.c.seq,
    sqlite_where=entries.c.idx.is_(None),
    postgresql_where=entries.c.idx.is_(None),
)

details = Table(
    "ledger_details",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("subject", Text),
    Column("purpose", Text),
    Column("case_ref", Text),
    Column("consent", Text),
    Column("detail", Text),  # JSON
    Column("disclosed", LargeBinary),  # keys of what the answer told of, see disclosures.py
    sqlite_with_rowid=False,
)
Index("ledger_details_subject", details.c.subject, details.c.id)

disclosed = Table(
    "ledger_disclosed",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),  # hash of a record id or subject code
    Column("id", String(36), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ledger_disclosed_id", disclosed.c.id)

seen = Table(
    "ledger_seen",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),  # hash of something that works once: DPoP jti, nonce
    Column("expires", BigInteger, nullable=False),  # Unix seconds
    sqlite_with_rowid=False,
)
Index("ledger_seen_expires", seen.c.expires)

tiles = Table(
    "ledger_tiles",
    metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("size", _Serial, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

noted_keys = Table(
    "ledger_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("exp", BigInteger, primary_key=True, autoincrement=False),
)

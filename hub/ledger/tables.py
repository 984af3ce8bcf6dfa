"""The ledger's tables. Entries hold no personal detail: a commitment, a time and a status; everything that could name
somebody (receipt, salt, client, subject, purpose) is in ``ledger_details`` and ``ledger_disclosed`` and can be erased.
Instants are microseconds since the Unix epoch, UTC.

Whatever stands in a table named ``ledger_…`` is checked by ``credit-hub ledger verify``: a row that is changed, missing
or added by other means than this program's is found (``audit``). ``used_once`` is no part of the log: it remembers for
minutes what works once.
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
    Column("id", String(36), primary_key=True),  # receipt id, UUID version 7: in the order of time
    Column("kind", String(32), nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),  # SHA-256(salt ‖ receipt bytes)
    Column("recorded_us", BigInteger, nullable=False),
    Column("idx", BigInteger, nullable=True, unique=True),  # place in the tree, given by the sequencer
    Column("status", SmallInteger, nullable=False, server_default=text("0")),
    Column("changed_us", BigInteger, nullable=True),
    sqlite_with_rowid=False,
)
Index(
    "ledger_entries_open",
    entries.c.id,
    sqlite_where=entries.c.idx.is_(None),
    postgresql_where=entries.c.idx.is_(None),
)

details = Table(
    "ledger_details",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("salt", LargeBinary(32)),  # of the leaf; gone with the receipt where a field is erased that it tells of
    Column("receipt", Text),
    Column("client", Text),
    Column("on_behalf_of", Text),
    Column("subject", Text),
    Column("purpose", Text),
    Column("case_ref", Text),
    Column("consent", Text),
    Column("detail", Text),  # JSON
    Column("disclosed", LargeBinary),  # keys of what the answer told of, see disclosures.py
    Column("variables", Text),  # JSON: what the question was asked with
    Column("salts", LargeBinary),  # one for each field, see fields.py; null for entries of earlier versions
    Column("gone", LargeBinary),  # commitments of erased fields
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

erased = Table(
    "ledger_erased",
    metadata,
    Column("note", String(36), primary_key=True),  # the entry that tells of the erasure and commits to its rows
    Column("id", String(36), primary_key=True),
    Column("fields", Text, nullable=False),  # names with commas; * for the whole detail
    Column("leaf", LargeBinary(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("commitment", Text),  # over all fields, as in the receipt; null for entries of earlier versions
    sqlite_with_rowid=False,
)
Index("ledger_erased_id", erased.c.id)

marks = Table(
    "ledger_marks",
    metadata,
    Column("note", String(36), primary_key=True),  # the entry that tells of the marking and commits to its rows
    Column("id", String(36), primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

seen = Table(
    "used_once",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),  # hash of something that works once: DPoP jti, nonce
    Column("expires", BigInteger, nullable=False),  # Unix seconds
    sqlite_with_rowid=False,
)
Index("used_once_expires", seen.c.expires)

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
    Column("previous", BigInteger),  # size of the row before; 0 for the first
    Column("seal", Text),  # the log's signature over all columns, see seals.py
)

noted_keys = Table(
    "ledger_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("exp", BigInteger, primary_key=True, autoincrement=False),
)

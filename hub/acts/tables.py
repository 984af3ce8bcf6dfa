"""The journal's tables, in the ledger's own database: acts, what goes out from them, and the keys they came under.

``acts``, ``acts_claims`` and ``acts_events`` are only ever added to. Instants are microseconds since the Unix epoch,
UTC; days are ISO texts (Asia/Shanghai).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()
Serial = BigInteger().with_variant(Integer(), "sqlite")

acts = Table(
    "acts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),  # UUID version 7
    Column("kind", String(64), nullable=False),
    Column("case_id", String(36), nullable=False),  # what it is a transition of
    Column("step", Integer, nullable=False),  # place among the transitions of its case, from 0
    Column("at_us", BigInteger, nullable=False),
    Column("client", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the hub's token of the person who acted, "" for a machine
    Column("subject", String(32)),
    Column("person", Text),  # the hub's token
    Column("topic", String(64), nullable=False),  # what a room narrows its cases by, such as the matter; "" for none
    Column("body", Text, nullable=False),  # JSON: what was decided, on which facts
    Column("receipt", String(36), nullable=False),
    UniqueConstraint("case_id", "step"),
    sqlite_autoincrement=True,
)
Index("acts_kind", acts.c.kind, acts.c.seq)
Index("acts_subject", acts.c.subject, acts.c.seq)

claims = Table(
    "acts_claims",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("act", String(36), nullable=False),
    Column("kind", String(32), nullable=False),  # a kind of file, as in docs/cli.md
    Column("row", Text, nullable=False),  # JSON: the columns of that kind
    sqlite_autoincrement=True,
)

events = Table(
    "acts_events",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("act", String(36), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("audience", Text, nullable=False),  # the client told
    Column("about", Text, nullable=False),  # JSON
    Column("at_us", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
Index("acts_events_audience", events.c.audience, events.c.seq)

keys = Table(
    "acts_keys",
    metadata,
    Column("client", Text, primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("content", String(64), nullable=False),
    Column("result", Text, nullable=False),  # JSON
    Column("receipt", String(36), nullable=False),
    Column("claimed", BigInteger, nullable=False),  # the last claim of the act, 0 for none
    sqlite_with_rowid=False,
)

positions = Table(
    "acts_positions",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

due = Table(
    "acts_due",
    metadata,
    Column("id", String(200), primary_key=True),  # natural key: rule, thing, day
    Column("kind", String(64), nullable=False),
    Column("thing", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("about", Text, nullable=False),  # JSON
    Column("lease_us", BigInteger, nullable=False, server_default="0"),
    Column("holder", String(36), nullable=False, server_default=""),
    Column("done_us", BigInteger),
    sqlite_with_rowid=False,
)
Index("acts_due_open", due.c.at_us, sqlite_where=due.c.done_us.is_(None), postgresql_where=due.c.done_us.is_(None))

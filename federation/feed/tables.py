"""Tables of the feed (what this hub tells) and of the copies (what it was told). Instants in microseconds, UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer(), "sqlite")

feed = Table(
    "feed_entries",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=False),
    Column("id", String(200), nullable=False),
    Column("hash", String(64), nullable=False),  # of the entry: the next one names it
    Column("jws", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

current = Table(
    "feed_current",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("code", String(18), nullable=False),
    Column("content", String(64), nullable=False),  # hash of the fact as told
    Column("seq", BigInteger, nullable=False),
)
Index("feed_current_code", current.c.code)
Index("feed_current_seq", current.c.seq)

meta = Table(
    "feed_meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

copies = Table(
    "copy_facts",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("code", String(18), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("jws", Text, nullable=False),
)
Index("copy_facts_code", copies.c.region, copies.c.code)

positions = Table(
    "copy_positions",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("epoch", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("synced_us", BigInteger, nullable=False),
)

digests = Table(
    "copy_digests",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("statement", Text, nullable=False),
    Column("filter", LargeBinary, nullable=False),
    Column("received_us", BigInteger, nullable=False),
)

pairs = Table(
    "person_pairs",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("token", String(64), primary_key=True),  # this hub's own token, hex
    Column("pair", String(64), nullable=False),  # doubly keyed, hex
)
Index("person_pairs_pair", pairs.c.region, pairs.c.pair)

pair_keys = Table(
    "person_pair_keys",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("own_key", String(64), nullable=False),
    Column("peer_key", String(64), nullable=False),
)

person_counts = Table(
    "person_counts",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("day", String(10), primary_key=True),  # ISO, Asia/Shanghai; or "ever"
    Column("kind", String(40), primary_key=True),
    Column("spent", BigInteger, nullable=False),
)

person_asked = Table(
    "person_asked",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("token", String(64), primary_key=True),  # SHA-256 of a doubly keyed token that the peer asked about
)

witnessed = Table(
    "witnessed_checkpoints",
    metadata,
    Column("origin", String(255), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)

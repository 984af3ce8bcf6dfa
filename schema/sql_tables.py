"""Making tables: the one place for all stores, safe where several processes of a hub start at once.

On SQLite each statement says IF NOT EXISTS, so whoever comes second finds the table. PostgreSQL does not keep two such
statements apart, so a lock of the transaction does; tables that are there are left alone, since others are at work.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

SCHEMA_LOCK = 0x43524545  # PostgreSQL advisory lock number


def lock_schema(connection: Connection) -> None:
    """Nobody else of this database's hub makes or changes tables until the transaction ends. On SQLite a transaction
    that writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": SCHEMA_LOCK})


def make_missing(connection: Connection, *metadata: MetaData, whole: bool = False) -> None:
    """Tables and their indexes, in a transaction that writes. ``whole``: indexes of tables that are there too, as after
    an upgrade."""
    lock_schema(connection)
    there: set[str] = set()
    if connection.dialect.name != "sqlite" and not whole:
        there.update(inspect(connection).get_table_names())
    for table in (one for tables in metadata for one in tables.sorted_tables if one.name not in there):
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index, if_not_exists=True))


def create_missing(engine: Engine, *metadata: MetaData) -> None:
    """``make_missing`` in a transaction of its own."""
    with engine.begin() as connection:
        make_missing(connection, *metadata)

"""Making the tables of this package where they are missing; several workers of a hub start at once."""

from __future__ import annotations

from sqlalchemy import Engine, MetaData, text
from sqlalchemy.schema import CreateIndex, CreateTable

LOCK = 0x43524547  # PostgreSQL advisory lock: there "if not exists" alone does not hold against another session


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Each table once, by whichever process comes first."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))

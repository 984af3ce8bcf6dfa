"""Connections to the ledger's database: how long they wait for each other, and what a commit means on each store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from hub.ledger.shortcut import PRAGMAS

BUSY_MS = 2000  # how long a locked database is waited for


def sqlite_engine(url: str, *, begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=16,
        connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgres_engine(url: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://" + url.split("://", 1)[1],
        pool_size=6,
        max_overflow=16,
        pool_pre_ping=False,
        pool_timeout=2,
        connect_args={
            "connect_timeout": 2,
            "options": f"-c statement_timeout={BUSY_MS * 2} -c lock_timeout={BUSY_MS} -c synchronous_commit=on",
            "tcp_user_timeout": 4000,
            "keepalives_idle": 5,
        },
    )

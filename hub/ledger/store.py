"""The ledger's database for what is kept beside the log and changes with it: the journal of acts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from hub.ledger.database import Database

T = TypeVar("T")
Call = Callable[[Callable[[Connection], Any]], Awaitable[Any]]


class Store:
    """Raises LedgerUnavailable for all trouble. What needs an entry is written by ``Ledger.transact``."""

    def __init__(self, database: Database, call: Call) -> None:
        self._database = database
        self._call = call

    @property
    def sqlite(self) -> bool:
        return self._database.sqlite

    async def write(self, work: Callable[[Connection], T]) -> T:
        """One writing transaction, for what needs no entry (leases, positions)."""
        result: T = await self._call(work)
        return result

    async def read(self, work: Callable[[Connection], T]) -> T:
        """One transaction that sees one state of the database."""

        def run() -> T:
            with self._database.read() as connection:
                return work(connection)

        return await asyncio.to_thread(run)

    def insert(self, table: Any) -> Any:
        """An INSERT that knows ON CONFLICT, in the database's dialect."""
        return self._database.insert(table)

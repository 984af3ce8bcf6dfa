"""One try of an explicit write transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neo4j.exceptions import Neo4jError

from graph_loaders.engine.link import Link, Row, all_rows, drop

Statements = Sequence[tuple[str, Mapping[str, Any]]]


class Transaction:
    """``committing`` tells from when on a failure leaves the outcome unknown."""

    def __init__(self, link: Link, statements: Statements, limit: float) -> None:
        self._session = link.session()
        self._statements = statements
        self._limit = limit
        self.committing = False

    async def run(self) -> list[list[Row]]:
        session = self._session
        try:
            transaction = await session.begin_transaction(timeout=self._limit)
            rows = []
            for statement, parameters in self._statements:
                result = await transaction.run(statement, dict(parameters))
                rows.append(await all_rows(result))
            self.committing = True
            await transaction.commit()
        except Neo4jError:
            self.committing = False  # the graph answered: it did not commit
            await session.close()
            raise
        except BaseException:
            await drop(session)
            raise
        await session.close()
        return rows

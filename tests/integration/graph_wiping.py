"""Emptying a graph between tests."""

from __future__ import annotations

from graph_loaders.engine import Engine


async def wipe(engine: Engine) -> None:
    """Removes every node but the schema's version, in batches below any time limit."""
    statement = "MATCH (n) WHERE NOT n:SchemaVersion WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"
    while (await engine.write(statement, name="wipe"))[0]["gone"]:
        pass

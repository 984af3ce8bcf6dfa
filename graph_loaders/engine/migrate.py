"""Constraints and indexes, versioned. Each file of ``cypher/schema`` is one step; its number is its version."""

from __future__ import annotations

from graph_loaders.engine.driver import Engine
from graph_loaders.statements import names, statement

VERSION = "MERGE (v:SchemaVersion {name: 'hub'}) ON CREATE SET v.step = 0 RETURN v.step AS step"
REACHED = "MATCH (v:SchemaVersion {name: 'hub'}) SET v.step = CASE WHEN v.step < $step THEN $step ELSE v.step END"


async def migrate(engine: Engine) -> int:
    """Brings the graph to the newest schema and returns its version. Safe to repeat and to run at once from several
    processes: every step says IF NOT EXISTS, and the version only grows."""
    rows = await engine.write(VERSION, name="migrate")
    reached = int(rows[0]["step"])
    for name in names("schema"):
        step = int(name.split("/")[1].split("_")[0])
        if step <= reached:
            continue
        for part in statement(name).split(";"):
            if part.strip():
                await engine.define(part.strip())
        await engine.write(REACHED, {"step": step}, name="migrate")
        reached = step
    return reached

"""Constraints and indexes, versioned. Each file of ``cypher/schema`` is one step; its number is its version."""

from __future__ import annotations

from graph_loaders.engine.driver import Engine
from graph_loaders.statements import names, statement
from schema.errors import SettingsError

VERSION = "MERGE (v:SchemaVersion {name: 'hub'}) ON CREATE SET v.step = 0 RETURN v.step AS step"
FILLED = "MATCH (v:DataVersion {name: 'hub'}) WHERE v.at > 0 RETURN v.at AS at"
FINER_KEYS = 4  # step of the schema
REACHED = "MATCH (v:SchemaVersion {name: 'hub'}) SET v.step = CASE WHEN v.step < $step THEN $step ELSE v.step END"


async def migrate(engine: Engine) -> int:
    """Brings the graph to the newest schema and returns its version. Safe to repeat and to run at once from several
    processes: every step says IF NOT EXISTS, and the version only grows.

    Raises SettingsError for a graph that was filled before the keys of facts became finer (docs/graph-model.md): its
    endings would end nothing, so it must be loaded anew.
    """
    rows = await engine.write(VERSION, name="migrate")
    reached = int(rows[0]["step"])
    if 0 < reached < FINER_KEYS and await engine.read(FILLED, name="migrate"):
        raise SettingsError(
            "the graph holds facts of an earlier version, which told them apart by coarser keys",
            hint="point HUB_DATA (or HUB_GRAPH) at an empty graph and load the files again; nothing was changed",
            message_zh="图数据由旧版本写入，事实标识规则已变更，请在空图中重新加载",
        )
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

"""The tree of administrative divisions (GB/T 2260) in the graph; its text is policy data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.steady import run_steps
from graph_loaders.statements import statement


async def write_regions(engine: Engine, regions: Sequence[Mapping[str, Any]]) -> None:
    """Rows: code, name, parent ("" for none), valid_from, valid_to. Safe to repeat."""
    if not regions:
        return
    rows = [dict(region) for region in regions]
    within = [{"code": row["code"], "parent": row["parent"]} for row in rows if row["parent"]]
    await run_steps(
        engine, [(statement("write/regions"), {"rows": rows}), (statement("write/regions_within"), {"rows": within})]
    )

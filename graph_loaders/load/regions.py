"""The tree of administrative divisions (GB/T 2260) in the graph; its text is policy data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.steady import run_steps
from graph_loaders.sources import Source
from graph_loaders.statements import statement
from schema.errors import UsageError

FEWEST = 5  # organisations of a file from which its region can be told


async def write_regions(engine: Engine, regions: Sequence[Mapping[str, Any]]) -> None:
    """Rows: code, name, parent ("" for none), valid_from, valid_to. Safe to repeat."""
    if not regions:
        return
    rows = [dict(region) for region in regions]
    within = [{"code": row["code"], "parent": row["parent"]} for row in rows if row["parent"]]
    await run_steps(
        engine, [(statement("write/regions"), {"rows": rows}), (statement("write/regions_within"), {"rows": within})]
    )


def check_region(region: str, source: Source, states: Sequence[Mapping[str, Any]]) -> None:
    """Raises UsageError where all of several organisations of a registry lie outside the hub's region: that is another
    city's file, and what a hub registers it answers for."""
    within = region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    given = [state["region"] for state in states if state["region"]]
    if len(given) < FEWEST or any(code.startswith(within) or region.startswith(code.rstrip("0")) for code in given):
        return
    most = Counter(given).most_common(1)[0][0]
    raise UsageError(
        f"{source.place} registers organisations of region {most}, and this hub is that of {region}",
        hint="check HUB_REGION and the file; --any-region loads it all the same",
        message_zh="登记数据不属于本枢纽所在地区",
    )

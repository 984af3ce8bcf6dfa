"""A load outlives a short absence of the graph: its statements may all be run again, so they wait for its return."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from schema.errors import GraphUnavailable

PATIENCE = 60.0  # seconds of waiting for a graph that is away
PAUSE = 0.5
WITHIN = 60.0  # seconds for one transaction where the engine allows it

log = logging.getLogger(__name__)

Step = tuple[str, Mapping[str, Any]]


async def run_steps(engine: Engine, steps: Sequence[Step], name: str = "load") -> list[list[dict[str, Any]]]:
    """All steps in one transaction; each of them must be safe to repeat. Raises GraphUnavailable when the graph stays
    away for longer than ``PATIENCE``."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        try:
            return await engine.write_many(steps, timeout=WITHIN, name=name)
        except GraphUnavailable:
            left = until - loop.time()
            if left <= 0:
                raise
            log.warning("the graph is away; the load waits for it")
            await engine.wait_until_up(left)
            await asyncio.sleep(PAUSE)


async def read_page(engine: Engine, text: str, values: Mapping[str, Any], name: str = "load") -> list[dict[str, Any]]:
    """The same for a statement that only reads."""
    return (await run_steps(engine, [(text, values)], name))[0]

"""The version of the facts: the recorded instant of their latest change. Loading what is held leaves it as it is."""

from __future__ import annotations

from graph_loaders.engine import Engine
from graph_loaders.statements import statement
from schema.times import now_us


async def data_version(engine: Engine) -> str:
    """Microseconds since the epoch as text, "0" before the first load. One point read."""
    rows = await engine.read(statement("write/version"), name="data_version")
    return str(rows[0]["at"]) if rows else "0"


class Clock:
    """Recorded times of one process: each later than the one before and than anything in the graph, even where the
    system's clock was set back. Only the holder of the load lock has one."""

    def __init__(self, latest: int) -> None:
        self._latest = latest

    @classmethod
    async def start(cls, engine: Engine) -> Clock:
        rows = await engine.write(statement("write/version_start"), name="load")
        return cls(int(rows[0]["at"]))

    def tick(self) -> int:
        self._latest = max(self._latest + 1, now_us())
        return self._latest

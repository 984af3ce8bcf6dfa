"""A process of its own that uses the embedded engine: says so, then does what it is told until it ends.

``python joiner.py DATA hold`` waits for the end of its input; ``… load`` writes numbered rows and prints each
number once the graph has acknowledged it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from graph_loaders.engine import GraphConfig, open_engine


async def main(data: str, what: str) -> None:
    async with open_engine(GraphConfig(data=Path(data), heap_mb=256)) as engine:
        await engine.define("CREATE CONSTRAINT row_n IF NOT EXISTS FOR (n:Row) REQUIRE n.n IS UNIQUE")
        print("joined", flush=True)
        if what == "hold":
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            return
        number = 0
        while True:
            await engine.write("UNWIND range($n, $n + 9) AS i MERGE (:Row {n: i})", {"n": number})
            print(number, flush=True)
            number += 10


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

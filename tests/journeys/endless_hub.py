"""A hub whose ``subject`` never ends in the graph: real HTTP, real engine, a statement that only a limit or a client
that left can stop. No shipped question takes long enough."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from graph_loaders.reader import CypherGraph
from hub.serve.process import bind, run_worker, write_run_file
from hub.settings import load_settings

ENDLESS = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a * b AS x RETURN sum(x) AS s"


class EndlessGraph(CypherGraph):
    async def rows(
        self, name: str, text: str, parameters: Mapping[str, Any], client: str = ""
    ) -> Sequence[Mapping[str, Any]]:
        return await super().rows(name, ENDLESS if name == "subject" else text, parameters, client)


def main() -> int:
    from hub import assembly

    assembly.CypherGraph = EndlessGraph  # type: ignore[misc]
    listener, settings = bind(dataclasses.replace(load_settings(), port=0))
    write_run_file(settings)
    return run_worker(listener, settings, as_json=True)


if __name__ == "__main__":
    sys.exit(main())

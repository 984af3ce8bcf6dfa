"""A worker that answers like a hub but neither logs nor signs: what the throughput figure is compared with."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from hub import endpoint
from hub.http import send_bytes
from hub.serve.process import bind, run_worker, write_run_file
from hub.settings import load_settings


async def _plain(
    self: Any, scope: Any, headers: Any, url: str, body: bytes, caller: Any, receive: Any, send: Any
) -> int:
    query = scope["query_string"]
    target = f"{url}?{query.decode('latin-1')}" if query else url
    _, outcome = await self._outcome(scope, headers, target, body, caller, receive)
    await send_bytes(send, outcome.status, outcome.headers, outcome.body)
    return int(outcome.status)


def main() -> int:
    endpoint.GraphQLEndpoint._answer = _plain  # type: ignore[method-assign]
    listener, settings = bind(dataclasses.replace(load_settings(), port=0))
    write_run_file(settings)
    return run_worker(listener, settings, as_json=True)


if __name__ == "__main__":
    sys.exit(main())

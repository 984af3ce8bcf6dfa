"""Ends statements of the embedded engine whose client has gone: it gave up waiting, was cancelled, or was killed.

The engine itself notices a closed connection only when it next reads from it, which is after the statement. The kernel
knows at once: the engine's end of such a connection is in CLOSE_WAIT (Linux, ``/proc/net/tcp``). So looking costs the
engine nothing until there is something to end. Elsewhere the engine's own limit for all statements remains.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph_loaders.engine.place import USER

CLOSE_WAIT = "08"  # include/net/tcp_states.h
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ANSWER_WITHIN = 3.0  # seconds


def abandoned(port: int, tables: tuple[Path, ...] = TABLES) -> set[int]:
    """Ports of the clients that closed their end of a connection to the local ``port`` which the engine still holds."""
    return set(_closing(f":{port:04X}", tables))


def _closing(local: str, tables: tuple[Path, ...]) -> Iterator[int]:
    for table in tables:
        try:
            lines = table.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for line in lines:
            fields = line.split(maxsplit=4)
            if len(fields) > 4 and fields[3] == CLOSE_WAIT and fields[1].endswith(local):
                yield int(fields[2].rpartition(":")[2], 16)


def end_statements(http_port: int, password: str, clients: set[int]) -> int:
    """Ends the running statements of these client ports; how many. An engine that does not answer ends none."""
    ended = 0
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError):
        for query in _command(http_port, password, "list queries"):
            if int(query["clientAddress"].rpartition(":")[2]) in clients:
                _command(http_port, password, f"terminate query {query['id']}")
                ended += 1
    return ended


def _command(port: int, password: str, command: str) -> Any:
    """The engine's HTTP API: ``POST /api/v1/server``. Raises OSError, HTTPException, ValueError or KeyError."""
    secret = base64.b64encode(f"{USER}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN)
    try:
        connection.request("POST", "/api/v1/server", json.dumps({"command": command}), headers)
        return json.loads(connection.getresponse().read())["result"]
    finally:
        connection.close()

"""Whether anybody has written to the embedded graph, seen from its files, so that nobody need ask the engine."""

from __future__ import annotations

import os
import time
from pathlib import Path

SETTLED = 3.0  # seconds after the last sign of a write: a file may be written a moment before readers see the change
AT_LEAST = 20.0  # seconds after which the graph is asked anyway


class GraphFiles:
    """Looks at the write-ahead logs and the bucket that every load writes to, some microseconds each time."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "graph" / "databases"
        self._state: object = None
        self._changed = self._asked = float("-inf")

    def is_quiet(self) -> bool:
        """True when nothing has been written since the graph was last asked. The graph is asked after a False."""
        state, now = self._look(), time.monotonic()
        if state is None or state != self._state:
            self._state, self._changed = state, now
        if state is None or now - self._changed < SETTLED or now - self._asked > AT_LEAST:
            self._asked = now
            return False
        return True

    def _look(self) -> object:
        """Names, sizes and times; None without an embedded graph."""
        found = []
        try:
            for database in os.scandir(self._folder):
                for file in os.scandir(database.path):
                    if file.name.endswith(".wal") or file.name.startswith("DataVersion"):
                        stat = file.stat()
                        found.append((file.name, stat.st_size, stat.st_mtime_ns))
        except OSError:
            return None
        return tuple(sorted(found)) or None

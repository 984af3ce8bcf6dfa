"""When the embedded engine is better started anew: its heap is full of what it will never free.

The engine keeps what it has learnt from parsing statements for good (the prediction cache of its ANTLR parser is static
and has no bound), some hundred kilobytes for each deep form. Some hundreds of forms fill the smallest heap, some
thousands the default one. Then it collects without pause and answers in seconds instead of milliseconds, for a minute,
before it gives up. A restart at that point takes one or two seconds, and loses nothing: the log is flushed.
"""

from __future__ import annotations

import re
from pathlib import Path

OPTION = "-Xlog:gc:file=engine.gc:uptime:filecount=1,filesize=1m"  # of Java; in the engine's working folder
FILE = "engine.gc"
FULL = 0.8  # of the heap, still taken after a full collection
AGAIN_AFTER = 1.0  # seconds between two such collections: one alone may be a large statement
SETTLED = 20.0  # seconds of uptime; a heap that is full sooner is too small, and would be so again
_COLLECTED = re.compile(r"\[(\d+\.\d+)s\].* Pause Full .* \d+M->(\d+)M\(\d+M\)")


class HeapWatch:
    """Reads the collector's log of one engine as it grows."""

    def __init__(self, run: Path, heap_mb: int) -> None:
        self._path = run / FILE
        self._limit = heap_mb * FULL
        self._read = 0
        self._since: float | None = None

    def is_worn_out(self) -> bool:
        """Whether two full collections in a row, some time apart, left the heap full."""
        return any(self._counts(line) for line in self._news())

    def _news(self) -> list[str]:
        try:
            size = self._path.stat().st_size
            if size == self._read:
                return []
            with self._path.open("rb") as file:
                file.seek(self._read if size > self._read else 0)  # smaller: the log began anew
                data = file.read()
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        self._read = (self._read if size > self._read else 0) + whole
        return data[:whole].decode("utf-8", "replace").splitlines()

    def _counts(self, line: str) -> bool:
        found = _COLLECTED.match(line)
        if found is None:
            return False
        uptime, left = float(found[1]), int(found[2])
        if left < self._limit or uptime < SETTLED:
            self._since = None
            return False
        if self._since is None:
            self._since = uptime
        return uptime - self._since >= AGAIN_AFTER

"""Whether any process has written to an SQLite database, seen from its files: a look costs microseconds."""

from __future__ import annotations

import os
import time
from pathlib import Path

AT_LEAST = 5.0  # seconds after which the database is asked anyway
SETTLED_NS = 100_000_000  # times of files are no finer than some milliseconds: after a fresh write it is asked again


class DatabaseFiles:
    def __init__(self, path: Path | None) -> None:
        """``path``: None for a database without files here, which is asked each time."""
        self._paths = () if path is None else (path, path.with_name(path.name + "-wal"))
        self._seen: object = None
        self._asked = float("-inf")

    def is_quiet(self) -> bool:
        """True when nothing was written since the last False; after a False the database is asked."""
        now = time.monotonic()
        seen = tuple(map(_stamp, self._paths))
        if not seen or seen != self._seen or now - self._asked > AT_LEAST:
            self._seen, self._asked = (seen if _settled(seen) else None), now
            return False
        return True

    def ask_again(self) -> None:
        """The database was asked in vain: the next look says False."""
        self._seen = None


def _settled(stamps: tuple[tuple[int, int, int] | None, ...]) -> bool:
    """Whether a later write would show: one within the same tick of the file system's clock would not."""
    newest = max((stamp[2] for stamp in stamps if stamp is not None), default=0)
    return time.time_ns() - newest > SETTLED_NS


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns

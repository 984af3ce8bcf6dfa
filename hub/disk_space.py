"""A full disk: told as such by commands, by ``/readyz`` and by refusals, since only the operator can mend it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from schema.errors import ServiceError

NEEDED = 1 << 20  # bytes; with less free the next answers could not be logged
HINT = "free disk space where HUB_DATA and the database are, then try again"
_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = (
    "no space left",
    "disk is full",
    "disk full",
    "disk quota exceeded",
    "file too large",
    "could not extend file",
)


def is_disk_full(error: BaseException) -> bool:
    """Whether this is the system, a database or the graph engine saying that nothing more can be written."""
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    text = str(error)[:2000].lower()
    return any(word in text for word in _WORDS)


def disk_full() -> ServiceError:
    return ServiceError("the disk is full: nothing more can be written", hint=HINT, message_zh="磁盘已满")


def lacks_space(folder: Path) -> bool:
    """Whether the file system of a folder has no room for this user. Bytes and files are looked at."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < NEEDED or (found.f_files > 0 and found.f_favail < 16)

"""Files that only their owner reads: written whole and durably, one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schema.errors import ServiceError


def _private_folder(folder: Path) -> None:
    """``keys`` and, where it is new too, the data folder around it: modes given to ``mkdir`` are not for parents."""
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes. Raises ServiceError when the folder cannot be written."""
    try:
        _private_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {error.strerror}", hint="check the data folder") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file atomically and durably, readable by its owner alone. Raises ServiceError when it cannot."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _private_folder(path.parent)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ServiceError(f"{path} cannot be written: {error.strerror}", hint="check the data folder") from None

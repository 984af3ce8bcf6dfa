"""Secret files of 32 bytes: made once, mode 600, never half written, and destroyed by overwriting."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from schema.errors import SettingsError

SIZE = 32


def read_or_make(path: Path, make: Callable[[], bytes], valid: Callable[[bytes], bool]) -> bytes:
    """The secret of this file; a new one when there is no file. Safe when several processes start at once.

    Raises SettingsError when the file holds something else, or cannot be read or made.
    """
    try:
        if not path.exists():
            create(path, make())
        return read(path, valid)
    except OSError as error:
        raise SettingsError(
            f"the key file {path} cannot be used: {error.strerror or error}",
            hint="give this user the right to read it (HUB_PERSON_KEY_FILE, or keys/ in HUB_DATA)",
            message_zh="密钥文件不可用",
        ) from None


def read(path: Path, valid: Callable[[bytes], bool]) -> bytes:
    """32 raw bytes, or the same as 64 hex digits. Raises SettingsError for anything else."""
    raw = path.read_bytes()
    if len(raw) != SIZE:
        try:
            raw = bytes.fromhex(raw.decode("ascii").strip())
        except ValueError:
            raw = b""
    if not valid(raw):
        raise SettingsError(
            f"the key file {path} does not hold a key of 32 bytes",
            hint="restore it from a backup: with another key every person would get another token",
            message_zh="密钥文件内容无效",
        )
    return raw


def create(path: Path, secret: bytes) -> None:
    """Makes the file unless it is there; whoever comes second keeps the first one's."""
    for folder in (path.parent.parent, path.parent):  # the data folder is as private as what is in it
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace(path: Path, successor: Path) -> None:
    """``successor`` becomes ``path``; the old content is overwritten on disk before its last name is gone."""
    with path.open("r+b") as old:
        os.replace(successor, path)
        sync_folder(path.parent)
        size = os.fstat(old.fileno()).st_size
        old.write(os.urandom(size))
        old.flush()
        os.fsync(old.fileno())


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

"""Files that a command will write, tried before it does its work."""

from __future__ import annotations

from pathlib import Path

from schema.errors import UsageError


def writable(path: Path | None) -> None:
    """Leaves no file behind. Raises UsageError where nothing can be written."""
    if path is None:
        return
    there = path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            hint="give a path in a folder that exists",
            message_zh="无法写入文件",
        ) from None
    if not there:
        path.unlink()

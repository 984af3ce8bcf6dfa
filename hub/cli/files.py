"""Files that a command will write, tried before it does its work."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from schema.errors import UsageError


def writable(path: Path | None, apart_from: Collection[Path] = ()) -> None:
    """Leaves no file behind. Raises UsageError where nothing can be written, and for a file that is read."""
    if path is None:
        return
    if path.resolve() in apart_from:
        raise UsageError(
            f"{path} is read by this very command", hint="give another path to write to", message_zh="不能覆盖输入文件"
        )
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

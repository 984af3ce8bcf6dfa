"""ZIP archives of tables: members are read one by one, within bounds, and never written to a named file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from schema.errors import UsageError

MOST_MEMBERS = 1_000
LARGEST_MEMBER = 1 << 30  # bytes unpacked
LARGEST_SUM = 4 << 30
_IN_MEMORY = 16 << 20


def members(path: Path) -> list[str]:
    """The names of the files in it, as they are shown. Raises UsageError beyond the bounds, or with a password."""
    with _archive(path) as packed:
        infos = _files(packed)
        if len(infos) > MOST_MEMBERS:
            raise UsageError(
                f"{path} has more than {MOST_MEMBERS} files", hint="unpack it", message_zh="压缩包内文件过多，请先解压"
            )
        if any(info.flag_bits & 1 for info in infos):
            raise UsageError(f"{path} is an archive with a password", hint="unpack it first", message_zh="请先解压")
        if sum(info.file_size for info in infos) > LARGEST_SUM:
            raise _too_much(path)
        return [member_name(info) for info in infos]


def member_name(info: zipfile.ZipInfo) -> str:
    """Names of archives made under a Chinese Windows are GB18030, which ZIP cannot say."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def member_size(path: Path, member: str) -> int:
    with _archive(path) as packed:
        return _find(packed, path, member).file_size


def opened_member(path: Path, member: str) -> BinaryIO:
    """An anonymous copy, gone when it is closed. Raises UsageError where it is broken or unpacks to too much."""
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        with _archive(path) as packed:
            info = _find(packed, path, member)
            if info.file_size > LARGEST_MEMBER:
                raise _too_much(path)
            with packed.open(info) as file:
                shutil.copyfileobj(file, copy, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
        copy.close()
        raise _broken(path, error) from None
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise _broken(path, error) from None


def _files(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What systems put beside the files is no member."""
    return [
        info
        for info in packed.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/") and not _hidden(info.filename)
    ]


def _hidden(name: str) -> bool:
    return name.replace("\\", "/").rpartition("/")[2].startswith((".", "~$"))


def _find(packed: zipfile.ZipFile, path: Path, member: str) -> zipfile.ZipInfo:
    for info in _files(packed):
        if member_name(info) == member:
            return info
    raise UsageError(f"{path} has no member {member}", hint="load a file that nobody writes to")


def _too_much(path: Path) -> UsageError:
    return UsageError(f"{path} unpacks to too much", hint="send it in several files", message_zh="解压后过大，请拆分")


def _broken(path: Path, error: Exception) -> UsageError:
    return UsageError(
        f"{path} is a broken archive ({type(error).__name__})",
        hint="send it again, or unpack it first",
        message_zh="压缩包损坏，请重新发送或先解压",
    )

"""What a file is, told by its content and never by its name, and what to do with those that are no tables."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import Literal

from graph_loaders.sources.lines import BOMS, wide_encoding
from graph_loaders.sources.model import Container, Stored
from graph_loaders.sources.ods_book import MIMETYPE
from graph_loaders.sources.spreadsheetml_book import MARK
from schema.errors import UsageError

HEAD = 1 << 16  # bytes that are looked at
_UNPACK = ("unpack it first", "请先解压")
_SAVE = ("save its table as .xlsx or CSV", "请将表格另存为 .xlsx 或 CSV")
REFUSED: dict[bytes, tuple[str, tuple[str, str], bool]] = {
    b"\x1f\x8b": ("packed (gzip)", _UNPACK, True),
    b"BZh": ("packed (bzip2)", _UNPACK, True),
    b"7z\xbc\xaf": ("packed (7z)", _UNPACK, True),
    b"Rar!": ("packed (RAR)", _UNPACK, True),
    b"\xfd7zXZ": ("packed (xz)", _UNPACK, True),
    b"%PDF": ("a PDF document", _SAVE, False),
    b"{\\rtf": ("a rich-text document", _SAVE, False),
    b"\x89PNG": ("an image", ("give the table behind it", "请提供表格数据"), False),
    b"\xff\xd8\xff": ("an image", ("give the table behind it", "请提供表格数据"), False),
    b"GIF8": ("an image", ("give the table behind it", "请提供表格数据"), False),
    b"SQLite format 3": ("a database", ("export its tables as CSV", "请将数据表导出为 CSV"), True),
    b"PAR1": ("a Parquet file", ("export it as CSV", "请导出为 CSV"), True),
}
_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style|div|center|script)\b", re.IGNORECASE)
_DBASE = frozenset((0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5))
_TABS = re.compile(r"[,\t|;，]")


class NoTable(UsageError):
    """A file of another sort. ``data``: there may be a table in it all the same."""

    data = True


def no_table(place: str, what: str, hints: tuple[str, str], *, data: bool = True) -> NoTable:
    error = NoTable(f"{place} is {what}", hint=hints[0], message_zh=hints[1])
    error.data = data
    return error


def tell(stored: Stored, head: bytes) -> Container | Literal["zip"]:
    """The container. Raises NoTable with what the file is instead, and what to do about it."""
    place = stored.place
    for start, (what, hints, data) in REFUSED.items():
        if head.startswith(start):
            raise no_table(place, what, hints, data=data)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(stored)
    if head.startswith(b"\xd0\xcf\x11\xe0") or head.startswith(_BIFF):
        return "xls"
    if len(head) > 64 and head[0] in _DBASE and b"\0" in head[12:32] and head[1] < 200 and 1 <= head[2] <= 12:
        raise no_table(place, "a dBASE or FoxPro table (.dbf)", ("export it as CSV or .xlsx", "请导出为 CSV 或 .xlsx"))
    text = _text(head)
    if text.startswith("<"):
        return _markup(place, head, text)
    if text[:200].upper().startswith("MIME-VERSION:"):
        raise no_table(place, "a web archive (MHTML)", ("save it as .xlsx or CSV", "请另存为 .xlsx 或 CSV"))
    if text.startswith(("{", "[")):
        return "jsonl" if text.startswith("{") else "json"
    return "csv"


def looks_like_a_table(head: bytes) -> bool:
    """Text of which several lines have the same separators; prose and settings do not."""
    lines = [line for line in _text(head).splitlines()[:40] if line.strip()]
    counts = [len(_TABS.findall(line)) for line in lines]
    many = [count for count in counts if count >= 2]
    return len(many) >= 2 and max(map(many.count, many)) * 2 > len(lines)


def blank(head: bytes) -> bool:
    """True for files that say nothing."""
    for bom in BOMS:
        head = head.removeprefix(bom)
    return len(head) < HEAD and not head.strip(b" \t\r\n\0")


def _text(head: bytes) -> str:
    encoding = wide_encoding(head) or "utf-8"
    return (
        head[: len(head) & ~1 if encoding.startswith("utf-16") else None]
        .decode(encoding, "replace")
        .lstrip("\ufeff \t\r\n")
    )


def _markup(place: str, head: bytes, text: str) -> Container:
    if MARK in head.replace(b"\0", b""):
        return "spreadsheetml"
    if _HTML.search(text[:4096]):
        return "html"
    if "pkg:package" in text[:4096]:
        raise no_table(place, "a Word document in XML", _SAVE)
    raise no_table(
        place,
        "an XML file of unknown form",
        ("export it as .xlsx, CSV or JSON Lines", "请导出为 .xlsx、CSV 或 JSON Lines"),
    )


def _packed(stored: Stored) -> Container | Literal["zip"]:
    try:
        with stored.open() as file, zipfile.ZipFile(file) as packed:
            names = {name.lower() for name in packed.namelist()}
            kind = packed.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, RuntimeError, EOFError) as error:
        raise no_table(
            stored.place,
            f"not a readable workbook or archive ({type(error).__name__})",
            (
                "send it again; if it is a workbook, save it as .xlsx without a password",
                "文件损坏，请重新发送或另存为 .xlsx",
            ),
        ) from None
    if "xl/workbook.bin" in names:
        raise no_table(
            stored.place, "a binary workbook (.xlsb)", ("save it as an Excel workbook (.xlsx)", "请另存为 .xlsx 工作簿")
        )
    if any(name.startswith("word/") for name in names):
        raise no_table(stored.place, "a Word document", _SAVE)
    if any(name.startswith("ppt/") for name in names):
        raise no_table(stored.place, "a presentation", _SAVE, data=False)
    if kind.startswith(MIMETYPE):
        return "ods"
    if kind.startswith(b"application/vnd.oasis"):
        raise no_table(stored.place, "an OpenDocument text", _SAVE)
    if "xl/workbook.xml" in names or "[content_types].xml" in names:
        return "xlsx"
    return "zip"

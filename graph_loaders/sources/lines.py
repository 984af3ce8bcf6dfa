"""Lines of a text file, decoded one by one, so that a broken byte costs one line and memory stays bounded.

GB18030 never has a line feed, a carriage return or a quotation mark inside a character, so lines can be cut before
decoding; UTF-16 cannot, and is decoded as a stream.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from graph_loaders.sources.model import Broken, Stored

BLOCK = 1 << 20
LONGEST_LINE = 1 << 18  # bytes; longer ones are no rows of a table
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENOUGH_LINES = 5_000
_CHINESE = re.compile("[\u2e80-\ufaff\uff00-\uffef]")
_CHINESE_ENOUGH = 3  # Chinese characters: GB18030 text that is UTF-8 by chance has fewer

Line = str | Broken


class Lines:
    """Lines without their end. ``position`` counts bytes read so far, for progress."""

    def __init__(self, stored: Stored, encoding: str, line_end: str = "\n") -> None:
        self.stored = stored
        self.encoding = encoding
        self.line_end = line_end.encode("ascii")
        self.position = 0

    def __iter__(self) -> Iterator[Line]:
        with self.stored.open() as file:
            if self.encoding.startswith("utf-16"):
                yield from self._utf16(file)
                return
            first = True
            for block in self._blocks(file):
                if isinstance(block, Broken):
                    yield block
                    continue
                if first:
                    block = block.removeprefix(codecs.BOM_UTF8)
                    first = False
                yield from self._decoded(block)

    def _blocks(self, file: BinaryIO) -> Iterator[bytes | Broken]:
        """Whole lines, a megabyte at a time. A line beyond the limit is skipped up to its end."""
        rest = b""
        skipping = False
        while data := file.read(BLOCK):
            self.position += len(data)
            cut = data.rfind(self.line_end)
            if skipping:
                start = data.find(self.line_end)
                if start < 0:
                    continue
                skipping = False
                data, cut = data[start + 1 :], cut - start - 1
                if cut < 0:
                    rest = data
                    continue
            if cut < 0:
                rest += data
            else:
                yield rest + data[:cut]
                rest = data[cut + 1 :]
            if len(rest) > LONGEST_LINE:
                yield Broken("over_long_row")
                rest, skipping = b"", True
        if rest:
            yield rest

    def _decoded(self, block: bytes) -> Iterator[Line]:
        try:
            if self.encoding == "gb18030":
                raise ValueError  # line by line: lines of another encoding may decode, to other characters
            text = block.decode(self.encoding)
        except ValueError:
            for raw in block.split(self.line_end):
                yield self._one(raw)
            return
        end = self.line_end.decode("ascii")
        longest = LONGEST_LINE // 2
        for line in text.split(end):
            yield line if len(line) <= longest else self._checked(line)

    def _one(self, raw: bytes) -> Line:
        """One line; in a GB18030 file one that is Chinese as UTF-8 is foreign, as in files joined of two."""
        try:
            line = raw.decode(self.encoding)
        except UnicodeDecodeError:
            return self._broken(raw)
        if self.encoding == "gb18030" and not line.isascii() and _is_utf8(raw):
            return Broken("broken_bytes", texts=(raw.decode("utf-8"),))
        return self._checked(line)

    def _broken(self, raw: bytes) -> Broken:
        return Broken("broken_bytes", texts=(raw[:LONGEST_LINE].decode(self.encoding, "replace"),))

    def _checked(self, line: str) -> Line:
        return line if len(line) <= LONGEST_LINE // 2 else Broken("over_long_row")

    def _utf16(self, file: BinaryIO) -> Iterator[Line]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        end = self.line_end.decode("ascii")
        rest = ""
        while data := file.read(BLOCK):
            self.position += len(data)
            *lines, rest = (rest + decoder.decode(data)).split(end)
            for line in lines:
                yield Broken("broken_bytes", texts=(line,)) if "\ufffd" in line else self._checked(line)
            if len(rest) > LONGEST_LINE:
                yield Broken("over_long_row")
                rest = ""
        rest += decoder.decode(b"", True)
        if rest:
            yield self._checked(rest)


def detect_encoding(stored: Stored) -> str:
    """``utf-8``, ``gb18030`` or ``utf-16`` (``-le``, ``-be`` without a mark), judged by the lines that are not plain
    ASCII, however late they come.

    The whole file is looked through if need be: a file that is ASCII for its first half may still be GB18030.
    A few broken lines do not outvote the others.
    """
    utf8 = gb = 0
    with stored.open() as file:
        rest = b""
        first = True
        while (data := file.read(BLOCK)) and utf8 + gb < _ENOUGH_LINES:
            if first and (wide := wide_encoding(data)):
                return wide
            first = False
            block, rest = rest + data, b""
            cut = block.rfind(b"\n")
            if cut >= 0 and len(block) - cut < LONGEST_LINE:
                block, rest = block[:cut], block[cut + 1 :]
            if block.isascii():
                continue
            one, two = _votes(block)
            utf8, gb = utf8 + one, gb + two
        if rest:
            one, two = _votes(rest)
            utf8, gb = utf8 + one, gb + two
    return "gb18030" if gb > utf8 else "utf-8"


def wide_encoding(head: bytes) -> str:
    """UTF-16 by its mark, or by the zero bytes that its ASCII characters (separators, digits, line ends) have."""
    if head.startswith(BOMS[1:]):
        return "utf-16"
    head = head[:4096]
    if len(head) < 8 or head.count(0) * 16 < len(head):
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if min(even, odd) * 8 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _votes(block: bytes) -> tuple[int, int]:
    utf8 = gb = 0
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            utf8 += 1
        elif _decodes(line, "gb18030"):
            gb += 1
    return utf8, gb


def _is_utf8(line: bytes) -> bool:
    try:
        return len(_CHINESE.findall(line.decode("utf-8"))) >= _CHINESE_ENOUGH
    except UnicodeDecodeError:
        return False


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def detect_line_end(head: bytes) -> str:
    """Line feed, or a lone carriage return in files of old spreadsheets, whose cells may hold line feeds."""
    if wide := wide_encoding(head):
        head = head[: len(head) & ~1].decode(wide, "replace").encode("utf-8", "replace")
    lone = head.count(b"\r") - head.count(b"\r\n")
    return "\r" if lone > head.count(b"\n") else "\n"

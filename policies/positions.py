"""Where in a TOML text each table and key begins, since the standard parser gives values without lines.

The text has already been parsed, so it is well formed: only headers, keys, strings, comments and brackets are told
apart here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+|\"[^\"]*\"|'[^']*')\s*=")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|[\[\]{}#]")


def positions(text: str) -> dict[Path, int]:
    """Lines (from 1) of tables and keys by path, e.g. ``("rule", 0, "case", 1, "expect")``.

    Keys inside inline tables have no line of their own: the nearest outer path stands for them.
    """
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _statements(text):
        header = _HEADER.match(line)
        if header and not _KEY.match(line):
            table = _table(header.group(2), header.group(1) == "[[", counts)
            lines[table] = number
            if isinstance(table[-1], int):
                lines.setdefault(table[:-1], number)
        elif key := _KEY.match(line):
            lines[table + tuple(part.strip("\"' ") for part in key.group(1).split("."))] = number
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _table(name: str, array: bool, counts: dict[Path, int]) -> Path:
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    path: Path = ()
    for depth, part in enumerate(parts):
        path += (part,)
        if array and depth == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
            if array and depth == len(parts) - 1:
                _forget_below(path, counts)
    return path


def _forget_below(path: Path, counts: dict[Path, int]) -> None:
    for other in [other for other in counts if len(other) > len(path) and other[: len(path)] == path]:
        del counts[other]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Lines on which a header or a key may begin: not those inside a multi-line string or array."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not depth and not quote:
            yield number, line
        depth, quote = _after(line, depth, quote)


def _after(line: str, depth: int, quote: str) -> tuple[int, str]:
    position = 0
    if not depth and not quote and _HEADER.match(line) and not _KEY.match(line):
        return 0, ""
    while position < len(line):
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return depth, quote
            position, quote = end + 3, ""
            continue
        match = _TOKEN.search(line, position)
        if match is None or match.group() == "#":
            return depth, quote
        mark, position = match.group(), match.end()
        if mark in ('"""', "'''"):
            quote = mark
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
    return depth, quote

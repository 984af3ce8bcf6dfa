"""Rows of a JSON Lines file: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from graph_loaders.sources.lines import Lines
from graph_loaders.sources.model import Broken, Cells, Source


class JsonRows:
    """Iterates over objects as cells in the order of the source's headers; what else an object has comes after."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = Lines(source.path, source.encoding, source.line_end)

    @property
    def position(self) -> int:
        return self.lines.position

    def __iter__(self) -> Iterator[Cells | Broken]:
        headers = self.source.headers
        known = frozenset(headers)
        for line in self.lines:
            if isinstance(line, Broken):
                yield line
                continue
            if not line or line.isspace():
                continue
            value = read_object(line)
            if isinstance(value, Broken):
                yield value
                continue
            cells = [value.get(header, "") for header in headers]
            if len(value) != len(headers) or not known.issuperset(value):
                cells.append(repr(sorted((k, v) for k, v in value.items() if k not in known)))
            yield [cell if cell.__class__ in _PLAIN else _plain(cell) for cell in cells]


_PLAIN = frozenset((str, int, float))


def _plain(cell: Any) -> Any:
    """Null is an empty cell; lists and objects are kept as their text, which no column will take for a value."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else repr(cell)


def read_object(line: str) -> dict[str, Any] | Broken:
    """One line as an object. Numbers that do not fit a machine word are read by the slower parser."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line, parse_constant=_no_constant)
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
        except (ValueError, RecursionError):
            return Broken("broken_json", texts=(line,))
    return value if isinstance(value, dict) else Broken("broken_json", "not an object", (line,))


def _no_constant(name: str) -> Any:
    raise ValueError(name)

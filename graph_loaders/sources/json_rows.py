"""Rows of JSON: one object a line, or one document with an array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from graph_loaders.sources.lines import Lines
from graph_loaders.sources.model import Broken, Cells, Source, Stored
from schema.errors import UsageError

LARGEST_DOCUMENT = 64 << 20  # bytes
DEEPEST_WRAPPER = 4


class JsonRows:
    """Iterates over objects as cells in the order of the source's headers; what else an object has comes after."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = Lines(source.stored, source.encoding, source.line_end)

    @property
    def position(self) -> int:
        return self.lines.position

    def __iter__(self) -> Iterator[Cells | Broken]:
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
            yield _cells(value, self.source.headers)


class JsonDocumentRows:
    """The same of a document, which is held in memory. ``Source.sheet`` names the array where it is not the whole."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.position = 0

    def __iter__(self) -> Iterator[Cells | Broken]:
        arrays = dict(json_arrays(self.source.stored, self.source.encoding))
        for value in arrays[self.source.sheet]:
            if isinstance(value, dict):
                yield _cells(value, self.source.headers)
            else:
                yield Broken("broken_json", "not an object", (repr(value),))
        self.position = self.source.stored.size


def json_arrays(stored: Stored, encoding: str) -> list[tuple[str, list[Any]]]:
    """The arrays of objects in a document, each with its keys joined by dots; "" is the document itself.

    Objects that follow each other without commas are one array. Raises UsageError for what is no JSON or too large.
    """
    with stored.open() as file:
        content = file.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        raise UsageError(
            f"{stored.place} is one JSON document of more than {LARGEST_DOCUMENT >> 20} MB",
            hint="write one object a line (JSON Lines)",
            message_zh="JSON 文档过大，请改为每行一个对象",
        )
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        values = _values(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{stored.place} is broken JSON ({error})".replace("\n", " "),
            hint="export it again: one array of objects, or one object a line",
            message_zh="JSON 格式有误，请重新导出",
        ) from None
    if len(values) > 1 or not isinstance(values[0], dict | list):
        return [("", values)]
    return list(_arrays(values[0], "", 0))


def _values(text: str) -> list[Any]:
    try:
        return [orjson.loads(text)]
    except orjson.JSONDecodeError:
        decoder = json.JSONDecoder(parse_constant=_no_constant)
        values: list[Any] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            value, place = decoder.raw_decode(text, place)
            values.append(value)
            while place < end and (text[place].isspace() or text[place] in ",;"):
                place += 1
        if not values:
            raise ValueError("nothing in it") from None
        json.dumps(values, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
        return values


def _arrays(value: Any, name: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield name, value
    elif depth < DEEPEST_WRAPPER:
        for key, item in value.items():
            if isinstance(item, dict | list):
                yield from _arrays(item, f"{name}.{key}" if name else str(key), depth + 1)


def _cells(value: dict[str, Any], headers: tuple[str, ...]) -> Cells:
    """Cells in the order of the headers; what else the object has comes after, as one."""
    cells = [value.get(header, "") for header in headers]
    if len(value) != len(headers) or not frozenset(headers).issuperset(value):
        cells.append(repr(sorted((k, v) for k, v in value.items() if k not in headers)))
    return [cell if cell.__class__ in _PLAIN else _plain(cell) for cell in cells]


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

"""The one reader for JSON from outside: bounded in bytes, depth and pieces before any of it is taken apart.

A parser that recurses meets a text of a hundred thousand brackets with an exception of its own kind, or with none; so
the shape is looked at first, linear in the length. Raises BadJson, a ValueError, and nothing else.
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import Any

import orjson

MAX_BYTES = 16 * 1024 * 1024  # of a file or an answer that sets no limit of its own
MAX_DEPTH = 64
MAX_CONTAINERS = 262_144  # objects and lists of one text
MAX_VALUES = 1_000_000  # commas of one text
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_REST = bytes(set(range(256)) - set(b"[]{}"))


class BadJson(ValueError):
    """``args[0]`` says what is wrong: too large, too many values, too deep, not JSON."""


def too_deep(body: bytes, most: int = MAX_DEPTH) -> bool:
    """Whether a JSON text nests deeper, by its brackets outside strings; linear in its length, without parsing.

    Escapes are taken out in pairs from the left, so that every quote left over begins or ends a string.
    """
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    outside = b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    return max(accumulate(array("b", outside.translate(_STEPS, _REST))), default=0) > most


def check_bounds(body: bytes, *, most: int | None = None, depth: int = MAX_DEPTH) -> None:
    """Raises BadJson for a text that is larger, nests deeper, or is made of so many pieces that taking it apart would
    keep others waiting: no true text of its length has half as many."""
    if most is not None and len(body) > most:
        raise BadJson("too large")
    if body.count(b"[") + body.count(b"{") > MAX_CONTAINERS or body.count(b",") > MAX_VALUES:
        raise BadJson("too many values")
    if too_deep(body, depth):
        raise BadJson("too deep")


def read_json(body: bytes | str, *, most: int = MAX_BYTES, depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in UTF-8 (RFC 8259); a byte order mark before it is passed over."""
    try:
        data = body.encode("utf-8") if isinstance(body, str) else body
    except UnicodeEncodeError:
        raise BadJson("not UTF-8") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    check_bounds(data, most=most, depth=depth)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadJson(f"not JSON: {error}") from None

"""Shaping functions are generated Python: one dict display for each object instead of a loop over its fields.

A thousand-object answer is shaped in a few times the time that its JSON takes. **No text of a client is in it**: the
source is made of this package's own expressions, and of names and marks (``x0``, ``'@0'``) for the objects and the
response keys of one selection. Keys take the place of their marks in the compiled code, so that selections of one form
share one compilation, whatever their aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

_MARK = "@"  # begins the literal that stands for a response key; no other literal of generated source begins with it
_LONGEST = 16_384  # characters of a source that is kept; with ``_KEPT`` it bounds what the compiled forms take
_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Inline:
    """A conversion as an expression: ``code(value, names)`` gives its text for the text of a value. Also callable, for
    one-off use."""

    code: Callable[[str, Names], str]

    def __call__(self, value: Any, reading: Any) -> Any:
        names = Names()
        return compiled(f"def shape(value, reading):\n    return {self.code('value', names)}", names)(value, reading)


class Names:
    """What generated code refers to: objects, each under one name, and response keys, each by a mark."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self.keys: list[str] = []
        self._of: dict[int, str] = {}

    def name(self, thing: Any) -> str:
        known = self._of.get(id(thing))
        if known is None:
            known = self._of[id(thing)] = f"x{len(self._of)}"
            self.bound[known] = thing
        return known

    def applied(self, convert: Callable[[Any, Any], Any] | None, value: str) -> str:
        """The expression of a converted value."""
        if convert is None:
            return value
        if isinstance(convert, Inline):
            return convert.code(value, self)
        return f"{self.name(convert)}({value}, reading)"

    def entries(self, items: Sequence[tuple[str, str]]) -> str:
        """A dict display of response keys and expressions."""
        return "{" + ", ".join(f"{self._mark(key)}: {expression}" for key, expression in items) + "}"

    def _mark(self, key: str) -> str:
        self.keys.append(key)
        return f"'{_MARK}{len(self.keys) - 1}'"


def compiled(source: str, names: Names) -> Callable[..., Any]:
    """The function ``shape`` that the source defines, with the objects and keys of ``names``."""
    code = _compiled(source) if len(source) <= _LONGEST else _compiled.__wrapped__(source)
    space: dict[str, Any] = dict(names.bound)
    exec(_with_keys(code, names.keys) if names.keys else code, space)  # noqa: S102 - see the module's docstring
    made: Callable[..., Any] = space["shape"]
    return made


@lru_cache(maxsize=_KEPT)
def _compiled(source: str) -> CodeType:
    return compile(source, "<shape>", "exec")


def _with_keys(code: CodeType, keys: Sequence[str]) -> CodeType:
    """The code with keys in place of their marks, in constants however deep."""

    def put(constant: Any) -> Any:
        if isinstance(constant, str):
            return keys[int(constant[1:])] if constant.startswith(_MARK) else constant
        if isinstance(constant, tuple):
            return tuple(put(inner) for inner in constant)
        if isinstance(constant, CodeType):
            return constant.replace(co_consts=put(constant.co_consts))
        return constant

    return code.replace(co_consts=put(code.co_consts))

"""Shaping functions are generated Python: one dict display for each object instead of a loop over its fields.

A thousand-object answer is shaped in a few times the time that its JSON takes. The source is made of response keys
(as literals), numbers and the expressions of this package alone; values of a request never enter it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Inline:
    """A conversion as an expression over ``VALUE``, with the names that it uses. Also callable, for one-off use."""

    code: str
    names: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, value: Any, reading: Any) -> Any:
        return compiled("def shape(value, reading):\n    return " + self.code.replace("VALUE", "value"), self.names)(
            value, reading
        )


class Names:
    """Names that generated code uses, each object under one name."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
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
            self.bound.update(convert.names)
            return convert.code.replace("VALUE", value)
        return f"{self.name(convert)}({value}, reading)"


def compiled(source: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """The function ``shape`` that the source defines."""
    space: dict[str, Any] = dict(names)
    exec(compile(source, "<shape>", "exec"), space)  # noqa: S102 - see the module's docstring
    made: Callable[..., Any] = space["shape"]
    return made


def entries(items: Mapping[str, str] | list[tuple[str, str]]) -> str:
    """A dict display of keys and expressions."""
    pairs = items.items() if isinstance(items, Mapping) else items
    return "{" + ", ".join(f"{key!r}: {expression}" for key, expression in pairs) + "}"

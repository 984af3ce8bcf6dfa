"""Puts back what was taken out of a selection: nulls of withheld fields, at their place in the answer's order.

Only selections with a withheld field have a filler; every other answer leaves as the graph made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.types.held import TYPE_KEY

NULL = object()
"""Marks a response key that is null by policy."""


@dataclass(frozen=True, slots=True)
class ObjectFiller:
    """Keys of one object in order, each with NULL, the filler of its value, or None (taken as it is)."""

    keys: tuple[tuple[str, Any], ...]

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [self(item) for item in value]
        return {
            key: None if inner is NULL else value[key] if inner is None else inner(value[key])
            for key, inner in self.keys
        }


@dataclass(frozen=True, slots=True)
class AbstractFiller:
    """The filler for each concrete type of a union or an interface; the graph was asked for the type as well."""

    by_type: Mapping[str, ObjectFiller]

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [self(item) for item in value]
        filler = self.by_type.get(value[TYPE_KEY])
        return None if filler is None else filler(value)

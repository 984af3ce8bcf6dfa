"""Cuts what a client selected out of a full answer, so that foreign values have the shape of local ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schema.selection import Select


def pick(children: Sequence[Select], value: Any) -> Any:
    """``value`` is full and keyed by field names; the result is keyed by response keys in selection order.

    A field that the full value lacks is null: it is not carried between cities.
    """
    if isinstance(value, list):
        return [pick(children, item) for item in value]
    if not isinstance(value, Mapping) or not children:
        return value
    kind = value.get("__typename")
    shaped: dict[str, Any] = {}
    for child in children:
        if child.on is not None and kind is not None and child.on != kind:
            continue
        if child.name == "__typename":
            shaped[child.key] = kind or child.parent
        else:
            shaped[child.key] = pick(child.children, value.get(child.name))
    return shaped


def selects(children: Sequence[Select], name: str) -> bool:
    return any(child.name == name for child in children)

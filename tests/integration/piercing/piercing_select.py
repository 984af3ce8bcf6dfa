"""Selections for tests, written as nested names: ``{"reached": {"person": {"token": None}}}``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from schema.selection import Select

TYPES = {
    ("Query", "penetration"): "Penetration",
    ("Query", "subject"): "Subject",
    ("Query", "person"): "Person",
    ("Penetration", "reached"): "Effect",
    ("Penetration", "notReached"): "NotReached",
    ("NotReached", "record"): "Record",
    ("Effect", "source"): "Record",
    ("Effect", "roles"): "EffectRole",
    ("Effect", "path"): "Relation",
    ("EffectRole", "path"): "Relation",
    ("Effect", "reportedOn"): "Subject",
}
NAMED = {"person": "Person", "subject": "Subject", "effects": "Effect"}

Tree = Mapping[str, Any]


def select(name: str, tree: Tree, parent: str = "Query") -> Select:
    """One field; ``alias: name`` gives a response key of its own."""
    return _select(name, tree, parent, itertools.count())


def _select(written: str, tree: Tree | None, parent: str, numbers: Any) -> Select:
    key, _, name = written.partition(": ")
    name = name or key
    index = next(numbers)
    kind = TYPES.get((parent, name)) or NAMED.get(name, "String")
    children = tuple(_select(child, inner, kind, numbers) for child, inner in (tree or {}).items())
    return Select(index=index, key=key, name=name, parent=parent, type=kind, children=children)

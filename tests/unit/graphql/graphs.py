"""A graph made of hashes: every field of every type has a value that depends on where it is, never on how it is asked.

It implements the ``Graph`` port over the schema alone, so that the plan, the fillers and the stock execution can be
compared without a database. ``asked`` counts what reached it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from schema.ports import Asking
from schema.selection import Arguments, Select
from schema.types.build import build_schema


def schema() -> GraphQLSchema:
    return build_schema()._schema


def seed(*parts: Any) -> int:
    text = json.dumps(parts, ensure_ascii=False, default=str, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


@dataclass
class HashGraph:
    """``fail`` maps a root field's name to what reading it raises."""

    fail: dict[str, Exception] = field(default_factory=dict)
    selects: list[Select] = field(default_factory=list)
    scopes: list[frozenset[str]] = field(default_factory=list)
    asked: list[tuple[str, Arguments, Asking]] = field(default_factory=list)
    version: str = "v1"
    own: dict[tuple[str, str], str] = field(default_factory=dict)  # type and key → whose it is

    def prepare(self, root: Select, scopes: frozenset[str]) -> Any:
        self.selects.append(root)
        self.scopes.append(scopes)

        async def read(arguments: Arguments, asking: Asking) -> Any:
            self.asked.append((root.name, arguments, asking))
            if root.name in self.fail:
                raise self.fail[root.name]
            return value(root, "Query", 0, arguments)

        return read

    async def owners(self, type_name: str, key: str) -> frozenset[str]:
        return frozenset(filter(None, [self.own.get((type_name, key))]))

    async def data_version(self) -> str:
        return self.version


def value(select: Select, owner: str, above: int, arguments: Arguments) -> Any:
    """The value of one selected field of the object ``above`` of type ``owner``."""
    if select.name == "__typename":
        return owner
    definition = schema().type_map[owner].fields[select.name]
    here = seed(above, owner, select.name, dict(arguments.get(select.index, {})))
    return _of_type(definition.type, select, here, arguments)


def _of_type(kind: Any, select: Select, here: int, arguments: Arguments) -> Any:
    required = isinstance(kind, GraphQLNonNull)
    if required:
        kind = kind.of_type
    elif here % 7 == 0:
        return None
    if isinstance(kind, GraphQLList):
        return [_of_type(kind.of_type, select, seed(here, i), arguments) for i in range(here % 3 + (here % 5 == 0))]
    named = get_named_type(kind)
    if is_abstract_type(named):
        possible = schema().get_possible_types(named)
        named = possible[here % len(possible)]
    if is_object_type(named):
        children = [c for c in select.children if c.on is None or c.on == named.name]
        return {c.key: value(c, named.name, here, arguments) for c in children}
    if isinstance(named, GraphQLEnumType):
        return list(named.values)[here % len(named.values)]
    return {"Int": here % 1000, "Float": here / 7, "Boolean": here % 2 == 0}.get(
        named.name, f"{named.name} {here} 信用"
    )

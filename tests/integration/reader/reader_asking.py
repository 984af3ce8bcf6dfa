"""Asks the reader as the GraphQL layer does: a document becomes a tree of ``Select``, arguments by their index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from graphql import (
    FieldNode,
    InlineFragmentNode,
    get_argument_values,
    get_named_type,
    get_variable_values,
    is_abstract_type,
    is_composite_type,
    parse,
)

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph
from schema.caller import Caller
from schema.ports import Asking
from schema.selection import Select
from schema.types.build import build_schema

INVESTIGATOR = frozenset({"credit:investigate"})
UNMASKED = frozenset({"credit:investigate", "credit:unmask"})
MUTUAL = frozenset({"credit:mutual"})
PUBLIC = frozenset({"credit:public"})
OPERATOR = frozenset({"credit:operate"})


def plain(value: Any) -> Any:
    """Input objects as dicts and enums as their names, as the GraphQL layer hands them over."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return getattr(value, "value", value)


@dataclass
class Parsed:
    root: Select
    arguments: dict[int, Mapping[str, Any]] = field(default_factory=dict)


class _Parser:
    def __init__(self, operation: Any, variables: Mapping[str, Any]) -> None:
        self.schema = build_schema()._schema
        self.variables: Any = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
        assert not isinstance(self.variables, list), self.variables
        self.arguments: dict[int, Mapping[str, Any]] = {}
        self.count = 0

    def select(self, owner: Any, node: FieldNode, parent: str, on: str | None) -> Select:
        self.count += 1
        index = self.count
        name = node.name.value
        key = (node.alias or node.name).value
        if name == "__typename":
            return Select(index, key, name, parent, "String", on=on)
        definition = owner.fields[name]
        if definition.args:
            self.arguments[index] = plain(get_argument_values(definition, node, self.variables))
        named = get_named_type(definition.type)
        children: tuple[Select, ...] = ()
        if is_composite_type(named):
            children = self.children(named, node)
        given = frozenset(argument.name.value for argument in node.arguments or ())
        return Select(index, key, name, parent, named.name, children, on, given)

    def children(self, named: Any, node: FieldNode) -> tuple[Select, ...]:
        assert node.selection_set is not None
        if not is_abstract_type(named):
            return tuple(self.select(named, child, named.name, None) for child in node.selection_set.selections)
        found = []
        for runtime in self.schema.get_possible_types(named):
            for child in node.selection_set.selections:
                if isinstance(child, InlineFragmentNode):
                    if child.type_condition.name.value == runtime.name:
                        found += [
                            self.select(runtime, inner, named.name, runtime.name)
                            for inner in child.selection_set.selections
                        ]
                else:
                    found.append(self.select(runtime, child, named.name, runtime.name))
        return tuple(found)


def parsed(document: str, variables: Mapping[str, Any] | None = None) -> Parsed:
    (operation,) = parse(document).definitions
    parser = _Parser(operation, variables or {})
    (node,) = operation.selection_set.selections
    root = parser.select(parser.schema.query_type, node, "Query", None)
    return Parsed(root, parser.arguments)


async def ask(
    graph: CypherGraph,
    document: str,
    scopes: frozenset[str] = INVESTIGATOR,
    *,
    client: str = "client-a",
    as_of: str = "2026-11-01",
    subject: str | None = None,
    **variables: Any,
) -> Any:
    """The value of the one root field of a document."""
    made = parsed(document, variables)
    caller = Caller(client_id=client, scopes=scopes, subject=subject)
    return await graph.prepare(made.root, scopes)(made.arguments, Asking(caller, as_of))


async def emptied(engine: Engine) -> Engine:
    """The engine without its facts, for the next city."""
    statement = "MATCH (n) WHERE NOT n:SchemaVersion WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"
    while (await engine.write(statement, name="wipe"))[0]["gone"]:
        pass
    return engine


class Observed:
    """Statements that an engine ran since this was made, with their parameters."""

    def __init__(self, engine: Engine) -> None:
        self.texts: list[str] = []
        self._engine = engine
        self._read = engine.read

    def __enter__(self) -> Self:
        async def read(statement: str, *args: Any, **more: Any) -> Any:
            self.texts.append(statement)
            return await self._read(statement, *args, **more)

        self._engine.read = read  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.read = self._read  # type: ignore[method-assign]

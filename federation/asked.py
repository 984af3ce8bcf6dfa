"""Whether a signed answer has the form that was asked for: every field selected and no other, of the right type.

A peer's values are shown to this hub's own clients under this hub's schema, so what it signs is held to that schema:
no enumeration value, nesting or field that the document did not ask for gets through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
)

from schema.types.build import build_schema

Fits = Callable[[Any], bool]
LONGEST = 100_000  # characters of one text
LONGEST_NUMBER = 64  # characters of a decimal
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@cache
def expected(document: str) -> Fits:
    """The test of ``data`` of an answer to one of this project's own documents; made once for each."""
    schema = build_schema()._schema
    operation = cast(OperationDefinitionNode, parse(document).definitions[0])
    assert schema.query_type is not None
    return _object(schema, schema.query_type, operation.selection_set)


def _value(schema: GraphQLSchema, kind: Any, selected: SelectionSetNode | None) -> Fits:
    if isinstance(kind, GraphQLNonNull):
        inner = _value(schema, kind.of_type, selected)
        return lambda value: value is not None and inner(value)
    if isinstance(kind, GraphQLList):
        item = _value(schema, kind.of_type, selected)
        return lambda value: value is None or (isinstance(value, list) and all(map(item, value)))
    if selected is None:
        leaf = _leaf(kind)
        return lambda value: value is None or leaf(value)
    if is_abstract_type(kind):
        options = {one.name: _object(schema, one, selected) for one in schema.get_possible_types(kind)}
        return lambda value: value is None or (isinstance(value, dict) and _one_of(options, value))
    whole = _object(schema, kind, selected)
    return lambda value: value is None or whole(value)


def _one_of(options: Mapping[str, Fits], value: Mapping[str, Any]) -> bool:
    name = value.get("__typename")
    fits = options.get(name) if isinstance(name, str) else None
    return fits is not None and fits(value)


def _object(schema: GraphQLSchema, kind: GraphQLObjectType, selected: SelectionSetNode) -> Fits:
    fields: dict[str, Fits] = {}
    for node in selected.selections:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition is not None
            if node.type_condition.name.value == kind.name:
                fields |= _fields(schema, kind, node.selection_set)
        elif isinstance(node, FieldNode):
            fields |= _fields(schema, kind, SelectionSetNode(selections=(node,)))
    names = fields.keys()
    tests = tuple(fields.items())

    def fits(value: Any) -> bool:
        return isinstance(value, dict) and value.keys() == names and all(test(value[name]) for name, test in tests)

    return fits


def _fields(schema: GraphQLSchema, kind: GraphQLObjectType, selected: SelectionSetNode) -> dict[str, Fits]:
    found: dict[str, Fits] = {}
    for node in cast(tuple[FieldNode, ...], selected.selections):
        name = node.name.value
        if name == "__typename":
            found[name] = _exactly(kind.name)
        else:
            found[name] = _value(schema, kind.fields[name].type, node.selection_set)
    return found


def _exactly(name: str) -> Fits:
    return lambda value: bool(value == name)


def _is_date(text: str) -> bool:
    """``YYYY-MM-DD``, and a day that the calendar has."""
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return len(text) <= LONGEST_NUMBER and Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _leaf(kind: GraphQLNamedType) -> Fits:
    if isinstance(kind, GraphQLEnumType):
        values = frozenset(kind.values)
        return lambda value: isinstance(value, str) and value in values
    assert isinstance(kind, GraphQLScalarType)
    match kind.name:
        case "Boolean":
            return lambda value: isinstance(value, bool)
        case "Int":
            return lambda value: isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return lambda value: isinstance(value, int | float) and not isinstance(value, bool)
        case "Date":
            return lambda value: isinstance(value, str) and _is_date(value)
        case "Decimal":
            return lambda value: isinstance(value, str) and _is_number(value)
    return lambda value: isinstance(value, str) and len(value) <= LONGEST

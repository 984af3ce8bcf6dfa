"""What of a request is about the subject that a ``credit:self`` token is bound to, and whom a request asks about."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLObjectType, get_argument_values
from graphql.execution.values import VariableValues

from hub.graphql.arguments import plain
from hub.graphql.collect import Fields
from hub.graphql.plan import Plan
from schema.caller import Caller


def type_and_key(global_id: Any) -> tuple[str, str]:
    """The parts of a Relay global id (base64url of ``Type:key``); empty texts for anything else."""
    if not isinstance(global_id, str) or len(global_id) > 1000:
        return "", ""
    try:
        text = base64.urlsafe_b64decode(global_id + "=" * (-len(global_id) % 4)).decode()
    except (binascii.Error, ValueError):
        return "", ""
    type_name, _, key = text.partition(":")
    return type_name, key


def subjects_of(name: str, values: Mapping[str, Any]) -> list[str]:
    """The subject codes that a root field asks about."""
    if name == "node":
        type_name, key = type_and_key(values.get("id"))
        return [key] if type_name == "Subject" else []
    inner = [values[key] for key in ("filter", "input") if isinstance(values.get(key), Mapping)]
    places = [values, *inner]
    single = [place[key] for place in places for key in ("code", "subject", "organisation") if place.get(key)]
    batches = [code for place in places for key in ("codes", "subjects") for code in place.get(key) or ()]
    entities = [entity.get("code") for entity in values.get("representations") or ()]
    return [*single, *batches, *(code for code in entities if isinstance(code, str))]


def bound_roots(query: GraphQLObjectType, fields: Fields, variables: VariableValues, caller: Caller) -> frozenset[str]:
    """Response keys of the root fields that ask about the caller's own subject and nobody else."""
    if caller.subject is None:
        return frozenset()
    return frozenset(
        key for key, nodes in fields.items() if _asked_codes(query, nodes[0], variables) == {caller.subject}
    )


def _asked_codes(query: GraphQLObjectType, node: FieldNode, variables: VariableValues) -> set[str]:
    definition = query.fields.get(node.name.value)
    if definition is None:
        return set()
    try:
        values = plain(get_argument_values(definition, node, variables))
    except GraphQLError:
        return set()
    return {code.strip().upper() for code in subjects_of(node.name.value, values)}


def ids_asked(query: GraphQLObjectType, fields: Fields, variables: VariableValues) -> dict[str, tuple[str, str]]:
    """Type and key of what each ``node`` asks for, or of the ``record`` a root field is about, by response key."""
    found = {}
    for key, nodes in fields.items():
        name = nodes[0].name.value
        if name in query.fields:
            with contextlib.suppress(GraphQLError):
                values = plain(get_argument_values(query.fields[name], nodes[0], variables))
                given = values.get("input") if isinstance(values.get("input"), Mapping) else values
                asked = values.get("id") if name == "node" else given.get("record")
                if asked:
                    found[key] = type_and_key(asked)
    return found


def asked_about(plan: Plan, arguments: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Every subject code that the plan's root fields ask about, in order."""
    found: dict[str, None] = {}
    for root in plan.roots:
        if root.select is not None:
            found.update(dict.fromkeys(subjects_of(root.name, arguments.get(root.select.index, {}))))
    return list(found)


def personal(plan: Plan, arguments: Mapping[int, Mapping[str, Any]], names: Iterable[str], ids: Iterable[str]) -> bool:
    """Does the request name a person, so that it may not stand in an address?"""
    names, ids = set(names), set(ids)
    for root in plan.roots:
        values = arguments.get(root.select.index, {}) if root.select is not None else {}
        for argument in _argument_names(root.nodes):
            name = f"{root.name}({argument})"
            if name in names:
                return True
            if name in ids and type_and_key(values.get(argument))[0] in ("Person", ""):
                return True
    return False


def _argument_names(nodes: Iterable[FieldNode]) -> set[str]:
    return {argument.name.value for node in nodes for argument in node.arguments or ()}

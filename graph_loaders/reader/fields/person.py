"""Persons, known to each client by its own token, and their dated roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph_loaders.reader.codegen import Inline
from graph_loaders.reader.columns import Column, Shape
from graph_loaders.reader.composer import Composer, Node, TypeFields, of_type
from graph_loaders.reader.connections import page
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.makers import blank_to_none, day, inline, mask, prop
from graph_loaders.reader.reading import Reading
from schema.selection import Select

ROLE_KINDS = {"REPRESENTS": "LEGAL_REPRESENTATIVE", "HOLDS": "SHAREHOLDER"}


def _id(_composer: Composer, node: Node, _select: Select) -> Column:
    return Column(f"{node.variable}.token", lambda value, reading: reading.person_id(value))


def _token(_composer: Composer, node: Node, _select: Select) -> Column:
    return Column(f"{node.variable}.token", lambda value, reading: reading.shown_token(value))


def _name(composer: Composer, node: Node, _select: Select) -> Column:
    return Column(f"{node.variable}.name", blank_to_none if composer.unmask else mask)


def _roles(composer: Composer, node: Node, select: Select) -> Column:
    number = composer.number()
    near = {"holder": own("self", number), "subject": own("subject", number)}

    def item(selects: Sequence[Select]) -> tuple[str, Shape]:
        inner = composer.columns("Role", Node(own("role", number), near), selects)
        return inner.expression, inner.shape

    listed = page(composer, select, item)
    text = fragment(
        "role/of_person", number, node=node.variable, after=listed.after, first=listed.first, rows=listed.rows
    )
    return Column(text, listed.shape)


def _kind(_composer: Composer, node: Node, _select: Select) -> Column:
    return Column(f"type({node.variable})", lambda value, _reading: ROLE_KINDS[value])


def _holder(composer: Composer, node: Node, select: Select) -> Column:
    holder = Node(node.near["holder"])
    return union(composer, holder, select, ("Person", "Subject"))


def union(composer: Composer, node: Node, select: Select, type_names: Sequence[str]) -> Column:
    """An object whose type is its node's label: [label, projection]. Labels are the types' names; an object of a type
    for which nothing is selected is null."""
    label = f"labels({node.variable})[0]"
    asked = [name for name in type_names if of_type(name, select.children)]
    inner = {name: composer.columns(name, node, select.children) for name in asked}
    cases = " ".join(f"WHEN '{name}' THEN {inner[name].expression}" for name in asked)
    shapes = {name: inner[name].shape for name in asked}

    def convert(value: Any, reading: Reading) -> Any:
        shape = shapes.get(value[0])
        return None if shape is None else shape(value[1], reading)

    return Column(f"[{label}, CASE {label} {cases} END]" if cases else f"[{label}, null]", convert)


PERSON = TypeFields(fields={"id": _id, "token": _token, "name": _name, "roles": _roles})

_known_share = Inline(lambda value, _names: f"(None if {value} is None or {value} < 0 else {value})")

ROLE = TypeFields(
    fields={
        "kind": _kind,
        "subject": inline("Subject", near="subject"),
        "holder": _holder,
        "share": prop("share", _known_share),
        "validFrom": prop("valid_from"),
        "validTo": day("valid_to"),
    }
)

"""A plan: what one document asks of the graph for one scope set, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLField

from hub.graphql.verdicts import Place, Withheld
from schema.errors import HubError
from schema.ports import Prepared
from schema.selection import Select


@dataclass(frozen=True, slots=True)
class Asked:
    """A field with arguments: where to coerce them from, and what the caller may not ask by.

    ``constant`` are its arguments where the document alone decides them. ``forbidden`` are arguments, and
    ``argument.field`` of filters, that are closed at this place.
    """

    index: int
    owner: str
    name: str
    path: tuple[str, ...]
    node: FieldNode
    definition: GraphQLField
    constant: dict[str, Any] | None
    forbidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Root:
    """One root field. Exactly one of ``select`` (read it), ``withheld`` and ``constant`` (``__typename``) is set,
    or none for introspection, which the stock execution answers. ``required``: may not be null, so that a fault of it
    leaves no data at all (GraphQL specification, 6.4.4)."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]
    place: Place
    select: Select | None = None
    asked: tuple[Asked, ...] = ()
    prepared: Prepared | None = None
    filler: Callable[[Any], Any] | None = None
    withheld: Withheld | None = None
    constant: str | None = None
    closed_types: tuple[tuple[str, str], ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``denied``: the whole request lacks a header. ``stock``: introspection is asked as well."""

    roots: tuple[Root, ...]
    withheld: tuple[dict[str, object], ...]
    denied: HubError | None = None
    stock: bool = False

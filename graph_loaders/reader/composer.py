"""The composer: a selection of one type becomes a list expression that starts at a bound variable.

Every nested object is a subquery inside that expression, so that a root field is one statement however deep it goes.
The day asked about and what was known are the parameters ``$as_of`` and ``$known`` throughout a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph_loaders.reader.columns import Column, Projection, project
from graph_loaders.reader.reading import Reading
from schema import scopes as s
from schema.selection import Select
from schema.visibility import Rows, rows_for

Producer = Callable[[Reading], Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A bound variable; ``near`` names variables bound beside it (a role's holder), or ready expressions."""

    variable: str
    near: Mapping[str, str] = field(default_factory=dict)


Maker = Callable[["Composer", Node, Select], Column]
GroupMaker = Callable[["Composer", Node, list[str]], str]


@dataclass(frozen=True, slots=True)
class TypeFields:
    """How the fields of one GraphQL type are fetched."""

    fields: Mapping[str, Maker]
    groups: Mapping[str, GroupMaker] = field(default_factory=dict)


def of_type(type_name: str, selects: Sequence[Select]) -> list[Select]:
    """The fields that a selection has for one concrete type. None at all: the scopes do not open the type here."""
    return [select for select in selects if select.on is None or select.on == type_name]


class Composer:
    """Composes one statement for one scope set.

    ``number()`` gives a fresh number for a piece's variables; ``parameter(name, producer)`` a value computed for each
    request, as ``$name``; ``columns(type, node, selects)`` the projection of a type. A select named ``WITHHELD``
    is a null in its place. ``past``: the statement asks about another day or an earlier knowledge for scopes to which
    the past does not reopen what has ended (``looking_back``).
    """

    def __init__(
        self, types: Mapping[str, TypeFields], scopes: frozenset[str], region: str = "", *, past: bool = False
    ) -> None:
        self.types = types
        self.scopes = scopes
        self.region = region
        self.past = past
        self.unmask = s.UNMASK in scopes and s.INVESTIGATE in scopes
        self.bound_rows: Rows | None = rows_for(scopes) if s.SELF in scopes else None
        self.rows = rows_for(scopes - {s.SELF})
        self.producers: dict[str, Producer] = {}
        self._numbers = 0

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def parameter(self, name: str, producer: Producer) -> str:
        """``$name``, computed for each request. A name that is taken keeps its first producer."""
        self.producers.setdefault(name, producer)
        return f"${name}"

    def columns(self, type_name: str, node: Node, selects: Sequence[Select]) -> Projection:
        fields = self.types[type_name]
        chosen = of_type(type_name, selects)
        columns = [self._column(type_name, fields, node, select) for select in chosen]
        return project(
            [select.key for select in chosen],
            columns,
            lambda name, expressions: fields.groups[name](self, node, expressions),
        )

    def _column(self, type_name: str, fields: TypeFields, node: Node, select: Select) -> Column:
        if select.name == "__typename":
            return Column(f"'{type_name}'")
        if select.name == WITHHELD:
            return Column("null")
        return fields.fields[select.name](self, node, select)


WITHHELD = "!withheld"

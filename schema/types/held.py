"""Fields whose values the graph has already shaped: a value is found under its response key.

A root field is answered as a whole (one statement) before the stock execution looks inside it, so every nested
resolver is the same look-up, and aliases need no further work.
"""

from __future__ import annotations

from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

TYPE_KEY = "!type"
"""Key under which a planner asks for the concrete type of an object; no response key can look like this."""


class HeldField(StrawberryField):
    """Reads ``source[response key]``; at the root, what the request's context has for that key."""

    @property
    def is_basic_field(self) -> bool:
        return False  # a basic field would not be told its response key

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        if source is None:
            return info.context.root(info.path.key)
        return source.get(info.path.key)


def argument(annotation: Any, description: str, default: Any = UNSET) -> tuple[Any, str, Any]:
    """One argument of a field: its type, what it means (English and Chinese), and its default."""
    return annotation, description, default


def held(description: str, graphql_name: str | None = None, /, **arguments: tuple[Any, str, Any]) -> Any:
    """A field of the graph with its description in English and Chinese and, where it takes any, its arguments."""
    field = HeldField(graphql_name=graphql_name, description=description)
    field.arguments = [
        StrawberryArgument(
            python_name=python_name.rstrip("_"),
            graphql_name=None,
            type_annotation=StrawberryAnnotation(annotation),
            description=about,
            default=default,
        )
        for python_name, (annotation, about, default) in arguments.items()
    ]
    return field

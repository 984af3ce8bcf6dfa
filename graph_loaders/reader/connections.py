"""Relay connections: forward paging by the key that the list is sorted by.

A page's rows are ``[sort key, projection, projection…]``: one projection for each place in the selection that shows
the item (``nodes``, ``edges.node``, under whatever aliases). One row more than asked for says whether there is a next
page. There is no total count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph_loaders.reader.codegen import Names, compiled
from graph_loaders.reader.columns import Shape
from graph_loaders.reader.composer import Composer, Node
from graph_loaders.reader.reading import Reading
from schema.errors import UsageError
from schema.selection import Select

DEFAULT_FIRST, MOST = 20, 200


@dataclass(frozen=True, slots=True)
class Page:
    """The parameters of one page and how its rows become the connection."""

    first: str
    after: str
    rows: str
    shape: Shape


def page_size(arguments: Mapping[str, Any]) -> int:
    """``first``, refused when out of range: a page that is silently cut would look like the end."""
    first = arguments.get("first")
    if first is None:
        return DEFAULT_FIRST
    if not 1 <= first <= MOST:
        raise UsageError(
            f"first is {first}", hint=f"ask for 1 to {MOST} items a page", message_zh=f"first 应在 1 至 {MOST} 之间"
        )
    return int(first)


def question(select: Select) -> Callable[[Reading], bytes]:
    """What a cursor is bound to: client, scopes, field, filter and the root's times as given."""

    def bound_to(reading: Reading) -> bytes:
        known: bytes | None = reading.noted.get(select.index)
        if known is not None:
            return known
        given = {k: v for k, v in reading.of(select.index).items() if k not in ("first", "after")}
        times = [reading.times_given, reading.asking.caller.subject]
        place = [select.parent, select.name, reading.client_id, reading.scopes]
        made = orjson.dumps([place, given, times], default=str, option=orjson.OPT_SORT_KEYS)
        reading.noted[select.index] = made
        return made

    return bound_to


Item = Callable[[Sequence[Select]], tuple[str, Shape]]
Extra = Callable[[Select], tuple[str, Shape] | None]


def page(composer: Composer, select: Select, item: Item, extra: Extra | None = None) -> Page:
    """Prepares a connection field. ``item`` projects one listed object for a selection; ``extra`` a field of its edge
    beside ``node`` and ``cursor``."""
    bound_to = question(select)
    index = select.index
    expressions: list[str] = []

    names = Names()

    def show(field: Select) -> str | None:
        projected = item(field.children) if field.name in ("node", "nodes") else extra(field) if extra else None
        if projected is None:
            return None
        expressions.append(projected[0])
        return names.applied(projected[1], f"row[{len(expressions)}]")

    cursor = names.name(lambda row, reading: reading.cursors.seal(row[0], bound_to(reading)))
    after_given = names.name(lambda reading: bool(reading.of(index).get("after")))
    part = _Parts(names, show, cursor, after_given)
    shown = names.entries([(child.key, part.of(child)) for child in select.children])
    number = composer.number()
    first_name = f"first_{number}"

    def first(reading: Reading) -> int:
        return page_size(reading.of(index)) + 1

    def after(reading: Reading) -> str | None:
        cursor = reading.of(index).get("after")
        return None if cursor is None else reading.cursors.open(cursor, bound_to(reading))

    source = f"""def shape(rows, reading):
    if rows is None:
        return None
    size = reading.values[{names.name(first_name)}] - 1
    more = len(rows) > size
    if more:
        rows = rows[:size]
    return {shown}"""
    return Page(
        composer.parameter(first_name, first),
        composer.parameter(f"after_{number}", after),
        ", ".join(expressions) or "null",
        compiled(source, names),
    )


Show = Callable[[Select], str | None]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Expressions of the fields of a connection, over ``rows``, ``more`` and ``reading``."""

    names: Names
    show: Show
    cursor: str
    after_given: str

    def of(self, child: Select) -> str:
        if child.name == "nodes":
            return f"[{self.show(child)} for row in rows]"
        if child.name == "edges":
            fields = [(field.key, self._edge_field(field)) for field in child.children]
            return f"[{self.names.entries(fields)} for row in rows]"
        if child.name == "pageInfo":
            return self.names.entries([(field.key, self._page_info(field)) for field in child.children])
        return _constant(child)

    def _edge_field(self, field: Select) -> str:
        if field.name == "cursor":
            return f"{self.cursor}(row, reading)"
        return self.show(field) or _constant(field)

    def _page_info(self, field: Select) -> str:
        match field.name:
            case "hasNextPage":
                return "more"
            case "hasPreviousPage":
                return f"{self.after_given}(reading)"
            case "startCursor":
                return f"({self.cursor}(rows[0], reading) if rows else None)"
            case "endCursor":
                return f"({self.cursor}(rows[-1], reading) if rows else None)"
            case _:
                return _constant(field)


def _constant(field: Select) -> str:
    return repr(field.parent) if field.name == "__typename" else "None"


def connection(composer: Composer, select: Select, type_name: str, node: Node) -> Page:
    """The page of a connection whose listed object is the bound node itself."""

    def item(selects: Sequence[Select]) -> tuple[str, Shape]:
        inner = composer.columns(type_name, node, selects)
        return inner.expression, inner.shape

    return page(composer, select, item)

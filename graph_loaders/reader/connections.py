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

from graph_loaders.reader.columns import Shape
from graph_loaders.reader.composer import Composer, Node
from graph_loaders.reader.reading import Reading
from schema.errors import UsageError
from schema.selection import Select

DEFAULT_FIRST, MOST = 20, 200

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """The parameters of one page and how its rows become the connection."""

    first: str
    after: str
    rows: str
    shape: Shape


@dataclass(slots=True)
class _Seen:
    """One page being shaped."""

    rows: Rows
    more: bool
    reading: Reading
    bound_to: Callable[[Reading], bytes]
    after: bool

    def cursor(self, row: list[Any]) -> str:
        return self.reading.cursors.seal(row[0], self.bound_to(self.reading))


Part = Callable[[_Seen], Any]


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
        given = {k: v for k, v in reading.of(select.index).items() if k not in ("first", "after")}
        times = [reading.times_given, reading.asking.caller.subject]
        place = [select.parent, select.name, reading.client_id, reading.scopes]
        return orjson.dumps([place, given, times], default=str, option=orjson.OPT_SORT_KEYS)

    return bound_to


Item = Callable[[Sequence[Select]], tuple[str, Shape]]
Extra = Callable[[Select], tuple[str, Shape] | None]


def page(composer: Composer, select: Select, item: Item, extra: Extra | None = None) -> Page:
    """Prepares a connection field. ``item`` projects one listed object for a selection; ``extra`` a field of its edge
    beside ``node`` and ``cursor``."""
    bound_to = question(select)
    index = select.index
    expressions: list[str] = []

    def show(field: Select) -> tuple[int, Shape] | None:
        projected = item(field.children) if field.name in ("node", "nodes") else extra(field) if extra else None
        if projected is None:
            return None
        expressions.append(projected[0])
        return len(expressions), projected[1]

    parts = [(child.key, _part(child, show)) for child in select.children]
    first_name = f"first_{index}"

    def first(reading: Reading) -> int:
        return page_size(reading.of(index)) + 1

    def after(reading: Reading) -> str | None:
        cursor = reading.of(index).get("after")
        return None if cursor is None else reading.cursors.open(cursor, bound_to(reading))

    def shape(rows: Rows | None, reading: Reading) -> Any:
        if rows is None:
            return None
        size = reading.values[first_name] - 1
        more = len(rows) > size
        seen = _Seen(rows[:size] if more else rows, more, reading, bound_to, bool(reading.of(index).get("after")))
        return {key: part(seen) for key, part in parts}

    return Page(
        composer.parameter(first_name, first),
        composer.parameter(f"after_{index}", after),
        ", ".join(expressions) or "null",
        shape,
    )


Show = Callable[[Select], tuple[int, Shape] | None]


def _part(child: Select, show: Show) -> Part:
    if child.name == "nodes":
        shown = show(child)
        assert shown is not None
        return _each(*shown)
    if child.name == "edges":
        return _edges(child, show)
    if child.name == "pageInfo":
        return _page_info(child)
    return _constant(child)


def _each(at: int, shape: Shape) -> Part:
    return lambda seen: [shape(row[at], seen.reading) for row in seen.rows]


def _edges(child: Select, show: Show) -> Part:
    makers = [(field.key, _edge_field(field, show)) for field in child.children]
    return lambda seen: [{key: make(row, seen) for key, make in makers} for row in seen.rows]


def _edge_field(field: Select, show: Show) -> Callable[[list[Any], _Seen], Any]:
    shown = show(field)
    if shown is not None:
        at, shape = shown
        return lambda row, seen: shape(row[at], seen.reading)
    if field.name == "cursor":
        return lambda row, seen: seen.cursor(row)
    value = field.parent if field.name == "__typename" else None
    return lambda _row, _seen: value


_PAGE_INFO: dict[str, Part] = {
    "hasNextPage": lambda seen: seen.more,
    "hasPreviousPage": lambda seen: seen.after,
    "startCursor": lambda seen: seen.cursor(seen.rows[0]) if seen.rows else None,
    "endCursor": lambda seen: seen.cursor(seen.rows[-1]) if seen.rows else None,
}


def _page_info(child: Select) -> Part:
    parts = [(field.key, _PAGE_INFO.get(field.name) or _constant(field)) for field in child.children]
    return lambda seen: {key: part(seen) for key, part in parts}


def _constant(field: Select) -> Part:
    value = field.parent if field.name == "__typename" else None
    return lambda _seen: value


def connection(composer: Composer, select: Select, type_name: str, node: Node) -> Page:
    """The page of a connection whose listed object is the bound node itself."""

    def item(selects: Sequence[Select]) -> tuple[str, Shape]:
        inner = composer.columns(type_name, node, selects)
        return inner.expression, inner.shape

    return page(composer, select, item)

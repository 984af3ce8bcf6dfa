"""``neighbourhood`` and ``path``: browsing relations, for investigators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from graph_loaders.reader.composer import Composer
from graph_loaders.reader.fields.record import visible
from graph_loaders.reader.fields.subject import held
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.relations import KEYS, KINDS, edges, following, key, row, shown_edge, shown_id, shown_node
from graph_loaders.reader.roots.node import NOTHING, key_of
from graph_loaders.reader.roots.root import Making, Root, Row, argument
from schema.errors import UsageError
from schema.selection import Select

DEEPEST, MOST_NODES = 3, 500
LONGEST, MOST_WAYS = 6, 50


def _bounded(select: Select, name: str, default: int, most: int) -> Callable[[Reading], int]:
    def produce(reading: Reading) -> int:
        value = int(argument(select, name, default)(reading))
        if not 1 <= value <= most:
            raise UsageError(f"{name} is {value}", hint=f"give 1 to {most}", message_zh=f"{name} 应在 1 至 {most} 之间")
        return value

    return produce


def _seen(composer: Composer, label: str, variable: str) -> str:
    """Whether an end may be seen at all; its relations are judged one by one."""
    if label == "Subject":
        return held(composer, variable)
    if label == "Person":
        return f"EXISTS {{ ({variable})-[:REPRESENTS|HOLDS]->() }}"
    known = f"{variable}.recorded_at <= $known AND {variable}.retracted_at > $known"
    condition = f"{known} AND {variable}.valid_from <= $as_of"
    return f"{condition} AND {visible(composer, variable)}" if label == "Record" else condition


def _kinds(given: Sequence[str] | None) -> Sequence[str]:
    """All where none are named; an empty list names none, as in the filters of lists."""
    return list(KINDS) if given is None else given


def neighbourhood(making: Making, select: Select) -> Callable[[Reading], Root]:
    limit = _bounded(select, "limit", 100, MOST_NODES)

    @cache
    def around(label: str) -> Root:
        composer = making.composer()
        number = composer.number()
        centre, near, far = own("center", number), own("near", number), own("far", number)
        shown = [(child, *shown_node(composer, own("node", number), child)) for child in _children(select, "nodes")]
        composer.parameter("center", lambda reading: _key(reading, argument(select, "center")(reading)))
        composer.parameter("kinds", lambda reading: _kinds(argument(select, "kinds")(reading)))
        composer.parameter("depth", _bounded(select, "depth", 1, DEEPEST))
        composer.parameter("most", lambda reading: limit(reading) + 1)
        text = fragment(
            "root/neighbourhood",
            number,
            label=label,
            key=KEYS[label],
            seen=_seen(composer, label, centre),
            near=following(composer, centre, lambda new: f"NOT {new} IN {centre}"),
            far=following(composer, near, lambda new: f"NOT {new} IN {centre} AND NOT {new} IN {near}"),
            last=following(
                composer, far, lambda new: f"NOT {new} IN {centre} AND NOT {new} IN {near} AND NOT {new} IN {far}"
            ),
            columns="["
            + ", ".join((_identity(own("node", number)), *(expression for _, expression, _ in shown)))
            + "]",
            edges=edges(composer, own("node", number)),
        )
        shapes = [(child.key, convert) for child, _, convert in shown]
        return Root(text, composer.producers, _surroundings(select, shapes, limit, making.region))

    def choose(reading: Reading) -> Root:
        found = key_of(reading, argument(select, "center")(reading))
        return NOTHING if found is None or found[0] not in KEYS else around(found[0])

    return choose


def _identity(variable: str) -> str:
    return f"[labels({variable})[0], {key(variable)}]"


def _surroundings(
    select: Select, shapes: list[tuple[str, Any]], limit: Callable[[Reading], int], region: str
) -> Callable[[Sequence[Row], Reading], Any]:
    relations = [(child.key, shown_edge(child, region)) for child in _children(select, "edges")]

    def shape(rows: Sequence[Row], reading: Reading) -> Any:
        if not rows:
            return None
        most = limit(reading)
        kept = rows[:most]
        inside = {shown_id(found["value"][0], reading) for found in kept}
        between = [
            edge
            for found in kept
            for edge in found["edges"]
            if shown_id(edge[1], reading) in inside and shown_id(edge[2], reading) in inside
        ]
        values: dict[str, Any] = {}
        for place, (name, convert) in enumerate(shapes, start=1):
            values[name] = [convert(found["value"][place], reading) for found in kept]
        for name, shape_edge in relations:
            values[name] = [shape_edge(edge, reading) for edge in between]
        return {
            child.key: values.get(child.key, len(rows) > most if child.name == "truncated" else select.type)
            for child in select.children
        }

    return shape


def path(making: Making, select: Select) -> Callable[[Reading], Root]:
    hops = _bounded(select, "maxHops", 4, LONGEST)

    @cache
    def between(label_from: str, label_to: str) -> Root:
        composer = making.composer()
        number = composer.number()
        start, end, ways = own("from", number), own("to", number), own("ways", number)
        edge = own("edge", number)
        shown = [(child, *shown_node(composer, own("node", number), child)) for child in _children(select, "nodes")]
        composer.parameter("from", lambda reading: _key(reading, argument(select, "from")(reading)))
        composer.parameter("to", lambda reading: _key(reading, argument(select, "to")(reading)))
        composer.parameter("hops", hops)
        composer.parameter("ways", lambda _reading: MOST_WAYS)
        text = fragment(
            "root/path",
            number,
            label_from=label_from,
            key_from=KEYS[label_from],
            label_to=label_to,
            key_to=KEYS[label_to],
            seen_from=_seen(composer, label_from, start),
            seen_to=_seen(composer, label_to, end),
            ways=_ways(composer, start, end, ways),
            columns="[" + ", ".join(expression for _, expression, _ in shown) + "]",
            edge=row(edge, f"startNode({edge})", f"endNode({edge})"),
        )
        shapes = [(child.key, convert) for child, _, convert in shown]
        return Root(text, composer.producers, _found(select, shapes, making.region))

    def choose(reading: Reading) -> Root:
        hops(reading)
        start = key_of(reading, argument(select, "from")(reading))
        end = key_of(reading, argument(select, "to")(reading))
        if start is None or end is None or start[0] not in KEYS or end[0] not in KEYS or start == end:
            return _NO_WAY
        return between(start[0], end[0])

    return choose


def _ways(composer: Composer, start: str, end: str, ways: str) -> str:
    """Clauses that look for ways of one hop, of two, … and stop at the first length that has any."""
    clauses = []
    for length in range(1, LONGEST + 1):
        found = fragment("root/way", composer.number(), **{"from": start, "to": end}, hops=str(length))
        if length == 1:
            clauses.append(f"WITH {start}, {end}, {found} AS {ways}")
        else:
            kept = f"CASE WHEN size({ways}) > 0 OR $hops < {length} THEN {ways} ELSE {found} END"
            clauses.append(f"WITH {start}, {end}, {kept} AS {ways}")
    return " ".join(clauses)


def _found(select: Select, shapes: list[tuple[str, Any]], region: str) -> Callable[[Sequence[Row], Reading], Any]:
    relations = [(child.key, shown_edge(child, region)) for child in _children(select, "edges")]

    def one(found: Row, reading: Reading) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for place, (name, convert) in enumerate(shapes):
            values[name] = [convert(node[place], reading) for node in found["nodes"]]
        for name, shape_edge in relations:
            values[name] = [shape_edge(edge, reading) for edge in found["edges"]]
        return {child.key: values.get(child.key, select.type) for child in select.children}

    def shape(rows: Sequence[Row], reading: Reading) -> Any:
        in_order = sorted(rows, key=lambda found: str(found["edges"]))
        return [one(found, reading) for found in in_order]

    return shape


def _children(select: Select, name: str) -> list[Select]:
    return [child for child in select.children if child.name == name]


def _key(reading: Reading, global_id: str) -> str:
    found = key_of(reading, global_id)
    return "" if found is None else found[1]


_NO_WAY = Root("", {}, lambda _rows, _reading: [], unless=lambda _reading: [[]])

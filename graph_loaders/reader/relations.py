"""Relations between nodes as the explorer shows them: ids of both ends, kind, days, and the region that holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph_loaders.reader.composer import Composer, Node
from graph_loaders.reader.fields.person import union
from graph_loaders.reader.fields.record import visible
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading, global_id
from schema.selection import Select
from schema.times import OPEN_DATE

KINDS = ("REPRESENTS", "HOLDS", "ABOUT", "PARTY_TO")
SHOWN = ("Subject", "Person", "Record", "Contract")
KEYS = {"Subject": "code", "Person": "token", "Record": "id", "Contract": "id"}


def key(variable: str) -> str:
    """The expression of a node's own key."""
    label = f"labels({variable})[0]"
    return (
        f"CASE {label} WHEN 'Subject' THEN {variable}.code WHEN 'Person' THEN {variable}.token ELSE {variable}.id END"
    )


def standing(composer: Composer, edge: str, start: str, end: str) -> str:
    """Whether a relation counts on the day asked about, for these scopes."""
    return fragment(
        "relations/standing", composer.number(), edge=edge, start=start, end=end, visible=visible(composer, start)
    )


def row(edge: str, start: str, end: str) -> str:
    """One relation as a list: [kind, [label, key] of each end, first day, last day]."""
    begin = f"coalesce({edge}.valid_from, {start}.valid_from, {end}.valid_from)"
    until = f"coalesce({edge}.valid_to, {start}.valid_to, {end}.valid_to)"
    ends = f"[labels({start})[0], {key(start)}], [labels({end})[0], {key(end)}]"
    return f"[type({edge}), {ends}, {begin}, {until}]"


def following(composer: Composer, start_list: str, beyond: Callable[[str], str]) -> str:
    """The nodes one relation further than those of a list; ``beyond`` says which of them are new."""
    number = composer.number()
    following_node = own("next", number)
    return fragment(
        "relations/next",
        number,
        **{"from": start_list},
        beyond=beyond(following_node),
        standing=standing(composer, own("edge", number), own("start", number), own("end", number)),
        order=key(following_node),
    )


def edges(composer: Composer, node: str) -> str:
    """The relations that start from a node."""
    number = composer.number()
    edge, start, end = own("edge", number), own("start", number), own("end", number)
    return fragment(
        "relations/edges",
        number,
        node=node,
        standing=standing(composer, edge, start, end),
        row=row(edge, start, end),
    )


def shown_node(composer: Composer, variable: str, select: Select) -> tuple[str, Callable[[Any, Reading], Any]]:
    """A node of any shown type: its projection, and what makes the answer's object of it."""
    column = union(composer, Node(variable), select, SHOWN)
    convert = column.convert
    assert convert is not None
    return column.expression, convert


def shown_edge(select: Select, region: str) -> Callable[[Sequence[Any], Reading], dict[str, Any]]:
    """What makes a ``Relation`` of its row."""
    fields = [(child.key, child.name) for child in select.children]

    def shape(raw: Sequence[Any], reading: Reading) -> dict[str, Any]:
        kind, start, end, begin, until = raw
        values = {
            "from": shown_id(start, reading),
            "to": shown_id(end, reading),
            "kind": kind,
            "validFrom": begin,
            "validTo": None if until == OPEN_DATE else until,
            "region": region,
            "__typename": "Relation",
        }
        return {key: values.get(name) for key, name in fields}

    return shape


def shown_id(end: Sequence[str], reading: Reading) -> str:
    label, own_key = end
    return reading.person_id(own_key) if label == "Person" else global_id(label, own_key)

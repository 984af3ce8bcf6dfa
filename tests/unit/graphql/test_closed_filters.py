"""A field that a caller may not read may not be filtered by either."""

from __future__ import annotations

from typing import Any

import pytest
from asking import CODE, MUTUAL, post
from graphs import HashGraph

from hub.graphql.service import GraphQLService, Options
from schema import scopes as s
from schema.fields import ARGUMENTS, FIELDS, TABLE, THROUGH, FieldTable
from schema.types.build import build_schema

SUBJECT = f'subject(code: "{CODE}")'


def service(graph: HashGraph | None = None, table: FieldTable = TABLE) -> GraphQLService:
    return GraphQLService(build_schema(), graph or HashGraph(), Options(table=table))


def closing(*fields: str) -> FieldTable:
    """The table with some fields of Record opened by operate alone."""
    return FieldTable(FIELDS | dict.fromkeys(fields, frozenset({s.OPERATE})), THROUGH, ARGUMENTS)


@pytest.mark.parametrize(
    ("filter_", "variables"),
    [
        ("{kinds: [PENALTY]}", {}),
        ("{kinds: $k}", {"k": ["PENALTY"]}),
        ("{kinds: $k}", {"k": None}),
        ("{kinds: $d}", {}),
        ("$f", {"f": {"kinds": []}}),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
async def test_a_closed_field_may_not_be_filtered_by(filter_: str, variables: dict[str, Any], nested: bool) -> None:
    graph = HashGraph()
    hub = service(graph, closing("Record.kind"))
    declared = "$k: [RecordKind!], $d: [RecordKind!] = [AWARD], $f: RecordFilter = {}"
    inner = f"records(filter: {filter_}) {{ nodes {{ id }} }}"
    used = f"s: {SUBJECT} {{ records(filter: {{kinds: $k}}) @skip(if: true) {{ nodes {{ id }} }} }}"
    spare = "t: records(filter: $f) @skip(if: true) { nodes { id } } "
    spare += "u: records(filter: {kinds: $d}) @skip(if: true) { nodes { id } }"
    body = f"{SUBJECT} {{ {inner} }}" if nested else inner
    answer = await post(hub, MUTUAL, f"query({declared}) {{ {body} {used} {spare} }}", variables)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FIELD_NOT_ALLOWED"
    assert not graph.asked


async def test_an_open_filter_beside_a_closed_one_still_works() -> None:
    answer = await post(
        service(table=closing("Record.kind")), MUTUAL, "{ records(filter: {states: [ACTIVE]}) { nodes { id kind } } }"
    )
    assert "errors" not in answer
    assert answer["extensions"]["withheld"] == [
        {"path": ["records", "nodes", "kind"], "reason": "INSUFFICIENT_SCOPE", "scope": "credit:operate"}
    ]

"""The plan's answer and graphql-core's own are the same bytes, whatever is asked by whom."""

from __future__ import annotations

import json
import random

import pytest
from asking import CODE, EVERYTHING, INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, SELF, caller, raw
from generator import Generator
from graphql import parse, validate
from graphs import HashGraph, schema

from hub.graphql.limits import Limits
from hub.graphql.service import GraphQLService, Options
from schema.errors import TimedOut, UsageError
from schema.types.build import build_schema

WIDE = Limits(tokens=10_000, aliases=10_000, cost=10**9, fields=10_000, depth=40)
CALLERS = [
    EVERYTHING,
    INVESTIGATOR,
    MUTUAL,
    OPERATOR,
    PUBLIC,
    SELF,
    caller("mutual", "self", "public", purpose="self-service", subject=CODE),
    caller("mutual", "self", purpose="mutual-recognition", subject=CODE),
]
FAULTS = {
    "records": UsageError("the cursor is not of this question", hint="start again"),
    "path": TimedOut("too slow", hint="ask less"),
}


def services(graph: HashGraph) -> tuple[GraphQLService, GraphQLService]:
    plan = GraphQLService(build_schema(), graph, Options(limits=WIDE, introspection=True))
    stock = GraphQLService(build_schema(), graph, Options(limits=WIDE, introspection=True, stock_only=True))
    return plan, stock


@pytest.mark.parametrize("block", range(4))
async def test_generated_documents_give_the_same_bytes(block: int) -> None:
    plan, stock = services(HashGraph(fail=dict(FAULTS)))
    answered = withheld = failed = 0
    for number in range(40):
        generator = Generator(random.Random(block * 1000 + number))
        text = generator.document()
        assert validate(schema(), parse(text)) == []
        for who in generator.rng.sample(CALLERS, 3):
            one = await raw(plan, who, text, generator.variables)
            other = await raw(stock, who, text, generator.variables)
            assert one.body == other.body, (text, generator.variables, who)
            assert one.status == other.status == 200, one.body
            body = json.loads(one.body)
            answered += any(value for value in (body["data"] or {}).values())
            withheld += "extensions" in body
            failed += "errors" in body
    assert answered > 40
    assert withheld > 30
    assert failed > 3


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query A { __typename } query B { __typename }", {}),
        ("query($c: USCC!) { subject(code: $c) { code } }", {}),
        ("query($c: USCC!) { subject(code: $c) { code } }", {"c": None}),
        ("query($c: USCC!) { subject(code: $c) { code } }", {"c": 7}),
        (f'query($c: USCC = "{CODE}") {{ subject(code: $c) {{ code }} }}', {}),
        ("query($f: Int) { records(filter: {}, first: $f) { nodes { id } } }", {"f": None}),
        ("query($k: [RecordKind!]) { records(filter: {kinds: $k}) { nodes { id } } }", {"k": "PENALTY"}),
        ("query($k: [RecordKind!]) { records(filter: {kinds: $k}) { nodes { id } } }", {"k": ["NONE"]}),
        ("query($b: Boolean!) { __typename @skip(if: $b) }", {"b": "yes"}),
    ],
)
async def test_variables_and_operations_are_judged_alike(text: str, variables: dict[str, object]) -> None:
    plan, stock = services(HashGraph())
    one, other = await raw(plan, EVERYTHING, text, variables), await raw(stock, EVERYTHING, text, variables)
    assert (one.status, one.body) == (other.status, other.body)

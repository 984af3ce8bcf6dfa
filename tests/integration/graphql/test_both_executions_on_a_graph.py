"""Over a real graph, too, the plan and the stock execution give the same bytes, with one statement a root field."""

from __future__ import annotations

import json
import random

from asking import CODE, EVERYTHING, INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, SELF, post, raw
from generator import Generator
from reader_asking import Observed

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.roots import ROOTS
from hub.graphql.limits import Limits
from hub.graphql.service import GraphQLService, Options
from schema.types.build import build_schema

WIDE = Limits(aliases=10_000, cost=10**9, fields=10_000, depth=40)
DOCUMENTS = 50


def service(graph: CypherGraph, *, stock: bool = False) -> GraphQLService:
    options = Options(limits=WIDE, introspection=True, stock_only=stock, today=lambda: "2026-11-01")
    return GraphQLService(build_schema(), graph, options)


async def test_generated_documents_give_the_same_bytes(city: CypherGraph) -> None:
    plan, stock = service(city), service(city, stock=True)
    answered = 0
    for number in range(DOCUMENTS):
        generator = Generator(random.Random(number), roots=tuple(sorted(ROOTS)))
        text = generator.document()
        who = generator.rng.choice([EVERYTHING, INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, SELF])
        one, other = await raw(plan, who, text, generator.variables), await raw(stock, who, text, generator.variables)
        assert one.body == other.body, (text, generator.variables, who)
        body = json.loads(one.body)
        assert not [e for e in body.get("errors", ()) if e["extensions"]["code"] == "INTERNAL"], text
        answered += any((body["data"] or {}).values())
    assert answered > DOCUMENTS / 4


async def test_a_root_field_is_one_statement(city: CypherGraph, engine: Engine) -> None:
    hub = service(city)
    text = (
        f'{{ subject(code: "{CODE}") {{ name records {{ nodes {{ id subject {{ name }} }} }} effects {{ ruleId }} }} }}'
    )
    await post(hub, MUTUAL, text)
    with Observed(engine) as seen:
        answer = await post(hub, MUTUAL, text)
    assert answer["data"]["subject"]["name"]
    assert len([statement for statement in seen.texts if "Record" in statement]) == 1

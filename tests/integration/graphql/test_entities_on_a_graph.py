"""``_entities`` over a real graph: one statement for the whole batch, and the same bytes by both executions."""

from __future__ import annotations

import json
import random
from typing import Any, cast

from asking import CODE, MUTUAL, PUBLIC, raw
from generator import Generator
from reader_asking import Observed
from test_both_executions_on_a_graph import service

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph
from hub.federated.graph import FederatedGraph

UNKNOWN = "91320400MA1XXXXX0Y"
ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Subject {
 code name id records { nodes { kind subject { name } } } representatives { name } contracts { nodes { number } }
} } }"""


def gateway_graph(city: CypherGraph) -> Any:
    """The graph as a hub wires it; entities ask no neighbour."""
    return FederatedGraph(cast(Any, None), city)


async def test_many_entities_are_one_statement(city: CypherGraph, engine: Engine) -> None:
    hub = service(gateway_graph(city))
    given = {"r": [{"__typename": "Subject", "code": code} for code in (CODE, UNKNOWN, None, CODE.lower())]}
    await raw(hub, MUTUAL, ENTITIES, given)
    with Observed(engine) as seen:
        answer = json.loads((await raw(hub, MUTUAL, ENTITIES, given)).body)
    first, unknown, null, again = answer["data"]["_entities"]
    assert (first["__typename"], first["code"]) == ("Subject", CODE)
    assert first["name"]
    assert first["records"]["nodes"]
    assert (unknown, null, again) == (None, None, first)
    assert len([text for text in seen.texts if "Subject" in text]) == 1


async def test_an_entity_is_what_subject_answers(city: CypherGraph) -> None:
    hub = service(gateway_graph(city))
    fields = "__typename " + ENTITIES.partition("... on Subject {")[2].rpartition("} } }")[0]
    for who in (MUTUAL, PUBLIC):
        entity = json.loads((await raw(hub, who, ENTITIES, {"r": [{"__typename": "Subject", "code": CODE}]})).body)
        subject = json.loads((await raw(hub, who, f'{{ subject(code: "{CODE}") {{ {fields} }} }}')).body)
        assert entity["data"]["_entities"] == [subject["data"]["subject"]]


async def test_generated_questions_give_the_same_bytes(city: CypherGraph) -> None:
    plan, stock = service(gateway_graph(city)), service(gateway_graph(city), stock=True)
    answered = 0
    for number in range(25):
        generator = Generator(random.Random(number), roots=("_entities", "subject", "records"))
        text = generator.document()
        who = generator.rng.choice([MUTUAL, PUBLIC])
        one, other = await raw(plan, who, text, generator.variables), await raw(stock, who, text, generator.variables)
        assert one.body == other.body, (text, generator.variables, who)
        answered += '"_entities"' in one.body.decode() or any((json.loads(one.body).get("data") or {}).values())
    assert answered > 5

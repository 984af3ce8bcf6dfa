"""What a gateway asks: entities by their code in one batch, and the schema only where introspection is on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asking import CODE, MUTUAL, OTHER, PUBLIC, SELF, caller, post, raw
from graphql import build_schema as parse_schema
from graphs import HashGraph, schema

from hub.federated.entities import EntitiesRoot
from hub.graphql.service import GraphQLService, Options
from schema.caller import Caller
from schema.errors import TimedOut
from schema.selection import Select
from schema.types.build import build_schema, sdl

ENTITIES = """query Entities($r: [_Any!]!) { _entities(representations: $r) {
 ... on Subject { code name ratings { grade } records(first: 2) { nodes { id } } } } }"""
FIRM = {"__typename": "Subject", "code": CODE}


class Batches(HashGraph):
    """The batch of the hub's own graph over hashes; ``held`` are the codes that it has."""

    held = (CODE, OTHER)

    def prepare(self, root: Select, scopes: frozenset[str]) -> Any:
        if root.name == "_entities":
            return EntitiesRoot(root, self, scopes)
        below = super().prepare(root, scopes)
        if root.name != "subjects":
            return below

        async def read(arguments: Any, asking: Any) -> Any:
            self.asked.append((root.name, arguments, asking))
            if root.name in self.fail:
                raise self.fail[root.name]
            (shown,) = root.children
            return [
                {shown.key: {c.key: _value(c, code) for c in shown.children} if code in self.held else None}
                for code in arguments[root.index]["codes"]
            ]

        return read


def _value(select: Select, code: str) -> str:
    return select.parent if select.name == "__typename" else f"{select.name} {code}"


def service(graph: Any, *, introspection: bool = False, stock: bool = False) -> GraphQLService:
    return GraphQLService(build_schema(), graph, Options(introspection=introspection, stock_only=stock))


async def entities(who: Caller, representations: Any, graph: HashGraph | None = None) -> dict[str, Any]:
    return await post(service(graph or HashGraph()), who, ENTITIES, {"r": representations})


async def test_entities_come_in_the_order_asked_from_one_batch_and_unknown_ones_are_null() -> None:
    graph = Batches()
    text = "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Subject { n: name } } }"
    codes = [OTHER, "91320400XY00000999", CODE, None, "not a code", OTHER]
    given = [{"__typename": "Subject", "code": code, "more": 1} for code in codes]
    answer = await post(service(graph), MUTUAL, text, {"r": given})
    found = [entity and entity["n"] for entity in answer["data"]["_entities"]]
    assert found == [f"name {OTHER}", None, f"name {CODE}", None, None, f"name {OTHER}"]
    assert [name for name, _, _ in graph.asked] == ["subjects"]


@pytest.mark.parametrize("failing", [{}, {"subjects": TimedOut("too slow", hint="ask less")}])
async def test_both_executions_answer_entities_alike(failing: dict[str, Exception]) -> None:
    text = 'query($c: String) { _entities(representations: [{__typename: "Subject", code: $c}]) '
    text += "{ __typename ... on Subject { code name: name } } __typename }"
    one = await raw(service(Batches(fail=failing)), MUTUAL, text, {"c": CODE})
    other = await raw(service(Batches(fail=failing), stock=True), MUTUAL, text, {"c": CODE})
    assert one.body == other.body
    assert (json.loads(one.body)["data"] is None) == bool(failing)


async def test_fields_below_an_entity_are_withheld_as_elsewhere() -> None:
    answer = await entities(PUBLIC, [FIRM, FIRM])
    assert [w["path"] for w in answer["extensions"]["withheld"]] == [["_entities", "ratings"]]
    assert all(entity is None or entity["ratings"] is None for entity in answer["data"]["_entities"])


@pytest.mark.parametrize(
    ("who", "given", "code"),
    [
        (caller("loan", purpose="loan"), [FIRM], "INSUFFICIENT_SCOPE"),
        (caller("mutual"), [FIRM], "PURPOSE_REQUIRED"),
        (SELF, [{**FIRM, "code": OTHER}], "INSUFFICIENT_SCOPE"),
        (SELF, [FIRM, {**FIRM, "code": OTHER}], "INSUFFICIENT_SCOPE"),
    ],
)
async def test_entities_need_what_subject_needs(who: Caller, given: Any, code: str) -> None:
    answer = await entities(who, given)
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    if code == "INSUFFICIENT_SCOPE":
        assert [w["path"] for w in answer["extensions"]["withheld"]] == [["_entities"]]


async def test_a_subject_may_be_asked_for_by_its_own_token() -> None:
    answer = await entities(SELF, [FIRM])
    assert "errors" not in answer
    assert len(answer["data"]["_entities"]) == 1 or answer["data"]["_entities"] == []


@pytest.mark.parametrize(
    "given",
    [
        [{"__typename": "Person", "code": CODE}],
        [{"__typename": "Query", "code": CODE}],
        [{"__typename": "Subject"}],
        [{"__typename": "Subject", "code": 7}],
        [{"__typename": "Subject", "code": [CODE]}],
        [{"__typename": ["Subject"], "code": CODE}],
        [{"code": CODE}],
        [CODE],
        [None],
        None,
    ],
)
async def test_a_representation_that_no_gateway_sends_is_an_error(given: Any) -> None:
    graph = HashGraph()
    answer = await entities(MUTUAL, given, graph)
    assert not answer.get("data")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert graph.asked == []


async def test_a_thousand_entities_are_answered_and_one_more_is_not() -> None:
    text = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    graph = Batches()
    answer = await post(service(graph), MUTUAL, text, {"r": [FIRM] * 1000})
    assert len(answer["data"]["_entities"]) == 1000
    answer = await post(service(graph), MUTUAL, text, {"r": [FIRM] * 1001})
    assert answer["data"] is None
    assert "1000" in answer["errors"][0]["message"]


async def test_entities_cost_what_they_hold() -> None:
    wide = ENTITIES.replace("first: 2", "first: 200").replace("id }", "id warnings ground authority }")
    answer = await post(service(HashGraph()), MUTUAL, wide, {"r": [FIRM] * 1000})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["LIMIT_EXCEEDED"]


async def test_the_log_learns_which_subjects_were_asked_about() -> None:
    answer = await raw(service(HashGraph()), MUTUAL, ENTITIES, {"r": [FIRM, {**FIRM, "code": OTHER}]})
    assert answer.facts["discloses"] == [CODE, OTHER]


async def test_the_schema_is_told_only_where_introspection_is_on() -> None:
    text = "{ service: _service { text: sdl } __typename }"
    closed = await post(service(HashGraph()), MUTUAL, text)
    assert closed["status"] == 400
    assert "data" not in closed
    hidden = await post(service(HashGraph()), MUTUAL, "{ ...F } fragment F on Query { _service { sdl } }")
    assert hidden["status"] == 400
    told = await post(service(HashGraph(), introspection=True), MUTUAL, text)
    assert told["data"] == {"service": {"text": sdl()}, "__typename": "Query"}


def test_the_published_text_is_a_whole_schema_for_tools_that_know_no_federation() -> None:
    parsed = parse_schema(sdl())
    ours = {n for n in schema().type_map if not n.startswith(("__", "link__", "_FieldSet"))}
    own = {"federation__FieldSet", "link__Import", "link__Purpose"}
    assert {n for n in parsed.type_map if not n.startswith("__")} - own == ours
    field = parsed.query_type and parsed.query_type.fields["_entities"]
    assert field is not None
    assert (str(field.type), str(field.args["representations"].type)) == ("[_Entity]!", "[_Any!]!")
    assert "federation/v2.9" in sdl()

"""Fields closed to a caller cannot be read, asked by, or told from errors; headers that are missing are named."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from asking import CODE, EVERYTHING, INVESTIGATOR, MUTUAL, OPERATOR, OTHER, PUBLIC, SELF, caller, post
from graphql import get_named_type, is_composite_type
from graphs import HashGraph, schema

from hub.graphql.service import GraphQLService, Options
from schema import scopes as s
from schema.caller import Caller
from schema.fields import ARGUMENTS, FIELDS, TABLE, FieldTable
from schema.types.build import build_schema
from schema.types.subgraph import SERVICE

SUBJECT = f'subject(code: "{CODE}")'
ARGS = {
    "subject": f'(code: "{CODE}")',
    "subjects": f'(codes: ["{CODE}"])',
    "searchSubjects": '(filter: {nameContains: "银行"})',
    "person": '(token: "t")',
    "searchPersons": '(name: "张三")',
    "penetration": f'(subject: "{CODE}")',
    "neighbourhood": '(center: "U3ViamVjdDox")',
    "path": '(from: "U3ViamVjdDox", to: "U3ViamVjdDox")',
    "records": "(filter: {})",
    "contracts": "(filter: {})",
    "node": '(id: "U3ViamVjdDox")',
}
FULL: dict[str, Caller] = {
    s.PUBLIC: PUBLIC,
    s.MUTUAL: MUTUAL,
    s.GATE: caller("gate", purpose="gate-check"),
    s.INVESTIGATE: INVESTIGATOR,
    s.OPERATE: OPERATOR,
    s.SELF: SELF,
    s.LOAN: caller("loan", purpose="loan"),
}


def service(graph: HashGraph | None = None, table: FieldTable = TABLE, **more: Any) -> GraphQLService:
    return GraphQLService(build_schema(), graph or HashGraph(), Options(table=table, **more))


def names(select: Any) -> set[str]:
    """Every ``Type.field`` that reached the graph."""
    return {f"{select.on or select.parent}.{select.name}"}.union(*map(names, select.children))


@pytest.mark.parametrize("scope", list(FULL))
@pytest.mark.parametrize("root", list(ARGS))
async def test_roots_open_for_exactly_the_scopes_of_the_table(root: str, scope: str) -> None:
    graph = HashGraph()
    answer = await post(service(graph), FULL[scope], f"{{ x: {root}{ARGS[root]} {{ __typename }} }}")
    rule = FIELDS[f"Query.{root}"]
    opened = scope in rule and not (scope == s.SELF and root in ("records", "contracts", "node"))
    assert bool(graph.selects) is opened
    if not opened:
        assert answer["data"] == {"x": None}
        (entry,) = answer["extensions"]["withheld"]
        assert entry["path"] == ["x"]
        assert scope not in entry["scope"].split()


@pytest.mark.parametrize("scope", [x for x in FULL if x in FIELDS["Query.subject"]])
async def test_closed_fields_never_reach_the_graph_however_they_are_written(scope: str) -> None:
    subject = schema().type_map["Subject"]
    closed = {name for name in subject.fields if scope not in (TABLE.opening("Subject", name) or ())}
    parts = []
    for name, definition in subject.fields.items():
        inner = " { __typename }" if is_composite_type(get_named_type(definition.type)) else ""
        parts += [
            f"{name}{inner}",
            f"a_{name}: {name}{inner}",
            f"... on Node {{ ... on Subject {{ b_{name}: {name}{inner} }} }}",
        ]
        parts.append(f"... on Subject @include(if: true) {{ c_{name}: {name}{inner} }}")
    aliases = " ".join(parts)
    for chunk in (aliases, "...F"):
        graph = HashGraph()
        text = f"{{ {SUBJECT} {{ {chunk} }} }}" + (f" fragment F on Subject {{ {aliases} }}" if chunk == "...F" else "")
        answer = await post(service(graph), FULL[scope], text)
        assert "errors" not in answer
        everything = set().union(*map(names, graph.selects))
        reached = {name.removeprefix("Subject.") for name in everything if name.startswith("Subject.")}
        assert not reached & closed
        told = {tuple(entry["path"]) for entry in answer.get("extensions", {}).get("withheld", [])}
        assert told == {("subject", prefix + name) for name in closed for prefix in ("", "a_", "b_", "c_")}
        assert all(answer["data"]["subject"][path[1]] is None for path in told if answer["data"]["subject"])


async def test_withheld_names_a_field_once_for_a_whole_list() -> None:
    answer = await post(
        service(),
        MUTUAL,
        f'{{ subjects(codes: ["{CODE}", "{OTHER}"]) {{ code subject {{ name }} }} loadRuns {{ nodes {{ id }} }} }}',
    )
    assert answer["extensions"]["withheld"] == [
        {"path": ["loadRuns"], "reason": "INSUFFICIENT_SCOPE", "scope": "credit:operate"}
    ]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (caller("mutual"), "PURPOSE_REQUIRED"),
        (caller("gate"), "PURPOSE_REQUIRED"),
        (caller("investigate"), "PURPOSE_REQUIRED"),
        (caller("investigate", case="1"), "PURPOSE_REQUIRED"),
        (caller("investigate", purpose="investigation"), "CASE_REQUIRED"),
        (caller("self", subject=CODE), "PURPOSE_REQUIRED"),
        (caller("mutual", purpose="investigation", case="1"), "PURPOSE_REQUIRED"),
        (caller("mutual", "investigate", purpose="investigation"), "CASE_REQUIRED"),
    ],
)
async def test_a_missing_or_unfit_header_is_told_and_nothing_is_answered(who: Caller, code: str) -> None:
    graph = HashGraph()
    hub = service(graph)
    answer = await post(hub, who, f"{{ {SUBJECT} {{ ratings {{ grade }} }} }}")
    assert answer["status"] == 200
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert not graph.asked
    assert (await post(hub, who, "{ __typename }"))["data"] == {"__typename": "Query"}


async def test_a_scope_without_its_purpose_opens_no_rows_either() -> None:
    graph = HashGraph()
    answer = await post(service(graph), caller("public", "mutual", "investigate"), f"{{ {SUBJECT} {{ name }} }}")
    assert "errors" not in answer
    assert graph.scopes == [frozenset({s.PUBLIC})]


async def test_loan_scope_opens_no_rows_outside_a_profile() -> None:
    graph = HashGraph()
    await post(service(graph), caller("public", "loan", purpose="loan"), f"{{ {SUBJECT} {{ name }} }}")
    assert graph.scopes == [frozenset({s.PUBLIC})]


async def test_a_neighbouring_hub_carries_the_end_clients_purpose() -> None:
    who = Caller("https://hub.example", frozenset({s.MUTUAL}), purpose="gate-check", peer_region="320583")
    assert "errors" not in await post(service(), who, f"{{ {SUBJECT} {{ contracts {{ nodes {{ number }} }} }} }}")


async def test_self_opens_the_bound_subject_only() -> None:
    graph = HashGraph()
    answer = await post(
        service(graph),
        SELF,
        f"{{ mine: {SUBJECT} {{ name contracts {{ nodes {{ parties {{ subject {{ id code name status }} }} }} }} }}"
        f' other: subject(code: "{OTHER}") {{ name }}'
        f' both: subjects(codes: ["{CODE}", "{OTHER}"]) {{ code }}'
        f" all: records(filter: {{}}) {{ nodes {{ id }} }}"
        f' own: records(filter: {{subject: "{CODE}"}}) {{ nodes {{ subject {{ status }} }} }} }}',
    )
    told = {tuple(entry["path"]): entry["reason"] for entry in answer["extensions"]["withheld"]}
    assert told == {
        ("mine", "contracts", "nodes", "parties", "subject", "status"): "OTHER_SUBJECT",
        ("other",): "OTHER_SUBJECT",
        ("both",): "OTHER_SUBJECT",
        ("all",): "OTHER_SUBJECT",
    }
    assert [name for name, _, _ in graph.asked] == ["subject", "records"]


async def test_self_counts_for_the_bound_subject_alone_when_another_scope_opens_the_rest() -> None:
    graph = HashGraph()
    who = caller("self", "public", purpose="self-service", subject=CODE)
    text = "query($c: USCC!) { subject(code: $c) { name ratings { grade } } }"
    hub = service(graph)
    assert "extensions" not in await post(hub, who, text, {"c": CODE})
    answer = await post(hub, who, text, {"c": OTHER})
    assert answer["extensions"]["withheld"][0]["path"] == ["subject", "ratings"]
    assert graph.scopes == [frozenset({s.PUBLIC, s.SELF}), frozenset({s.PUBLIC})]


async def test_a_self_token_without_a_subject_opens_nothing() -> None:
    answer = await post(service(), caller("self", purpose="self-service"), f"{{ {SUBJECT} {{ name }} }}")
    assert answer["data"] == {"subject": None}


@pytest.mark.parametrize("who", [OPERATOR, SELF])
async def test_representatives_show_masked_names_only(who: Caller) -> None:
    answer = await post(
        service(), who, f"{{ {SUBJECT} {{ representatives {{ id name token roles {{ nodes {{ share }} }} }} }} }}"
    )
    told = [entry["path"][-1] for entry in answer["extensions"]["withheld"]]
    assert told == ["token", "roles"]


@pytest.mark.parametrize("kind", ["Person", "Contract"])
async def test_node_does_not_tell_of_types_the_scope_may_not_see(kind: str) -> None:
    import base64

    id_ = base64.urlsafe_b64encode(f"{kind}:abc".encode()).decode().rstrip("=")
    graph = HashGraph()
    answer = await post(service(graph), PUBLIC, f'{{ node(id: "{id_}") {{ id __typename ... on Person {{ name }} }} }}')
    assert answer["data"] == {"node": None}
    assert answer["extensions"]["withheld"][0]["path"] == ["node"]
    assert not graph.asked


async def test_errors_suggest_no_names_when_introspection_is_off() -> None:
    hub = service()
    for text in (
        "{ subjec { code } }",
        "{ subject(cod: 1) { code } }",
        "{ records(filter: {kind: []}) { nodes { id } } }",
        "{ records(filter: {kinds: [PENALT]}) { nodes { id } } }",
        "query($x: Subjec) { __typename }",
    ):
        answer = await post(hub, EVERYTHING, text)
        assert answer["status"] == 400
        assert "Did you mean" not in str(answer)
    for text in ("{ __schema { types { name } } }", '{ __type(name: "Subject") { name } }'):
        answer = await post(hub, EVERYTHING, text)
        assert answer["status"] == 400
        assert "data" not in answer


async def test_the_plan_of_one_caller_is_not_used_for_another() -> None:
    graph = HashGraph()
    hub = service(graph)
    text = f"{{ {SUBJECT} {{ name effects {{ ruleId }} }} }}"
    assert "extensions" not in await post(hub, MUTUAL, text)
    assert "extensions" in await post(hub, PUBLIC, text)
    assert "extensions" not in await post(hub, MUTUAL, text)
    assert len(graph.selects) == 2


def test_every_line_of_the_table_names_a_field_of_the_schema() -> None:
    types = schema().type_map
    for line in FIELDS:
        type_name, field = line.split(".")
        assert field == "*" or field in types[type_name].fields, line
    for line, target in ARGUMENTS.items():
        type_name, field = target.split(".")
        assert field in types[type_name].fields, target
        owner, _, rest = line.partition(".")
        name, _, argument = rest.partition("(")
        assert name in types[owner].fields, line
        assert not argument or argument.rstrip(")") in types[owner].fields[name].args, line
    for root in schema().query_type.fields:  # type: ignore[union-attr]
        assert root == SERVICE or f"Query.{root}" in FIELDS, root  # the service is open with introspection


def test_whatever_some_scope_lacks_is_nullable() -> None:
    from graphql import GraphQLNonNull

    for type_name, kind in schema().type_map.items():
        for name, definition in getattr(kind, "fields", {}).items():
            if TABLE.opening(type_name, name) is not None and name not in (
                "id",
                "_entities",
            ):  # not null by its standard
                assert not isinstance(definition.type, GraphQLNonNull), f"{type_name}.{name}"


@pytest.mark.parametrize(
    ("scopes", "type_name", "key", "seen"),
    [
        (("self",), "Record", "mine", frozenset({s.SELF})),
        (("self",), "Contract", "mine", frozenset({s.SELF})),
        (("self",), "Record", "theirs", None),
        (("self",), "Record", "nobody", None),
        (("self",), "Contract", "theirs", None),
        (("self", "public"), "Record", "mine", frozenset({s.SELF, s.PUBLIC})),
        (("self", "public"), "Record", "theirs", frozenset({s.PUBLIC})),
    ],
)
async def test_self_fetches_its_own_records_and_contracts_by_their_ids(
    scopes: tuple[str, ...], type_name: str, key: str, seen: frozenset[str] | None
) -> None:
    graph = HashGraph(own={(kind, "mine"): CODE for kind in ("Record", "Contract")})
    graph.own |= {(kind, "theirs"): OTHER for kind in ("Record", "Contract")}
    ident = base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).decode().rstrip("=")
    who = caller(*scopes, purpose="self-service", subject=CODE)
    answer = await post(
        service(graph), who, "query Q($id: ID!) { node(id: $id) { id ... on Record { tier } } }", {"id": ident}
    )
    asked = graph.scopes[-1] if graph.asked else None
    assert asked == (None if seen is None else seen)
    if seen is None:
        assert answer["data"] == {"node": None}
        assert answer["extensions"]["withheld"][0]["path"] == ["node"]

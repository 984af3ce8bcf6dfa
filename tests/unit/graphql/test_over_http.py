"""GraphQL over HTTP: methods, media types, bodies, statuses, and one shape of errors."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from asking import CODE, INVESTIGATOR, MUTUAL, post
from graphs import HashGraph

from hub.graphql.answers import GraphQLAnswer
from hub.graphql.service import GraphQLService, Options
from schema.errors import GraphUnavailable, TimedOut, UsageError
from schema.types.build import build_schema

NEW = "application/graphql-response+json"
OLD = "application/json"


def service(graph: HashGraph | None = None) -> GraphQLService:
    return GraphQLService(build_schema(), graph or HashGraph(), Options())


async def send(
    body: bytes | str, who: Any = MUTUAL, hub: GraphQLService | None = None, **headers: str
) -> GraphQLAnswer:
    given = {"content-type": OLD, "accept": NEW} | {k.replace("_", "-"): v for k, v in headers.items()}
    raw = [(k.encode(), v.encode()) for k, v in given.items() if v]
    data = body.encode() if isinstance(body, str) else body
    return await (hub or service()).answer("POST", b"", raw, data, who)


async def get(
    who: Any = MUTUAL, method: str = "GET", hub: GraphQLService | None = None, **parameters: str
) -> GraphQLAnswer:
    query = urlencode(parameters).encode()
    return await (hub or service()).answer(method, query, [(b"accept", NEW.encode())], b"", who)


def error(answer: GraphQLAnswer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)["errors"][0]
    assert found["extensions"]["code"]
    assert found["extensions"]["hint"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        '[{"query": "{ __typename }"}]',
        '{"query": "{ __typename }", "query": "{ a }"}',
        '{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
        '{"query": "{ __typename }", "variables": []}',
        '{"query": "{ __typename }", "variables": "x"}',
        '{"query": "{ __typename }", "operationName": 1}',
        '{"query": "{ __typename }", "extensions": "x"}',
        '{"query": 7}',
        "{}",
        "null",
        "7",
        "",
        "{",
        '{"query": "{ __typename }", "variables": {"a": NaN}}',
        '{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ __typename } # \xff"}',
        '{"query": "{ __typename }", "variables": ' + "[" * 100_000 + "}",
        '{"query": "{ __typename }", "variables": {"a": ' + "9" * 5000 + "}}",
        '{"documentId": "nope"}',
    ],
)
async def test_what_is_not_one_request_is_refused(body: str | bytes) -> None:
    answer = await send(body)
    assert answer.status == 400
    assert error(answer)["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(answer.body) < 2000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": ""}, 415),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": "multipart/form-data; boundary=x"}, 415),
        ({"content_type": "application/json; charset=gb18030"}, 415),
        ({"content_type": "application/json; charset=UTF-8"}, 200),
        ({"content_encoding": "gzip"}, 415),
        ({"content_encoding": "identity"}, 200),
        ({"accept": "text/html"}, 406),
        ({"accept": "application/graphql-response+json; q=0"}, 406),
        ({"accept": "text/html, */*;q=0.1"}, 200),
    ],
)
async def test_media_types(headers: dict[str, str], status: int) -> None:
    assert (await send('{"query": "{ __typename }"}', **headers)).status == status


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", OLD),
        ("*/*", OLD),
        (OLD, OLD),
        (NEW, NEW),
        (f"{NEW}, {OLD};q=0.9", NEW),
        (f"{OLD}, {NEW};q=0.9", OLD),
        (f"{NEW}; charset=utf-8, {OLD}; charset=utf-8", NEW),
    ],
)
async def test_the_answers_media_type_is_the_accepted_one(accept: str, media: str) -> None:
    answer = await send('{"query": "{ __typename }"}', accept=accept)
    assert answer.content_type == f"{media}; charset=utf-8"
    assert json.loads(answer.body) == {"data": {"__typename": "Query"}}
    bad = await send('{"query": "{ nothing }"}', accept=accept)
    assert bad.status == (400 if media == NEW else 200)
    assert "data" not in json.loads(bad.body)


async def test_a_large_body_is_refused() -> None:
    answer = await send(json.dumps({"query": "{ __typename }", "x": "y" * 262_144}))
    assert answer.status == 413
    assert error(answer)["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_queries_by_get() -> None:
    graph = HashGraph()
    text = "query($c: USCC!) { subject(code: $c) { name } }"
    answer = await get(hub=service(graph), query=text, variables=json.dumps({"c": CODE}))
    assert answer.status == 200
    assert "subject" in json.loads(answer.body)["data"]
    assert [dict(arguments[1])["code"] for _, arguments, _ in graph.asked] == [CODE]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ person(token: "t") { name } }', {}),
        ('{ searchPersons(name: "张三") { nodes { name } } }', {}),
        ("query($n: String!) { searchPersons(name: $n) { nodes { name } } }", {"n": "张三"}),
        ('{ penetration(person: "x") { reached { ruleId } } }', {}),
        ('{ node(id: "UGVyc29uOmFiYw") { id } }', {}),
        ('{ neighbourhood(center: "UGVyc29uOmFiYw") { truncated } }', {}),
        ('{ a: path(from: "U3ViamVjdDox", to: "UGVyc29uOmFiYw") { edges { kind } } }', {}),
        ("mutation { __typename }", {}),
        ("mutation { gateCheck }", {}),
    ],
)
async def test_get_takes_neither_persons_nor_mutations(query: str, variables: dict[str, str]) -> None:
    graph = HashGraph()
    answer = await get(INVESTIGATOR, hub=service(graph), query=query, variables=json.dumps(variables))
    assert answer.status == 405
    assert ("Allow", "POST") in answer.headers
    assert not graph.asked


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods(method: str) -> None:
    answer = await get(method=method, query="{ __typename }")
    assert answer.status == 405
    assert ("Allow", "GET, POST") in answer.headers


@pytest.mark.parametrize(
    "query", [b"query=%7B__typename%7D&query=%7Ba%7D", b"query=%ff", b"variables=%7B%7D", b"query=a&variables=%5B"]
)
async def test_odd_addresses_are_refused(query: bytes) -> None:
    answer = await service().answer("GET", query, [(b"accept", NEW.encode())], b"", MUTUAL)
    assert answer.status == 400


async def test_a_missing_graph_is_503_with_a_graphql_body() -> None:
    hub = service(HashGraph(fail={"subject": GraphUnavailable("the graph does not answer", hint="wait")}))
    answer = await send(
        json.dumps({"query": f'{{ subject(code: "{CODE}") {{ name }} records(filter: {{}}) {{ nodes {{ id }} }} }}'}),
        hub=hub,
    )
    assert answer.status == 503
    body = json.loads(answer.body)
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "GRAPH_UNAVAILABLE"


async def test_a_field_that_fails_leaves_the_others() -> None:
    hub = service(
        HashGraph(fail={"subject": TimedOut("too slow", hint="ask less"), "records": UsageError("no", hint="y")})
    )
    text = f'{{ s: subject(code: "{CODE}") {{ name }} r: records(filter: {{}}) {{ nodes {{ id }} }} '
    text += "c: contracts { nodes { id } } }"
    body = await post(hub, MUTUAL, text)
    assert [(e["path"], e["extensions"]["code"]) for e in body["errors"]] == [
        (["s"], "TIMEOUT"),
        (["r"], "BAD_USER_INPUT"),
    ]
    assert body["data"]["s"] is None
    assert "c" in body["data"]
    assert body["status"] == 200


async def test_an_unexpected_fault_shows_an_id_and_nothing_from_inside(caplog: pytest.LogCaptureFixture) -> None:
    hub = service(HashGraph(fail={"subject": RuntimeError("bolt://secret:7687 exploded")}))
    with caplog.at_level(logging.ERROR, "hub.graphql"):
        body = await post(hub, MUTUAL, f'{{ subject(code: "{CODE}") {{ name }} }}')
    (fault,) = body["errors"]
    assert fault["extensions"]["code"] == "INTERNAL"
    assert "secret" not in json.dumps(body)
    (record,) = caplog.records
    assert record.args
    assert str(record.args[0]) in fault["message"]


async def test_a_client_that_goes_away_ends_the_graphs_work() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    class Slow(HashGraph):
        def prepare(self, root: Any, scopes: frozenset[str]) -> Any:
            async def read(arguments: Any, asking: Any) -> Any:
                started.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.set()

            return read

    text = f'{{ a: subject(code: "{CODE}") {{ name }} b: records(filter: {{}}) {{ nodes {{ id }} }} }}'
    task = asyncio.create_task(post(service(Slow()), MUTUAL, text))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_the_log_is_told_who_and_what_was_asked_about() -> None:
    answer = await send(json.dumps({"query": f'query Dossier {{ subject(code: "{CODE.lower()}") {{ name }} }}'}))
    assert answer.facts["data_version"] == "v1"
    assert answer.facts["subject"] == CODE
    assert answer.facts["discloses"] == [CODE]
    detail = answer.facts["detail"]
    assert (detail["operation"], detail["fields"], detail["subjects"]) == ("Dossier", ["subject"], [CODE])
    assert len(detail["document"]) == 64


async def test_a_document_is_planned_once() -> None:
    graph = HashGraph()
    hub = service(graph)
    text = "query($c: USCC!, $all: Boolean!) { subject(code: $c) { name records @include(if: $all) { nodes { id } } } }"
    for all_ in (True, False, True, False):
        await post(hub, MUTUAL, text, {"c": CODE, "all": all_})
    assert len(graph.selects) == 2
    assert len(graph.asked) == 4


async def test_a_question_that_names_no_subject_discloses_those_it_is_told_of() -> None:
    class Fixed(HashGraph):
        def prepare(self, root: Any, scopes: frozenset[str]) -> Any:
            async def read(arguments: Any, asking: Any) -> Any:
                return {"nodes": [{"s": {"c": CODE}}, {"s": None}, {"s": {"c": CODE}}]}

            return read

    text = "{ records(filter: {}) { nodes { s: subject { c: code } } } }"
    answer = await send(json.dumps({"query": text}), hub=service(Fixed()))
    assert answer.facts["discloses"] == [CODE]
    assert answer.facts["subject"] is None

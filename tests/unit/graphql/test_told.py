"""What the log learns of an answer: the keys of what was told, selected or not, and what it was asked with."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asking import CODE, INVESTIGATOR, OPERATOR, raw
from graphs import HashGraph

from hub.graphql.service import GraphQLService, Options
from hub.graphql.told import KEY
from hub.ledger.receipts import Entry, make_row
from hub.signing import KeyStore
from schema.ports import Asking
from schema.selection import Arguments, Select
from schema.types.build import build_schema

PLAIN = '{ searchSubjects(filter: {nameContains: "银行"}) { nodes { name records { nodes { documentNumber } } } } }'
KEYED = '{ searchSubjects(filter: {nameContains: "银行"}) { nodes { code name } } }'


LISTS = frozenset({"nodes", "edges", "path"})


def full(select: Select, number: int = 0) -> Any:
    """Something at every place of a selection: two of each list, every leaf named by where it is."""
    if select.name == "__typename":
        return select.on or select.parent
    if not select.children:
        return f"{select.on or select.parent}.{select.name} {number}"
    kinds = [child.on for child in select.children if child.on is not None]
    kind = "Subject" if "Subject" in kinds else next(iter(kinds), None)

    def one(place: int) -> dict[str, Any]:
        return {c.key: full(c, 2 * number + place) for c in select.children if c.on in (None, kind)}

    return [one(0), one(1)] if select.name in LISTS else one(0)


class FullGraph(HashGraph):
    def prepare(self, root: Select, scopes: frozenset[str]) -> Any:
        async def read(arguments: Arguments, asking: Asking) -> Any:
            return full(root)

        return read


def service(**more: Any) -> GraphQLService:
    return GraphQLService(build_schema(), FullGraph(), Options(**more))


async def facts(query: str, variables: Any = None, who: Any = INVESTIGATOR, **more: Any) -> tuple[Any, dict[str, Any]]:
    answer = await raw(service(**more), who, query, variables)
    return json.loads(answer.body), answer.facts


@pytest.mark.parametrize("stock_only", [False, True])
async def test_a_search_tells_the_log_its_subjects_also_where_no_code_is_selected(stock_only: bool) -> None:
    _, keyed = await facts(KEYED, stock_only=stock_only)
    body, plain = await facts(PLAIN, stock_only=stock_only)
    assert {*keyed["discloses"]} == {"Subject.code 0", "Subject.code 1"}
    assert {*keyed["discloses"]} < {*plain["discloses"]}
    assert KEY not in json.dumps(body)
    assert not body.get("errors")


@pytest.mark.parametrize("stock_only", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        '{ searchPersons(name: "张三") { nodes { name } } }',
        "{ records(filter: {kinds: [PENALTY]}) { nodes { documentNumber } } }",
        '{ neighbourhood(center: "U3ViamVjdDox") { nodes { ... on Subject { name } ... on Person { name } } } }',
        '{ path(from: "U3ViamVjdDox", to: "U3ViamVjdDox") { nodes { __typename } } }',
        '{ node(id: "U3ViamVjdDox") { __typename } }',
        '{ person(token: "t") { name } }',
    ],
)
async def test_every_root_that_searches_tells_what_it_told(query: str, stock_only: bool) -> None:
    body, found = await facts(query, stock_only=stock_only)
    assert not body.get("errors"), body
    assert any("Subject.code" in one or "Person.token" in one for one in found["discloses"]), query
    assert KEY not in json.dumps(body)


async def test_variables_and_what_the_document_itself_says_are_kept() -> None:
    by_variable = "query Q($n: String!) { searchPersons(name: $n) { nodes { name } } }"
    _, found = await facts(by_variable, {"n": "张三"})
    assert found["variables"] == {"variables": {"n": "张三"}}
    assert len(found["detail"]["document"]) == 64
    _, found = await facts('{ searchPersons(name: "李四") { nodes { name } } }')
    assert found["variables"]["literals"]["searchPersons"]["name"] == "李四"
    _, found = await facts("{ loadRuns(first: 3) { nodes { id } } }", who=OPERATOR)
    assert found["variables"] is None


async def test_days_and_instants_of_the_document_itself_can_be_logged(tmp_path: Path) -> None:
    times = 'asOf: "2026-03-01", knownAt: "2026-03-02T08:00:00+08:00"'
    keys = KeyStore(tmp_path / "keys")
    keys.ensure()
    for query in (
        f'{{ records(filter: {{decidedFrom: "2026-01-01"}}, {times}) {{ nodes {{ id }} }} }}',
        f'{{ subject(code: "{CODE}", {times}) {{ name }} }}',
        f'{{ searchPersons(name: "李四", {times}) {{ nodes {{ name }} }} }}',
    ):
        answer, found = await facts(query)
        assert "errors" not in answer, answer
        entry = Entry("graphql", INVESTIGATOR, "", variables=found["variables"])
        row = make_row(entry, keys.current(), issuer="x", log="y")
        literals = json.loads(row.detail["variables"])["literals"]
        assert {one["asOf"] for one in literals.values()} == {"2026-03-01"}
        assert {datetime.fromisoformat(one["knownAt"]).timestamp() for one in literals.values()} == {1772409600.0}


async def test_a_refused_question_tells_what_it_was_asked_with_too() -> None:
    _, found = await facts("query Q($c: USCC!) { subject(code: $c) { nothing } }", {"c": CODE})
    assert found.get("variables") is None, "a document that is none has no question"
    _, found = await facts("query Q($c: USCC!, $x: Int!) { subject(code: $c) { name } }", {"c": CODE})
    assert found["variables"] in (None, {"variables": {"c": CODE}})

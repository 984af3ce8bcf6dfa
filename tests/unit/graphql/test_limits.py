"""Limits hold before anything is executed and cost no more than the text: work is counted, not timed."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from typing import Any

import pytest
from asking import CODE, EVERYTHING, MUTUAL, OTHER, post
from graphs import HashGraph

from federation.documents import HELD, PEER_PERSONS, RATING, RECORD
from hub.graphql.limits import Limits
from hub.graphql.service import GraphQLService, Options
from schema.types.build import build_schema

GRAPH = HashGraph()
SERVICE = GraphQLService(build_schema(), GRAPH, Options(introspection=True))
SUBJECT = f'subject(code: "{CODE}")'
PAGES = "records(filter: {}, first: 200) { nodes { subject { roles(first: 200) { nodes { share } } } } }"


def nested_fragments(depth: int, times: int = 2) -> str:
    """Each fragment spreads the next one several times: 2^depth fields when written out."""
    parts = [
        f"fragment F{i} on Subject {{ "
        + " ".join(f"a{j}: records {{ nodes {{ subject {{ ...F{i + 1} }} }} }}" for j in range(times))
        + " }"
        for i in range(depth)
    ]
    return f"{{ {SUBJECT} {{ ...F0 }} }} " + " ".join(parts) + f" fragment F{depth} on Subject {{ code }}"


def side_by_side_fragments(depth: int) -> str:
    parts = [f"fragment F{i} on Subject {{ ...F{i + 1} ...F{i + 1} }}" for i in range(depth)]
    return f"{{ {SUBJECT} {{ ...F0 }} }} " + " ".join(parts) + f" fragment F{depth} on Subject {{ code }}"


def chain(depth: int) -> str:
    inner = "code"
    for _ in range(depth):
        inner = f"records {{ nodes {{ subject {{ {inner} }} }} }}"
    return f"{{ {SUBJECT} {{ {inner} }} }}"


BOMBS: dict[str, str] = {
    "24 nested fragments": nested_fragments(24),
    "40 nested fragments": nested_fragments(40),
    "40 fragments spread twice": side_by_side_fragments(40),
    "one field many times": "{ " + "__typename " * 500 + "}",
    "aliases": "{ " + " ".join(f"a{i}: __typename" for i in range(101)) + " }",
    "aliases through a fragment": "{ "
    + SUBJECT
    + " { ...A ...B } } "
    + "fragment A on Subject { "
    + " ".join(f"a{i}: code" for i in range(40))
    + " } "
    + "fragment B on Subject { "
    + " ".join(f"b{i}: code" for i in range(40))
    + " }",
    "depth": chain(9),
    "brackets": "{" + "a {" * 900 + "}" * 901,
    "list literals": "{ subjects(codes: " + "[" * 1200 + "]" * 1200 + ") { code } }",
    "tokens": "{ a: __typename " + "x " * 5000 + "}",
    "comments": "#\n" * 20_000 + "{ __typename }",
    "directives": "{ __typename " + "@include(if: true) " * 10 + "}",
    "unknown directives": "{ __typename " + "@aa" * 50 + " }",
    "many operations": " ".join(f"query Q{i} {{ __typename }}" for i in range(30)),
    "many fragments": "{ __typename } " + " ".join(f"fragment F{i} on Query {{ __typename }}" for i in range(70)),
    "product of pages": "{ searchSubjects(filter: {}, first: 200) { nodes { records(first: 200) { nodes { subject {"
    " records(first: 200) { nodes { id } } } } } } } }",
    "default pages": chain(4),
    "aliased pages": "{ " + " ".join(f"a{i}: {PAGES}" for i in range(8)) + " }",
    "long text": f'{{ searchPersons(name: "{"名" * 5000}") {{ nodes {{ id }} }} }}',
}


def calls(work: Callable[[], Any]) -> int:
    """Function calls made: the same on every machine."""
    profile = cProfile.Profile()
    profile.enable()
    work()
    profile.disable()
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", BOMBS)
async def test_bombs_are_refused_before_execution(name: str) -> None:
    before = len(GRAPH.asked)
    answer = await post(SERVICE, EVERYTHING, BOMBS[name])
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert answer["errors"][0]["extensions"]["hint"]
    assert not answer.get("data")
    assert len(GRAPH.asked) == before


@pytest.mark.parametrize("bomb", [nested_fragments, side_by_side_fragments])
def test_work_grows_with_the_text_not_with_what_it_expands_to(bomb: Callable[[int], str]) -> None:
    from graphql import parse

    from hub.graphql.limits import check_document

    wide = Limits(depth=10**9, fields=10**30, aliases=10**30, breadth=10**30, fragments=100)
    small, large = parse(bomb(15)), parse(bomb(60))
    few, many = calls(lambda: check_document(small, wide)), calls(lambda: check_document(large, wide))
    assert many < 6 * few


async def test_circular_fragments_are_a_plain_error() -> None:
    answer = await post(SERVICE, EVERYTHING, "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }")
    assert answer["status"] == 400
    assert "spread" in answer["errors"][0]["message"]


async def test_errors_stay_few_and_small() -> None:
    text = "{ " + " ".join(f"x{i}{'y' * 200}" for i in range(150)) + " }"
    answer = await post(SERVICE, EVERYTHING, text)
    assert answer["status"] == 400
    assert len(answer["errors"]) <= Limits().errors + 1
    assert all(len(error["message"]) <= 600 for error in answer["errors"])


async def test_cost_counts_what_variables_say() -> None:
    text = (
        "query($f: Int) { records(filter: {}, first: $f) { nodes { subject { roles(first: $f) { nodes {"
        " subject { name } } } } } } }"
    )
    assert "errors" not in await post(SERVICE, EVERYTHING, text, {"f": 20})
    answer = await post(SERVICE, EVERYTHING, text, {"f": 200})
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


WHOLE_BATCH = f"""query($s: [String!]!) {{ recognisedBatch(subjects: $s) {{ code error {{ code hint }} answers {{
 authority region status basis mappedValue mappingRule agreement reason asOf receipt measures {{ id title basis }}
 value {{ ... on Record {{ {RECORD} }} ... on Rating {{ {RATING} }} }} }} }} }}"""


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (WHOLE_BATCH, {"s": [CODE] * 1000}),
        (HELD, {"codes": [CODE] * 1000}),
        (PEER_PERSONS, {"tokens": ["0" * 64] * 200}),
    ],
)
async def test_what_cities_are_asked_together_fits_whole(text: str, variables: dict[str, Any]) -> None:
    answer = await post(SERVICE, MUTUAL, text, variables)
    assert "errors" not in answer


async def test_evidence_of_many_subjects_is_refused_since_each_bundle_holds_them_all() -> None:
    text = "query($s: [String!]!) { recognisedBatch(subjects: $s) { code answers { evidence } } }"
    assert "errors" not in await post(SERVICE, MUTUAL, text, {"s": [CODE] * 100})
    answer = await post(SERVICE, MUTUAL, text, {"s": [CODE] * 200})
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("first", [0, -1, 201, 100_000])
async def test_first_out_of_range_is_an_error_not_capped(first: int) -> None:
    for text in (
        "query($f: Int) { records(filter: {}, first: $f) { nodes { id } } }",
        f"query($f: Int) {{ {SUBJECT} {{ records(first: $f) {{ nodes {{ id }} }} }} }}",
    ):
        answer = await post(SERVICE, EVERYTHING, text, {"f": first})
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_batch_takes_a_thousand_codes_and_no_more() -> None:
    text = "query($c: [String!]!) { subjects(codes: $c) { code subject { name } } }"
    assert "errors" not in await post(SERVICE, EVERYTHING, text, {"c": [CODE, OTHER] * 500})
    answer = await post(SERVICE, EVERYTHING, text, {"c": [CODE] * 1001})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_variables_are_bounded() -> None:
    text = "query($c: [String!]!) { subjects(codes: $c) { code } }"
    for variables in ({"c": ["x"] * 6000}, {"c": ["x" * 5000]}, {"c": ["x"], "unused": ["y"] * 6000}):
        answer = await post(SERVICE, EVERYTHING, text, variables)
        assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_the_usual_introspection_query_passes() -> None:
    from graphql import get_introspection_query

    answer = await post(SERVICE, EVERYTHING, get_introspection_query(descriptions=True))
    assert "errors" not in answer
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_introspection_that_runs_in_circles_is_refused() -> None:
    text = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    answer = await post(SERVICE, EVERYTHING, text)
    assert "introspection depth" in answer["errors"][0]["message"]

"""What a scope may not see does not show in any other way either; pages hold still while facts are added."""

from __future__ import annotations

import pytest
from reader_asking import MUTUAL, OPERATOR, PUBLIC, ask
from reader_town import FIRM, OTHER, Town

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.reading import parse_global_id

SELF = frozenset({"credit:self"})
NODES = '{ subject(code: "%s") { a: records(first: 50) { nodes { documentNumber state } } } }'


async def test_a_subject_sees_its_own_ended_records_and_nobody_elses(graph: CypherGraph) -> None:
    own = (await ask(graph, NODES % FIRM, SELF, subject=FIRM))["a"]["nodes"]
    assert {"罚2", "罚4", "列1"} <= {node["documentNumber"] for node in own}
    other = (await ask(graph, NODES % FIRM, SELF, subject=OTHER))["a"]["nodes"]
    assert {node["state"] for node in other if node["documentNumber"].startswith(("罚", "列"))} == {"ACTIVE"}
    both = (await ask(graph, NODES % FIRM, SELF | MUTUAL, subject=OTHER))["a"]["nodes"]
    assert "罚2" not in {node["documentNumber"] for node in both}


async def test_the_id_of_a_person_does_not_tell_a_token_that_is_withheld(graph: CypherGraph) -> None:
    persons = '{ subject(code: "%s") { representatives { id %s } } }'
    (shown,) = (await ask(graph, persons % (FIRM, "token"), MUTUAL))["representatives"]
    assert parse_global_id(shown["id"]) == ("Person", shown["token"])
    for scopes in (OPERATOR, SELF):
        (apart,) = (await ask(graph, persons % (FIRM, ""), scopes, subject=FIRM))["representatives"]
        assert parse_global_id(apart["id"]) not in (None, ("Person", shown["token"]))
        assert (await ask(graph, persons % (FIRM, ""), scopes, subject=FIRM))["representatives"] == [apart]
        assert await ask(graph, "query($t: ID!) { node(id: $t) { id } }", MUTUAL, t=apart["id"]) is None


@pytest.mark.parametrize("scopes", [MUTUAL, PUBLIC])
async def test_pages_and_aliases_tell_nothing_of_withheld_rows(graph: CypherGraph, scopes: frozenset[str]) -> None:
    """With pages as long as what is visible, nothing follows, whatever lies hidden between."""
    whole = (await ask(graph, NODES % FIRM, scopes))["a"]["nodes"]
    document = """query($n: Int!, $code: USCC!) { subject(code: $code) {
        one: records(first: $n) { nodes { documentNumber } pageInfo { hasNextPage } }
        two: records(first: $n, filter: {kinds: [PENALTY, LIST_ENTRY]}) { nodes { documentNumber } } } }"""
    answer = await ask(graph, document, scopes, n=len(whole), code=FIRM)
    assert answer["one"] == {
        "nodes": [{"documentNumber": node["documentNumber"]} for node in whole],
        "pageInfo": {"hasNextPage": False},
    }
    assert {n["documentNumber"] for n in answer["two"]["nodes"]} <= {n["documentNumber"] for n in whole}
    shorter = await ask(graph, document, scopes, n=len(whole) - 1, code=FIRM)
    assert shorter["one"]["pageInfo"]["hasNextPage"] is True


async def test_a_page_goes_on_where_it_ended_though_facts_were_added(graph: CypherGraph, engine: Engine) -> None:
    document = """query($after: String) { records(first: 4, after: $after, filter: {}) {
        nodes { documentNumber } pageInfo { endCursor } } }"""
    first = await ask(graph, document)
    after = first["pageInfo"]["endCursor"]
    second = (await ask(graph, document, after=after))["nodes"]
    town = Town()
    town.record(OTHER, "罚新", "2026-10-30", "2027-10-30")
    await town.write(engine)
    assert (await ask(graph, document, after=after))["nodes"] == second
    assert (await ask(graph, document))["nodes"][0] == {"documentNumber": "罚新"}


async def test_the_version_of_the_data_is_kept_for_a_moment(graph: CypherGraph, engine: Engine) -> None:
    read: list[str] = []
    engine.on_statement(lambda name, _seconds: read.append(name))
    versions = {await graph.data_version() for _ in range(50)}
    assert len(versions) == 1
    assert read.count("data_version") <= 1

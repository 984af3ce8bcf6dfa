"""Root fields beside ``subject``: listings, searches, ids, relations, data quality."""

from __future__ import annotations

import pytest
from reader_asking import INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, UNMASKED, Observed, ask
from reader_town import ELSEWHERE, FIRM, GOV, HIDDEN, OTHER, RENAMED

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.reading import global_id
from schema.errors import UsageError

ALL_RECORDS = ["罚10", "罚9", "罚3", "列2", "列1", "誉1", "罚6", "罚4", "罚1", "罚2", "罚11", "许1"]


async def documents(graph: CypherGraph, filter_: str, scopes: frozenset[str] = INVESTIGATOR) -> list[str]:
    answer = await ask(
        graph, f"{{ records(first: 50, filter: {{ {filter_} }}) {{ nodes {{ documentNumber }} }} }}", scopes
    )
    return [node["documentNumber"] for node in answer["nodes"]]


async def test_records_of_all_subjects_come_newest_first_whatever_part_of_the_index_they_lie_in(
    graph: CypherGraph, engine: Engine
) -> None:
    with Observed(engine) as seen:
        assert await documents(graph, "") == ALL_RECORDS
    assert len(seen.texts) == 1


async def test_a_filter_narrows_records_and_void_ones_are_shown_only_on_demand(graph: CypherGraph) -> None:
    assert await documents(graph, "kinds: [LICENCE, AWARD]") == ["誉1", "许1"]
    assert await documents(graph, 'listTypes: ["失信被执行人"]') == ["列2", "列1"]
    assert await documents(graph, "states: [REPAIRED, EXPIRED], kinds: [PENALTY]") == ["罚4", "罚2", "罚11"]
    assert await documents(graph, 'decidedFrom: "2026-02-01", decidedTo: "2026-06-30"') == ["罚3", "列2", "列1"]
    assert await documents(graph, f'subject: "{FIRM}", states: [REVOKED], includeVoid: true') == ["罚5"]
    assert await documents(graph, "states: [REVOKED], includeVoid: true") == ["罚5"]
    assert await documents(graph, "states: [REVOKED]") == []


@pytest.mark.parametrize("scopes", [MUTUAL, PUBLIC])
async def test_no_filter_brings_withheld_rows_to_light(graph: CypherGraph, scopes: frozenset[str]) -> None:
    shown = await documents(graph, "", scopes)
    assert set(shown) == {"罚10", "罚9", "列2", "誉1", "罚6", "罚1", "许1"} | ({"罚3"} if scopes == MUTUAL else set())
    for filter_ in (
        "states: [EXPIRED, REPAIRED, REVOKED, CORRECTED], kinds: [PENALTY, LIST_ENTRY], includeVoid: true",
        f'subject: "{HIDDEN}"',
        f'subject: "{FIRM}", states: [REVOKED], includeVoid: true',
    ):
        assert await documents(graph, filter_, scopes) == []


@pytest.mark.parametrize("filter_", ["", f'subject: "{FIRM}"'])
async def test_pages_join_without_gap_or_repetition(graph: CypherGraph, filter_: str) -> None:
    whole = await documents(graph, filter_)
    found: list[str] = []
    after = "null"
    for _ in range(len(whole)):
        page = await ask(
            graph,
            f"{{ records(first: 3, after: {after}, filter: {{ {filter_} }}) {{ edges {{ node {{ documentNumber }} }} "
            "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        )
        assert page["pageInfo"]["hasPreviousPage"] is bool(found)
        found += [edge["node"]["documentNumber"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'"{page["pageInfo"]["endCursor"]}"'
    assert found == whole


async def test_a_cursor_serves_only_the_question_that_gave_it(graph: CypherGraph) -> None:
    document = """query($after: String, $filter: RecordFilter!%s) {
        records(first: 2, after: $after, filter: $filter%s) { nodes { documentNumber } pageInfo { endCursor } } }"""
    plain = document % ("", "")
    cursor = (await ask(graph, plain, filter={}))["pageInfo"]["endCursor"]
    assert [n["documentNumber"] for n in (await ask(graph, plain, filter={}, after=cursor))["nodes"]] == ["罚3", "列2"]
    for scopes, client, filter_, text in (
        (OPERATOR, "client-a", {}, plain),
        (INVESTIGATOR, "client-b", {}, plain),
        (INVESTIGATOR, "client-a", {"kinds": ["PENALTY"]}, plain),
        (INVESTIGATOR, "client-a", {}, document % ("", ', asOf: "2026-10-31"')),
        (INVESTIGATOR, "client-a", {}, document % ("", ', knownAt: "2026-10-31T00:00:00Z"')),
    ):
        with pytest.raises(UsageError):
            await ask(graph, text, scopes, client=client, filter=filter_, after=cursor)
    for broken in (cursor[:-2], "A" + cursor[1:], "", "%%%", "x" * 500):
        with pytest.raises(UsageError):
            await ask(graph, plain, filter={}, after=broken)


@pytest.mark.parametrize("first", [0, -1, 201])
async def test_a_page_size_out_of_range_is_refused(graph: CypherGraph, first: int) -> None:
    with pytest.raises(UsageError):
        await ask(graph, f"{{ records(first: {first}, filter: {{}}) {{ nodes {{ id }} }} }}")


async def test_contracts_are_overdue_by_the_day_whatever_the_source_says(graph: CypherGraph) -> None:
    async def numbers(arguments: str) -> list[str]:
        answer = await ask(graph, f"{{ contracts{arguments} {{ nodes {{ number }} }} }}", OPERATOR)
        return [node["number"] for node in answer["nodes"]]

    assert await numbers("") == ["HT-4", "HT-3", "HT-2", "HT-1"]
    assert await numbers("(filter: {overdue: true})") == ["HT-1"]
    assert await numbers('(filter: {overdue: true}, asOf: "2026-01-02")') == ["HT-1"]
    assert await numbers('(filter: {overdue: true}, asOf: "2026-01-01")') == []
    assert await numbers(f'(filter: {{subject: "{OTHER}"}})') == ["HT-4"]
    assert await numbers(f'(filter: {{subject: "{GOV}", overdue: false}})') == ["HT-4", "HT-3", "HT-2"]


async def test_subjects_are_found_by_former_names_too_and_it_says_so(graph: CypherGraph, engine: Engine) -> None:
    async def found(filter_: str) -> list[tuple[str, str, bool]]:
        document = "{ searchSubjects(filter: { %s }) { edges { matchedName former node { name } } } }"
        answer = await ask(graph, document % filter_)
        return [(e["node"]["name"], e["matchedName"], e["former"]) for e in answer["edges"]]

    assert await found('nameContains: "旧名"') == [("常州新名公司", "常州旧名公司", True)]
    assert await found('nameContains: "新名"') == [("常州新名公司", "常州新名公司", False)]
    assert len(await found('nameContains: "常州"')) == 5
    assert await found('kind: INSTITUTION, region: "320400"') == [("常州卫生服务中心", "常州卫生服务中心", False)]
    assert await found('nameContains: "写错"') == []
    assert await found('nameContains: "常州", status: "迁出"') == [("常州新名公司", "常州新名公司", False)]
    with pytest.raises(UsageError):
        await found('nameContains: "常"')


async def test_persons_of_one_name_stay_apart(graph: CypherGraph) -> None:
    document = """query($o: USCC) { searchPersons(name: "张三丰", organisation: $o) {
        nodes { token name roles { nodes { subject { name } } } } } }"""
    both = (await ask(graph, document))["nodes"]
    assert len({person["token"] for person in both}) == 2
    assert {person["name"] for person in both} == {"张**"}
    (one,) = (await ask(graph, document, o=OTHER))["nodes"]
    assert [role["subject"]["name"] for role in one["roles"]["nodes"]] == ["常州乙公司"]
    unmasked = (await ask(graph, document, UNMASKED))["nodes"]
    assert {person["name"] for person in unmasked} == {"张三丰"}


async def test_ids_and_tokens_of_persons_belong_to_one_client(graph: CypherGraph, persons: Persons) -> None:
    document = f'{{ subject(code: "{FIRM}") {{ representatives {{ id token }} }} }}'
    (mine,) = (await ask(graph, document))["representatives"]
    (theirs,) = (await ask(graph, document, client="client-b"))["representatives"]
    assert mine["id"] != theirs["id"]
    assert mine["token"] != theirs["token"]
    by_token = "query($t: ID!) { person(token: $t) { id roles { nodes { kind share subject { code } } } } }"
    by_id = "query($t: ID!) { node(id: $t) { id __typename ... on Person { token } } }"
    found = await ask(graph, by_token, t=mine["token"])
    assert found["id"] == mine["id"]
    assert [role["subject"]["code"] for role in found["roles"]["nodes"]] == [FIRM, OTHER]
    assert await ask(graph, by_id, t=mine["id"]) == {"id": mine["id"], "__typename": "Person", "token": mine["token"]}
    for foreign in (theirs["token"], theirs["id"], "", "x", persons.token("two")):
        assert await ask(graph, by_token, t=foreign) is None
    for foreign in (
        theirs["id"],
        theirs["token"],
        "",
        "x",
        global_id("Person", persons.token("two")),
        global_id("Nope", "1"),
    ):
        assert await ask(graph, by_id, t=foreign) is None


async def test_a_global_id_leads_back_to_its_object_where_it_may_be_seen(graph: CypherGraph) -> None:
    document = """query($i: ID!) { node(id: $i) { __typename id ... on Subject { name }
        ... on Record { documentNumber state } ... on Contract { number } } }"""
    record = global_id("Record", f"id-罚2-{FIRM}")
    void = global_id("Record", f"id-罚5-{FIRM}")
    assert await ask(graph, document, i=record) == {
        "__typename": "Record",
        "id": record,
        "documentNumber": "罚2",
        "state": "EXPIRED",
    }
    assert (await ask(graph, document, i=void))["state"] == "REVOKED"
    for scopes in (MUTUAL, PUBLIC):
        for hidden in (record, void, global_id("Subject", HIDDEN)):
            assert await ask(graph, document, scopes, i=hidden) is None
    assert (await ask(graph, document, i=global_id("Subject", RENAMED)))["name"] == "常州新名公司"
    assert (await ask(graph, document, i=global_id("Contract", "id-HT-1")))["number"] == "HT-1"


async def test_a_neighbourhood_grows_by_levels_and_says_when_it_was_cut(graph: CypherGraph, engine: Engine) -> None:
    document = """query($c: ID!, $d: Int, $l: Int, $k: [RelationKind!]) {
        neighbourhood(center: $c, depth: $d, limit: $l, kinds: $k) {
          nodes { id ... on Subject { name } ... on Person { name } }
          edges { from to kind validFrom validTo region } truncated } }"""
    centre = global_id("Subject", FIRM)
    with Observed(engine) as seen:
        near = await ask(graph, document, c=centre, k=["REPRESENTS", "HOLDS"])
    assert len(seen.texts) == 1
    assert near["nodes"][0] == {"id": centre, "name": "常州甲公司"}
    assert {node["name"] for node in near["nodes"]} == {"常州甲公司", "欧阳**", "常州乙公司"}
    assert {(edge["kind"], edge["validFrom"], edge["validTo"], edge["region"]) for edge in near["edges"]} == {
        ("REPRESENTS", "2025-07-01", None, "320400"),
        ("HOLDS", "2018-01-01", None, "320400"),
        ("HOLDS", "2016-01-01", None, "320400"),
    }
    assert near["truncated"] is False
    assert (await ask(graph, document, c=centre, k=[]))["nodes"] == near["nodes"][:1]
    far = await ask(graph, document, c=centre, d=2, k=["REPRESENTS", "HOLDS"])
    assert {node["name"] for node in far["nodes"]} == {"常州甲公司", "欧阳**", "常州乙公司", "张**"}
    cut = await ask(graph, document, c=centre, d=2, l=2)
    assert len(cut["nodes"]) == 2
    assert cut["truncated"] is True
    whole = await ask(graph, document, c=centre, d=3)
    ids = {node["id"] for node in whole["nodes"]}
    assert all(edge["from"] in ids and edge["to"] in ids for edge in whole["edges"])
    assert global_id("Record", f"id-罚5-{FIRM}") not in ids
    assert global_id("Record", f"id-罚2-{FIRM}") in ids
    assert await ask(graph, document, c=global_id("Subject", "nobody")) is None


async def test_paths_are_the_shortest_over_relations_that_stood_on_the_day(
    graph: CypherGraph, engine: Engine, persons: Persons
) -> None:
    document = """query($f: ID!, $t: ID!, $h: Int, $d: Date) { path(from: $f, to: $t, maxHops: $h, asOf: $d) {
        nodes { id ... on Subject { name } } edges { kind from to } } }"""
    firm, other = global_id("Subject", FIRM), global_id("Subject", OTHER)
    one = global_id("Person", persons.for_client(persons.token("one"), "client-a"))
    three = global_id("Person", persons.for_client(persons.token("three"), "client-a"))
    with Observed(engine) as seen:
        (direct,) = await ask(graph, document, f=firm, t=other)
    assert len(seen.texts) == 1
    assert [edge["kind"] for edge in direct["edges"]] == ["HOLDS"]
    assert [node["name"] for node in direct["nodes"]] == ["常州甲公司", "常州乙公司"]
    # the former representative reaches the firm only on a day of office
    assert await ask(graph, document, f=one, t=firm) == []
    (then,) = await ask(graph, document, f=one, t=firm, d="2025-06-30")
    assert then["edges"] == [{"kind": "REPRESENTS", "from": one, "to": firm}]
    (longer,) = await ask(graph, document, f=three, t=firm)
    assert [edge["kind"] for edge in longer["edges"]] == ["REPRESENTS", "HOLDS"]
    assert await ask(graph, document, f=three, t=firm, h=1) == []
    with pytest.raises(UsageError):
        await ask(graph, document, f=three, t=firm, h=7)


async def test_a_void_record_is_no_end_of_a_path(graph: CypherGraph) -> None:
    document = "query($f: ID!, $t: ID!) { path(from: $f, to: $t) { edges { kind } } }"
    firm = global_id("Subject", FIRM)
    assert await ask(graph, document, f=global_id("Record", f"id-罚1-{FIRM}"), t=firm) == [
        {"edges": [{"kind": "ABOUT"}]}
    ]
    assert await ask(graph, document, f=global_id("Record", f"id-罚5-{FIRM}"), t=firm) == []


async def test_warnings_provenance_and_money_are_told(graph: CypherGraph) -> None:
    document = """query($s: USCC!) { records(first: 50, filter: {subject: $s}) { nodes { documentNumber warnings
        amount { value unit __typename } provenance { run source row sha256 recordedAt } } } }"""
    found = {n["documentNumber"]: n for n in (await ask(graph, document, s=FIRM))["nodes"]}
    assert found["罚1"]["warnings"] == []
    assert found["罚2"]["warnings"] == ["until_computed", "name_mismatch"]
    assert found["罚1"]["amount"] == {"value": "12000.50", "unit": "CNY", "__typename": "Money"}
    assert found["罚1"]["provenance"] == {
        "run": "run-1",
        "source": "file.csv",
        "row": 7,
        "sha256": "ab" * 32,
        "recordedAt": "1970-01-01T00:00:00.000001Z",
    }
    elsewhere = (await ask(graph, document, s=ELSEWHERE))["nodes"]
    assert [n["warnings"] for n in elsewhere] == [["not_in_local_registry"]] * 2


async def test_data_quality_counts_in_one_statement(graph: CypherGraph, engine: Engine) -> None:
    with Observed(engine) as seen:
        answer = await ask(
            graph,
            """{ dataQuality { contractsOverdue contractsCompletedLate commitmentsBreached commitmentsKeptLate
            sameNameRepresentatives { name persons } complaintGroups { name } codeConflicts { code names } } }""",
            OPERATOR,
        )
    assert len(seen.texts) == 1
    assert answer["contractsOverdue"] == ["HT-1"]
    assert answer["contractsCompletedLate"] == []
    assert answer["commitmentsBreached"] == ["CN-4"]
    assert answer["commitmentsKeptLate"] == ["CN-3"]
    assert answer["sameNameRepresentatives"] == [{"name": "张**", "persons": 2}]


@pytest.mark.parametrize(
    ("type_name", "key", "codes"),
    [
        ("Record", f"id-罚1-{FIRM}", {FIRM}),
        ("Record", f"id-罚7-{FIRM}", {FIRM}),
        ("Contract", "id-HT-1", {GOV, FIRM}),
        ("Record", "id-HT-1", set()),
        ("Subject", FIRM, set()),
    ],
)
async def test_whose_own_a_record_or_contract_is(graph: CypherGraph, type_name: str, key: str, codes: set[str]) -> None:
    assert await graph.owners(type_name, key) == codes

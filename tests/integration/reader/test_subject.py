"""A subject with everything nested in it: one statement, the day asked about, what was known."""

from __future__ import annotations

from reader_asking import INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, Observed, ask
from reader_town import ELSEWHERE, FIRM, HIDDEN, OTHER, RENAMED, UNKNOWN

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph

RECORDS = '{ subject(code: "%s") { records(first: 50) { nodes { documentNumber state endedOn voidedOn } } } }'


async def states(graph: CypherGraph, scopes: frozenset[str], **more: str) -> dict[str, str]:
    answer = await ask(graph, RECORDS % FIRM, scopes, **more)
    return {node["documentNumber"]: node["state"] for node in answer["records"]["nodes"]}


async def test_keys_follow_the_selection_and_only_one_statement_runs(graph: CypherGraph, engine: Engine) -> None:
    document = """{ subject(code: "%s") { b: kind name a: code __typename representatives { name }
        roles { nodes { kind share validFrom validTo holder { ... on Person { name } ... on Subject { code } } } }
        records(first: 2) { edges { cursor node { documentNumber amount { unit value } subject { name } } }
          pageInfo { hasNextPage endCursor } }
        contracts { nodes { number overdue completedOn parties { role subject { name code } } } }
        commitments { number state keptOn } ratings { scale score grade ratedOn validTo issuer } } }"""
    with Observed(engine) as seen:
        answer = await ask(graph, document % FIRM)
    assert len(seen.texts) == 1
    assert list(answer)[:4] == ["b", "name", "a", "__typename"]
    assert answer["b"] == "ENTERPRISE"
    assert answer["name"] == "常州甲公司"
    assert answer["representatives"] == [{"name": "欧阳**"}]
    assert answer["roles"]["nodes"] == [
        {
            "kind": "LEGAL_REPRESENTATIVE",
            "share": None,
            "validFrom": "2025-07-01",
            "validTo": None,
            "holder": {"name": "欧阳**"},
        },
        {
            "kind": "SHAREHOLDER",
            "share": 40.0,
            "validFrom": "2018-01-01",
            "validTo": None,
            "holder": {"code": "91320400XY0000020X"},
        },
        {
            "kind": "LEGAL_REPRESENTATIVE",
            "share": None,
            "validFrom": "2015-01-01",
            "validTo": "2025-06-30",
            "holder": {"name": "张**"},
        },
    ]
    first, second = answer["records"]["edges"]
    assert first["node"] == {"documentNumber": "罚3", "amount": None, "subject": {"name": "常州甲公司"}}
    assert answer["records"]["pageInfo"]["hasNextPage"] is True
    assert answer["records"]["pageInfo"]["endCursor"] == second["cursor"]
    assert {c["number"]: c["overdue"] for c in answer["contracts"]["nodes"]} == {
        "HT-1": True,
        "HT-2": False,
        "HT-3": False,
    }
    assert answer["contracts"]["nodes"][-1]["parties"][1] == {
        "role": "PARTY_B",
        "subject": {"name": "常州甲公司", "code": FIRM},
    }
    assert {c["number"]: c["state"] for c in answer["commitments"]} == {
        "CN-1": "DUE",
        "CN-2": "KEPT",
        "CN-3": "KEPT_LATE",
        "CN-4": "BREACHED",
    }
    assert answer["ratings"] == [
        {
            "scale": "公共信用评价",
            "score": "91.5",
            "grade": "优",
            "ratedOn": "2026-02-01",
            "validTo": None,
            "issuer": None,
        }
    ]


async def test_a_role_leads_back_to_the_subject_and_the_person_it_was_reached_from(graph: CypherGraph) -> None:
    document = """{ subject(code: "%s") {
        roles(first: 1) { nodes { subject { name representatives { name } records { nodes { documentNumber } } } } }
        representatives { roles { nodes { holder { __typename ... on Person { name roles { nodes { kind } } } }
          subject { name } } } } } }"""
    answer = await ask(graph, document % OTHER)
    (at,) = answer["roles"]["nodes"]
    assert at["subject"] == {"name": "常州乙公司", "representatives": [{"name": "张**"}], "records": {"nodes": []}}
    ((role,),) = (person["roles"]["nodes"] for person in answer["representatives"])
    assert role["subject"] == {"name": "常州乙公司"}
    kinds = [{"kind": "LEGAL_REPRESENTATIVE"}]
    assert role["holder"] == {"__typename": "Person", "name": "张**", "roles": {"nodes": kinds}}


async def test_each_ending_has_its_own_state_and_void_records_are_left_out(graph: CypherGraph) -> None:
    answer = await ask(graph, RECORDS % FIRM)
    assert {n["documentNumber"]: (n["state"], n["endedOn"], n["voidedOn"]) for n in answer["records"]["nodes"]} == {
        "罚1": ("ACTIVE", None, None),
        "罚2": ("EXPIRED", "2025-01-01", None),
        "罚3": ("ACTIVE", None, None),
        "罚4": ("REPAIRED", "2026-03-01", None),
        "罚6": ("ACTIVE", None, "2026-12-15"),
        "许1": ("EXPIRED", "2025-05-01", None),
        "誉1": ("ACTIVE", None, None),
        "列1": ("EXPIRED", "2026-11-01", None),
        "列2": ("ACTIVE", None, None),
    }


async def test_rows_follow_the_scopes(graph: CypherGraph) -> None:
    everything = await states(graph, INVESTIGATOR)
    assert await states(graph, OPERATOR) == everything
    assert set(await states(graph, MUTUAL)) == {"罚1", "罚3", "罚6", "许1", "誉1", "列2"}
    assert set(await states(graph, PUBLIC)) == {"罚1", "罚6", "许1", "誉1", "列2"}


async def test_what_was_known_and_the_day_asked_about_both_count(graph: CypherGraph) -> None:
    document = '{ subject(code: "%s", %s) { name records(first: 50) { nodes { documentNumber state } } } }'

    async def at(arguments: str) -> tuple[str, dict[str, str]]:
        answer = await ask(graph, document % (FIRM, arguments))
        return answer["name"], {n["documentNumber"]: n["state"] for n in answer["records"]["nodes"]}

    # what the town recorded lies in the first 200 microseconds of 1970
    early = 'knownAt: "1970-01-01T00:00:00.000020Z"'
    late = 'knownAt: "1970-01-01T00:00:00.000150Z"'
    name, found = await at(early)
    assert name == "写错的名字"
    assert found["罚7"] == "ACTIVE"
    assert found["罚5"] == "ACTIVE"
    name, found = await at(late)
    assert name == "常州甲公司"
    assert "罚7" not in found
    assert "罚5" not in found
    _, found = await at('asOf: "2026-04-30"')
    assert found["罚5"] == "ACTIVE"
    assert found["列1"] == "ACTIVE"
    assert "罚3" not in found
    _, found = await at('asOf: "2026-02-28"')
    assert found["罚4"] == "ACTIVE"


async def test_a_renamed_subject_has_the_name_of_the_day_and_its_former_names(graph: CypherGraph) -> None:
    document = '{ subject(code: "%s"%s) { name formerNames status region establishedOn } }'
    answer = await ask(graph, document % (RENAMED, ""))
    assert answer == {
        "name": "常州新名公司",
        "formerNames": ["常州旧名公司"],
        "status": "迁出",
        "region": "320400",
        "establishedOn": "2010-01-01",
    }
    answer = await ask(graph, document % (RENAMED, ', asOf: "2025-05-31"'))
    assert (answer["name"], answer["formerNames"], answer["status"]) == ("常州旧名公司", [], "存续")


async def test_a_subject_registered_elsewhere_bears_the_latest_name_given(graph: CypherGraph) -> None:
    document = '{ subject(code: "%s"%s) { name kind region representatives { name } } }'
    answer = await ask(graph, document % (ELSEWHERE, ""))
    assert answer == {"name": "外地公司", "kind": None, "region": None, "representatives": []}
    answer = await ask(graph, document % (ELSEWHERE, ', asOf: "2026-07-01"'))
    assert answer["name"] == "外地公司旧称"


async def test_a_subject_of_which_nothing_may_be_seen_is_as_absent_as_an_unknown_one(graph: CypherGraph) -> None:
    document = '{ subject(code: "%s") { code name } }'
    assert await ask(graph, document % HIDDEN, INVESTIGATOR) == {"code": HIDDEN, "name": "只有旧案的公司"}
    for scopes in (MUTUAL, PUBLIC):
        assert await ask(graph, document % HIDDEN, scopes) is None
        assert await ask(graph, document % UNKNOWN, scopes) is None


async def test_a_batch_answers_in_the_order_asked_with_errors_in_their_place(
    graph: CypherGraph, engine: Engine
) -> None:
    document = """query($codes: [String!]!) { subjects(codes: $codes) {
        code one: subject { name } two: subject { code } error { code } } }"""
    codes = [RENAMED, "nonsense", FIRM.lower(), UNKNOWN, RENAMED]
    with Observed(engine) as seen:
        answer = await ask(graph, document, codes=codes)
    assert len(seen.texts) == 1
    assert [row["code"] for row in answer] == codes
    assert [row["error"] and row["error"]["code"] for row in answer] == [
        None,
        "BAD_USER_INPUT",
        None,
        "NOT_FOUND",
        None,
    ]
    assert answer[2]["one"] == {"name": "常州甲公司"}
    assert answer[2]["two"] == {"code": FIRM}
    assert answer[1]["one"] is None


async def test_only_the_properties_selected_are_fetched(graph: CypherGraph, engine: Engine) -> None:
    with Observed(engine) as seen:
        await ask(graph, f'{{ subject(code: "{FIRM}") {{ code }} }}')
    returned = seen.texts[0].split(" RETURN ")[-1]
    assert returned == "[subject1.code] AS value"

"""Gate checks: decisions with their law, stages, feedback, batches, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.acts.changes import Changes
from hub.acts.gate import ROOM
from hub.acts.tables import events
from hub.ledger.lock import FileLock
from tests.integration.acts.desk import CLERK, FIRM, OTHER, Desk, listed

FINDINGS = "findings { kind rule measure { id class basis } article source { ... on Record { documentNumber } } }"
CASE = f"id decision state feedbackDueOn provisional {FINDINGS} stages {{ stage decision changedSince }}"


async def test_a_listed_firm_is_denied_with_measure_law_and_case(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人", "执1号"), listed("市场监管严重违法失信名单", "监2号"))
    case = await desk.do("gateCheck", CASE + " subject { code name }", {"subject": FIRM, "matter": "gov-procurement"})
    assert (case["decision"], case["state"], case["feedbackDueOn"]) == ("DENY", "OPEN", "2026-11-09")
    assert [finding["kind"] for finding in case["findings"]] == ["DENY", "CONSIDER"]
    first = case["findings"][0]
    assert first["measure"]["class"] == "A"
    assert "政府采购法" in first["article"]
    assert first["source"] == {"documentNumber": "执1号"}
    assert case["subject"] == {"code": FIRM, "name": "某某公司"}


async def test_what_has_ended_is_no_longer_shown_as_the_source(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人", "执1号"))
    made = await desk.do("gateCheck", "id", {"subject": FIRM, "matter": "gov-procurement"})
    desk.graph.put(FIRM)
    answer = json.loads((await desk.ask(f'{{ gateCase(id: "{made["id"]}") {{ {FINDINGS} }} }}')).body)
    assert answer["data"]["gateCase"]["findings"][0]["source"] is None


async def test_a_later_stage_goes_on_with_the_case_and_names_what_changed(desk: Desk):
    given = {"subject": FIRM, "matter": "gov-procurement"}
    desk.graph.put(FIRM)
    first = await desk.do("gateCheck", CASE, {**given, "stage": "registration"})
    assert (first["decision"], first["feedbackDueOn"]) == ("NONE", None)
    desk.graph.put(FIRM, listed("重大税收违法失信主体", "税1号"))
    later = await desk.do("gateCheck", CASE, {**given, "stage": "opening", "case": first["id"]})
    assert later["id"] == first["id"]
    assert later["stages"] == [
        {"stage": "registration", "decision": "NONE", "changedSince": None},
        {"stage": "opening", "decision": "DENY", "changedSince": ["+ gov-procurement/tax-violator 税1号"]},
    ]
    back = await desk.refused("gateCheck", {**given, "stage": "download", "case": first["id"]})
    assert back["code"] == "CONFLICT"


async def test_feedback_closes_a_case_and_counts(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"), listed("拖欠农民工工资失信主体名单", "薪1号"))
    case = await desk.do("gateCheck", CASE, {"subject": FIRM, "matter": "gov-procurement"})
    done = {"case": case["id"], "measure": "limit-market-access", "outcome": "DONE"}
    assert (await desk.do("reportFeedback", "state", done))["state"] == "OPEN"
    silent = {"case": case["id"], "measure": "limit-fiscal-funds", "outcome": "DONE"}
    assert (await desk.refused("reportFeedback", silent))["code"] == "BAD_USER_INPUT"
    told = await desk.do(
        "reportFeedback",
        "state feedback { measure outcome reason }",
        {**silent, "outcome": "NOT_DONE", "reason": "已结清"},
    )
    assert told["state"] == "FED_BACK"
    assert told["feedback"][1] == {"measure": "limit-fiscal-funds", "outcome": "NOT_DONE", "reason": "已结清"}
    rate = json.loads((await desk.ask("{ feedbackRate { checks due fedBack rate } }")).body)["data"]["feedbackRate"]
    assert rate == {"checks": 1, "due": 0, "fedBack": 0, "rate": None}


async def test_a_batch_keeps_the_order_and_gives_each_its_case(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"))
    given = {"subjects": [OTHER, "x", FIRM, OTHER], "matter": "gov-procurement"}
    rows = await desk.do("gateCheckBatch", "code case { id decision subject { name } } error { code }", given)
    assert [row["code"] for row in rows] == given["subjects"]
    assert [row["case"] and row["case"]["decision"] for row in rows] == ["NONE", None, "DENY", "NONE"]
    assert rows[1]["error"] == {"code": "BAD_USER_INPUT"}
    assert rows[0]["case"]["id"] == rows[3]["case"]["id"]
    assert await desk.count() == 2


async def test_cases_are_paged_newest_first_with_one_statement_for_all_subjects(desk: Desk):
    for _ in range(3):
        await desk.do("gateCheck", "id", {"subject": FIRM, "matter": "honours"})
        await desk.do("gateCheck", "id", {"subject": OTHER, "matter": "gov-procurement"})
    before = desk.graph.statements
    page = "nodes { matter { id } subject { name } } pageInfo { hasNextPage endCursor }"
    document = f"query($after: String) {{ gateCases(first: 4, after: $after) {{ {page} }} }}"
    found = json.loads((await desk.ask(document)).body)["data"]["gateCases"]
    assert desk.graph.statements == before + 1
    assert [node["matter"]["id"] for node in found["nodes"]] == ["gov-procurement", "honours"] * 2
    rest = json.loads((await desk.ask(document, after=found["pageInfo"]["endCursor"])).body)["data"]["gateCases"]
    assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (2, False)
    one = json.loads((await desk.ask('{ gateCases(filter: {matter: "honours"}) { nodes { id } } }')).body)
    assert len(one["data"]["gateCases"]["nodes"]) == 3


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"subject": FIRM, "matter": "unknown"}, "BAD_USER_INPUT"),
        ({"subject": FIRM, "matter": "gov-procurement", "stage": "signing"}, "BAD_USER_INPUT"),
        ({"subject": "91320411XYHFHJL15J", "matter": "honours"}, "BAD_USER_INPUT"),
        ({"matter": "honours"}, "BAD_USER_INPUT"),
        ({"subject": FIRM, "person": "p", "matter": "honours"}, "BAD_USER_INPUT"),
        ({"subject": FIRM, "matter": "honours", "case": "0192f0c0-0000-7000-8000-000000000000"}, "NOT_FOUND"),
        ({"subject": FIRM, "matter": "m" * 5000}, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_wrong_check_is_refused_and_writes_nothing(desk: Desk, given: dict, code: str):
    desk.graph.put(FIRM)
    found = await desk.refused("gateCheck", given)
    assert found["code"] == code
    assert found["hint"]
    assert await desk.count() == 0


@pytest.mark.parametrize("reason", ["a\u202eb", "a\x00b", "x" * 2001])
async def test_a_reason_is_plain_text(desk: Desk, reason: str):
    desk.graph.put(FIRM, listed("失信被执行人"))
    case = await desk.do("gateCheck", "id", {"subject": FIRM, "matter": "gov-procurement"})
    given = {"case": case["id"], "measure": "limit-market-access", "outcome": "DONE", "reason": reason}
    assert (await desk.refused("reportFeedback", given))["code"] in ("BAD_USER_INPUT", "LIMIT_EXCEEDED")
    assert await desk.count() == 1


async def test_another_departments_case_is_not_found(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"))
    case = await desk.do("gateCheck", "id", {"subject": FIRM, "matter": "gov-procurement"})
    given = {"case": case["id"], "measure": "limit-market-access", "outcome": "DONE"}
    other = replace(CLERK, client_id="other")
    assert (await desk.refused("reportFeedback", given, who=other))["code"] == "NOT_FOUND"


async def test_a_graph_that_is_down_is_503_and_never_none(desk: Desk):
    desk.graph.down = True
    answer = await desk.ask(
        Desk.document("gateCheck", "decision"), '"one"', given={"subject": FIRM, "matter": "gov-procurement"}
    )
    assert answer.status == 503
    assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == "GRAPH_UNAVAILABLE"
    assert await desk.count() == 0


async def test_scope_and_purpose_are_needed(desk: Desk):
    given = {"subject": FIRM, "matter": "gov-procurement"}
    document = Desk.document("gateCheck", "decision")
    bank = replace(CLERK, scopes=frozenset({"credit:mutual"}), purpose="mutual-recognition")
    answer = json.loads((await desk.ask(document, '"one"', who=bank, given=given)).body)
    assert answer["data"] == {"gateCheck": None}
    assert answer["extensions"]["withheld"][0]["scope"] == "credit:gate"
    lost = json.loads((await desk.ask(document, '"one"', who=replace(CLERK, purpose=None), given=given)).body)
    assert lost["errors"][0]["extensions"]["code"] == "PURPOSE_REQUIRED"
    assert await desk.count() == 0


async def test_the_department_is_told_once_when_the_answer_of_an_open_case_changes(desk: Desk, tmp_path: Path):
    changes = Changes(desk.acts.standing, [ROOM.changed], FileLock(tmp_path / "lock"))  # type: ignore[list-item]
    given = {"subject": FIRM, "matter": "gov-procurement"}
    desk.graph.put(FIRM)
    case = await desk.do("gateCheck", "id", given)
    assert await changes.once() == 0  # the first look notes where it stands
    desk.graph.put(OTHER, listed("失信被执行人"))
    assert await changes.once() == 0
    desk.graph.put(FIRM, listed("失信被执行人"))
    assert [await changes.once(), await changes.once()] == [1, 0]
    desk.graph.put(FIRM, listed("失信被执行人"))
    assert await changes.once() == 0
    told = await desk.ledger.store.read(lambda connection: connection.execute(select(events)).all())
    assert [(one.kind, one.audience, json.loads(one.about)) for one in told] == [
        ("case-changed", "department", {"case": case["id"]})
    ]
    again = await desk.do("gateCheck", CASE, {**given, "case": case["id"]})
    assert [stage["decision"] for stage in again["stages"]] == ["NONE", "DENY"]
    for measure in again["findings"]:
        await desk.do(
            "reportFeedback", "state", {"case": case["id"], "measure": measure["measure"]["id"], "outcome": "DONE"}
        )
    desk.graph.put(FIRM)
    assert await changes.once() == 0  # fed back: the case is closed

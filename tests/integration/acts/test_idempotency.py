"""One act for one key: repeated, at once, with other content, after a refusal."""

from __future__ import annotations

import asyncio
import json

from tests.integration.acts.desk import FIRM, Desk, listed

CHECK = Desk.document("gateCheck", "id receipt decision checkedAt")
GIVEN = {"subject": FIRM, "matter": "gov-procurement"}


def headers(answer):
    return dict(answer.headers)


async def test_a_repeated_request_answers_the_same_act(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"))
    first = await desk.ask(CHECK, '"one"', given=GIVEN)
    again = await desk.ask(CHECK, '"one"', given=GIVEN)
    assert first.body == again.body
    assert json.loads(first.body)["data"]["gateCheck"]["decision"] == "DENY"
    assert "Idempotency-Replayed" not in headers(first)
    assert headers(again)["Idempotency-Replayed"] == "true"
    assert first.facts["follows"] == again.facts["follows"] == json.loads(first.body)["data"]["gateCheck"]["receipt"]
    assert first.facts["proof_used"]
    assert not again.facts["proof_used"]
    assert await desk.count() == 1


async def test_a_repeated_request_reads_its_act_also_when_the_case_has_moved_on(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"))
    first = await desk.ask(CHECK, '"one"', given=GIVEN)
    case = json.loads(first.body)["data"]["gateCheck"]["id"]
    desk.graph.put(FIRM)
    await desk.do("gateCheck", "id", {**GIVEN, "case": case})
    assert (await desk.ask(CHECK, '"one"', given=GIVEN)).body == first.body


async def test_fifty_requests_at_once_under_one_key_have_one_effect_and_equal_answers(desk: Desk):
    desk.graph.put(FIRM, listed("失信被执行人"))
    answers = await asyncio.gather(*(desk.ask(CHECK, '"one"', given=GIVEN) for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in headers(answer) for answer in answers) == 49
    assert await desk.count() == 1


async def test_two_processes_under_one_key_have_one_effect(desk: Desk):
    """Without the memory that requests of one process share, the journal decides."""
    from tests.integration.acts.desk import open_desk

    other = await open_desk(desk.acts.standing.hub.settings, desk.ledger)
    other.graph = desk.graph
    desk.graph.put(FIRM, listed("失信被执行人"))
    other.acts.standing.hub.reader.subjects = desk.graph.subjects
    answers = await asyncio.gather(*((desk, other)[n % 2].ask(CHECK, '"one"', given=GIVEN) for n in range(10)))
    assert len({answer.body for answer in answers}) == 1
    assert await desk.count() == 1


async def test_another_content_under_a_key_is_refused(desk: Desk):
    desk.graph.put(FIRM)
    await desk.ask(CHECK, '"one"', given=GIVEN)
    answer = await desk.ask(CHECK, '"one"', given={**GIVEN, "matter": "honours"})
    assert answer.status == 422
    assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await desk.count() == 1


async def test_a_refused_request_writes_nothing_and_leaves_its_key_free(desk: Desk):
    desk.graph.put(FIRM)
    refused = await desk.ask(CHECK, '"one"', given={**GIVEN, "matter": "none"})
    assert json.loads(refused.body)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (refused.facts["follows"], await desk.count()) == (None, 0)
    assert json.loads((await desk.ask(CHECK, '"one"', given=GIVEN)).body)["data"]["gateCheck"]["decision"] == "NONE"


async def test_a_key_is_needed_and_has_a_form(desk: Desk):
    for key in (None, "", '""', '"' + "x" * 129 + '"', '"a b"', '"a', "\u00e9"):
        answer = await desk.ask(CHECK, key, given=GIVEN)
        assert answer.status == 400, key
        assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    assert await desk.count() == 0


async def test_a_document_performs_one_mutation(desk: Desk):
    two = "mutation($given: GateCheckInput!) { a: gateCheck(input: $given) { id } b: gateCheck(input: $given) { id } }"
    none = "mutation { __typename }"
    for document, given in ((two, {"given": GIVEN}), (none, {})):
        answer = await desk.ask(document, '"one"', **given)
        assert answer.status == 400
        assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await desk.count() == 0


async def test_what_the_graph_does_not_hold_yet_is_pending(desk: Desk):
    desk.graph.put(FIRM)
    desk.claims.held = False
    answer = await desk.ask(CHECK, '"one"', given=GIVEN)
    assert json.loads(answer.body)["extensions"] == {"pending": True}


async def test_the_receipt_commits_to_the_journals_rows(desk: Desk):
    from hub.acts.checking import check_acts

    desk.graph.put(FIRM, listed("失信被执行人"))
    await desk.do("gateCheck", "id", GIVEN)
    await desk.do("gateCheckBatch", "code", {"subjects": [FIRM], "matter": "honours"})
    assert (await check_acts(desk.journal)).faults == []

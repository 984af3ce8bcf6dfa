"""What comes back from a neighbour counts only when its signature holds, now, for this very question."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from stub_hub import CODE, Signing, StubHub, held, record

from federation.documents import HELD
from federation.errors import BadSignature, PeerRefused
from federation.ports import Asker
from hub.signing.responses import RequestFacts

ASKER = Asker("bank-1", "mutual-recognition", "案-7")
OPEN = {"nbf": None, "exp": None}


async def ask(pair, **listed):
    peer = pair.peer
    if listed:
        peer.hub = pair.there.listed(**listed)
    deadline = asyncio.get_running_loop().time() + 5
    return await peer.query(HELD, {"codes": [CODE]}, asker=ASKER, deadline=deadline)


@pytest.fixture(autouse=True)
def answering(pair):
    pair.there.answer = lambda path, query, body: (200, held(record("一号")))


async def test_a_right_answer_comes_with_its_receipt(pair):
    answer = await ask(pair)
    assert answer.data["held"][0]["facts"][0]["documentNumber"] == "一号"
    claims = pair.messenger.check_receipt(pair.peer.hub, answer.receipt_id)
    assert claims["jti"] == pair.there.last[1]


async def test_a_question_names_the_end_client_and_is_signed_over_all_that_matters(pair):
    await ask(pair)
    headers = pair.there.seen[-1][2]
    for name in ("@method", "@target-uri", "content-digest", "authorization", "dpop", "credit-on-behalf-of"):
        assert f'"{name}"' in headers["signature-input"]
    assert "nonce=" in headers["signature-input"]
    assert headers["credit-case"] == "%E6%A1%88-7"


@pytest.mark.parametrize("offset", [0, -5, 5, -30, 30])
async def test_a_clock_up_to_a_minute_off_is_taken(pair, offset):
    pair.there.signing = Signing(offset=offset)
    assert (await ask(pair)).data


@pytest.mark.parametrize("offset", [-65, 65, -300, 300])
async def test_a_clock_further_off_is_not(pair, offset):
    pair.there.signing = Signing(offset=offset)
    with pytest.raises(BadSignature) as refused:
        await ask(pair)
    assert refused.value.reason == "stale"


async def test_an_answer_to_another_question_is_refused(pair):
    await ask(pair)
    pair.there.signing = Signing(question=pair.there.last[0])
    with pytest.raises(BadSignature):
        await ask(pair)


async def test_a_replayed_answer_is_refused(pair):
    kept = []
    pair.there.change = lambda response: kept.append(response) or kept[0]
    await ask(pair)
    with pytest.raises(BadSignature):
        await ask(pair)


COVERED = (
    *('"@status"', '"content-digest"', '"credit-request-digest"', '"credit-receipt"', '"@method";req'),
    *('"@target-uri";req', '"dpop";req', '"signature";req', '"signature-input";req'),
)


@pytest.mark.parametrize("component", COVERED)
async def test_a_signature_that_leaves_something_out_is_refused(pair, component):
    pair.there.signing = Signing(uncovered=(component,))
    with pytest.raises(BadSignature) as refused:
        await ask(pair)
    assert refused.value.reason == "not_covered"


async def test_changed_bytes_and_a_changed_status_are_refused(pair):
    pair.there.change = lambda response: replace(response, body=response.body.replace(b"ACTIVE", b"EXPIRED"))
    with pytest.raises(BadSignature):
        await ask(pair)
    pair.there.change = lambda response: replace(response, status=203)
    with pytest.raises(BadSignature):
        await ask(pair)


async def test_a_key_that_the_directory_does_not_list_is_refused_until_it_does(pair):
    pair.there.keys.rotate()
    with pytest.raises(BadSignature) as refused:
        await ask(pair)
    assert refused.value.reason == "unknown_key"
    pair.peer.hub = pair.there.listed()
    assert (await ask(pair)).data


async def test_another_hubs_key_is_refused_under_any_name(pair, tmp_path):
    stranger = StubHub.make(tmp_path, "330700", 8003)
    with pytest.raises(BadSignature, match="unknown_key"):
        await ask(pair, keys=stranger.listed().keys)
    wrong = tuple({**key, "kid": pair.there.keys.current().kid} for key in stranger.listed().keys)
    with pytest.raises(BadSignature, match="invalid"):
        await ask(pair, keys=wrong)


async def test_an_expired_key_and_one_not_yet_valid_are_refused(pair):
    (key,) = pair.there.listed().keys
    now = int(time.time())
    for times in ({"exp": now - 1}, {"nbf": now + 100}):
        with pytest.raises(BadSignature) as refused:
            await ask(pair, keys=({**key, **times},))
        assert refused.value.reason == "unknown_key"
    assert (await ask(pair, keys=({**key, **OPEN},))).data


async def test_a_receipt_of_another_answer_or_of_another_hub_is_refused(pair, tmp_path):
    facts = RequestFacts("POST", pair.there.url + "/graphql", b"other")
    for receipt in (
        pair.there.receipt(facts, b"{}", "0190"),
        StubHub.make(tmp_path, "330700", 8003).receipt(facts, b"{}", "0190"),
        "a.b.c",
        "",
    ):
        pair.there.signing = Signing(receipt=receipt or " ")
        with pytest.raises(BadSignature):
            await ask(pair)


async def test_an_answer_without_its_receipt_is_known_by_its_id(pair):
    pair.there.signing = Signing(send_receipt=False)
    assert (await ask(pair)).receipt_id == pair.there.last[1]


async def test_a_city_that_speaks_for_another_region_is_refused(pair):
    from federation.ask import held_of

    pair.there.answer = lambda path, query, body: (200, held(record("一号"), region="330700"))
    answer = await ask(pair)
    with pytest.raises(BadSignature) as refused:
        held_of(answer.data, [CODE], "320583")
    assert refused.value.reason == "region"


def statement(hub, typ, **changes):
    claims = {"iss": hub.url, "iat": int(time.time()), "region": hub.region, **changes}
    return hub.keys.current().jws(json.dumps(claims).encode(), typ)


def test_a_statement_counts_by_type_issuer_and_the_time_of_its_key(pair):
    there, check, listed = pair.there, pair.messenger.check_receipt, pair.there.listed()
    assert check(listed, statement(there, "credit-feed+jwt"), "credit-feed+jwt")["region"] == "320583"
    for bad, typ in (
        (statement(there, "credit-feed+jwt"), "credit-digest+jwt"),
        (statement(there, "credit-feed+jwt", iss="http://127.0.0.1:9"), "credit-feed+jwt"),
        (statement(there, "credit-feed+jwt", iat=int(time.time()) + 90), "credit-feed+jwt"),
        (statement(there, "credit-feed+jwt", iat=1e400), "credit-feed+jwt"),
        (statement(there, "credit-feed+jwt", iat=True), "credit-feed+jwt"),
        (statement(pair.here, "credit-feed+jwt", iss=there.url), "credit-feed+jwt"),
        ("e30.W10.AA", "credit-feed+jwt"),
        ("é.é.é", "credit-feed+jwt"),
    ):
        with pytest.raises(BadSignature):
            check(listed, bad, typ)


def test_a_statement_by_a_retired_key_counts_for_the_time_of_that_key_alone(pair):
    there, now = pair.there, int(time.time())
    old = statement(there, "credit-feed+jwt", iat=now - 1000)
    late = statement(there, "credit-feed+jwt")
    (key,) = there.listed().keys
    retired = there.listed(keys=({**key, "nbf": now - 5000, "exp": now - 500},))
    assert pair.messenger.check_receipt(retired, old, "credit-feed+jwt")
    with pytest.raises(BadSignature) as refused:
        pair.messenger.check_receipt(retired, late, "credit-feed+jwt")
    assert refused.value.reason == "key"


async def test_a_signed_refusal_is_a_refusal(pair):
    pair.there.answer = lambda path, query, body: (403, {"code": "INSUFFICIENT_SCOPE"})
    with pytest.raises(PeerRefused):
        await ask(pair)

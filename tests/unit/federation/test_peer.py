"""Asking one neighbour: the breaker before it, one fresh token, and what is no answer to what was asked."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from dataclasses import replace

import httpx
import pytest
from stub_hub import CODE, OTHER_CODE, held, rating, record

from federation.documents import HELD
from federation.errors import PeerRefused, PeerUnreachable
from federation.peer import FAILURES, PAUSE, PAUSE_MAX, Breaker, Peer
from federation.ports import Asker

ASKER = Asker("bank-1", "mutual-recognition")


async def ask(pair, seconds=5.0):
    deadline = asyncio.get_running_loop().time() + seconds
    return await pair.peer.query(HELD, {"codes": [CODE]}, asker=ASKER, deadline=deadline)


def down(breaker, times=FAILURES):
    for _ in range(times):
        breaker.record(failed=True)


def test_a_breaker_opens_after_failures_in_a_row_and_tries_one_after_each_growing_pause():
    now = [100.0]
    breaker = Breaker(lambda: now[0])
    down(breaker, FAILURES - 1)
    breaker.record(failed=False)
    down(breaker, FAILURES - 1)
    breaker.admit()
    down(breaker, 1)
    pause = PAUSE
    for _ in range(6):
        with pytest.raises(PeerUnreachable, match="breaker"):
            breaker.admit()
        now[0] += pause
        breaker.admit()
        with pytest.raises(PeerUnreachable):
            breaker.admit()
        down(breaker, 1)
        pause = min(pause * 2, PAUSE_MAX)
    now[0] += PAUSE_MAX
    breaker.admit()
    breaker.record(failed=False)
    breaker.admit()
    assert not breaker.open


async def test_a_peer_that_fails_is_left_alone_and_comes_back(pair):
    now = [0.0]
    pair.peer.breaker = Breaker(lambda: now[0])
    pair.there.answer = lambda path, query, body: (502, {})
    for _ in range(FAILURES):
        with pytest.raises(PeerUnreachable, match="status"):
            await ask(pair)
    asked = len(pair.there.seen)
    pair.there.answer = lambda path, query, body: (200, held())
    with pytest.raises(PeerUnreachable, match="breaker"):
        await ask(pair)
    assert len(pair.there.seen) == asked, "it was not even asked"
    now[0] += PAUSE
    assert (await ask(pair)).data == held()["data"]
    assert (await ask(pair)).data, "and is open again for everybody"


async def test_wrong_answers_do_not_open_the_breaker(pair):
    pair.there.answer = lambda path, query, body: (403, {})
    for _ in range(FAILURES * 2):
        with pytest.raises(PeerRefused):
            await ask(pair)
    assert not pair.peer.breaker.open


async def test_an_asker_that_gives_up_says_nothing_of_the_peer(pair):
    waiting = asyncio.Event()

    async def slow(request, **_):
        waiting.set()
        await asyncio.sleep(60)

    pair.transport.send = slow
    for _ in range(FAILURES + 1):
        waiting.clear()
        task = asyncio.create_task(ask(pair))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not pair.peer.breaker.open


async def test_a_refused_token_is_replaced_once(pair):
    refusals = [1]

    def change(response):
        if refusals and refusals.pop():
            return replace(response, status=401, headers=(), body=b"{}")
        return response

    pair.there.answer, pair.there.change = (lambda path, query, body: (200, held())), change
    assert (await ask(pair)).data
    assert pair.there.tokens == 2
    used = [headers["authorization"] for _, path, headers, _ in pair.there.seen if path == "/graphql"]
    assert used == ["DPoP token-1", "DPoP token-2"]


async def test_a_nonce_that_the_peer_demands_is_sent_with_the_same_token(pair):
    """RFC 9449, section 8.2: ``use_dpop_nonce`` at the resource, and a new nonce with any answer."""
    asked = []

    def change(response):
        headers = (("www-authenticate", 'DPoP error="use_dpop_nonce"'), ("dpop-nonce", f"n-{len(asked)}"))
        if not asked:
            asked.append(1)
            return replace(response, status=401, headers=headers, body=b"{}")
        return replace(response, headers=(*response.headers, headers[1]))

    def nonce(header):
        return json.loads(urlsafe_b64decode(header.split(".")[1] + "=="))["nonce"]

    pair.there.answer, pair.there.change = (lambda path, query, body: (200, held())), change
    await ask(pair)
    await ask(pair)
    proofs = [headers["dpop"] for _, path, headers, _ in pair.there.seen if path == "/graphql"]
    assert [nonce(proof) for proof in proofs[1:]] == ["n-0", "n-1"]
    assert pair.there.tokens == 1


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"access_token":' * 50_000, b"\xff", b"[]", b'{"access_token": 5}'])
async def test_a_token_server_that_answers_nonsense_is_unreachable_and_opens_the_breaker(pair, body):
    async def nonsense(request):
        return httpx.Response(200, content=body)

    pair.peer._messenger._client = httpx.AsyncClient(transport=httpx.MockTransport(nonsense))
    for _ in range(FAILURES):
        with pytest.raises(PeerUnreachable, match="token"):
            await ask(pair)
    assert pair.peer.breaker.open


async def test_a_token_that_is_refused_again_is_a_refusal(pair):
    pair.there.change = lambda response: replace(response, status=401)
    with pytest.raises(PeerRefused, match="401"):
        await ask(pair)
    assert len([1 for _, path, _, _ in pair.there.seen if path == "/graphql"]) == 2


async def test_no_token_in_time_is_unreachable(pair):
    async def never(*args, **more):
        await asyncio.sleep(60)

    pair.messenger.sign = never
    with pytest.raises(PeerUnreachable, match="deadline"):
        await ask(pair, 0.05)


async def test_what_happened_is_observed_by_region_and_status(pair):
    seen = []
    peer = Peer(pair.peer.hub, pair.messenger, pair.transport, lambda *facts: seen.append(facts[:2]))
    pair.there.answer = lambda path, query, body: (200, {"errors": [{"message": "no"}], "data": None})
    with pytest.raises(PeerRefused, match="errors"):
        await peer.query(HELD, {}, asker=None, deadline=asyncio.get_running_loop().time() + 5)
    assert seen == [("320583", "REFUSED")]


def without(field):
    return {name: value for name, value in record("一").items() if name != field}


NOT_AS_ASKED = {
    "not an object": [],
    "no data": {},
    "data null": {"data": None},
    "another field": {"data": {"held": [], "more": 1}},
    "held missing": {"data": {}},
    "held an object": {"data": {"held": {}}},
    "a null row": {"data": {"held": [None]}},
    "extra in a row": {"data": {"held": [{"region": "320583", "code": CODE, "facts": [], "x": 1}]}},
    "withheld": {**held(), "extensions": {"withheld": [{"path": ["held"]}]}},
    "no type": held(without("__typename")),
    "unknown type": held({**record("一"), "__typename": "Subject"}),
    "type as a list": held({**record("一"), "__typename": ["Record"]}),
    "a field less": held(without("state")),
    "a field more": held({**record("一"), "secret": 1}),
    "unknown state": held(record("一", state="GOOD")),
    "unknown kind": held(record("一", kind=1)),
    "a day that is none": held(record("一", decidedOn="2026-02-30")),
    "an amount that is no number": held(record("一", amount={"value": "NaN", "unit": "CNY"})),
    "a text as an object": held(record("一", authority={"a": "b"})),
    "a number for a text": held(record("一", documentNumber=5)),
    "an odd date": held(record("一", decidedOn="yesterday")),
    "a flag as text": held(record("一", objectionPending="false")),
    "warnings as text": held(record("一", warnings="none")),
    "amount as number": held(record("一", amount=5)),
    "a rating with a record's fields": held({**rating(), "state": "ACTIVE"}),
    "an endless text": held(record("一", authority="x" * 200_000)),
}


@pytest.mark.parametrize("body", NOT_AS_ASKED.values(), ids=NOT_AS_ASKED.keys())
async def test_a_signed_answer_in_another_form_is_refused(pair, body):
    pair.there.answer = lambda path, query, _: (200, body)
    with pytest.raises(PeerRefused):
        await ask(pair)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data":', b"\xff"])
async def test_signed_bytes_that_are_no_json_are_refused(pair, body):
    pair.there.answer = lambda path, query, _: (200, body)
    with pytest.raises(PeerRefused):
        await ask(pair)


async def test_odd_extensions_do_no_harm(pair):
    for extensions in (None, [], "x", {"withheld": []}):
        body = {**held(rating(), record("一")), "extensions": extensions}
        pair.there.answer = lambda path, query, _, body=body: (200, body)
        assert len((await ask(pair)).data["held"][0]["facts"]) == 2


async def test_nesting_beyond_the_cap_counts_as_no_answer_before_anything_is_parsed(pair):
    body = json.dumps(held(record(OTHER_CODE))).encode()
    pair.there.answer = lambda path, query, _: (200, body[:-1] + b',"x":' + b"[" * 70 + b"]" * 70 + b"}")
    with pytest.raises(PeerUnreachable, match="deep"):
        await ask(pair)

"""What one city says of each subject: asked now, by its digest, by the copy, or why there is no word that counts."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from sqlalchemy import create_engine
from stub_hub import CODE, OTHER_CODE, held, record

from federation import digest
from federation.ask import Question, as_it_stands, ask_peer
from federation.digest import FRESH_SECONDS, build, pair_key
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.ports import Asker
from schema import times

TODAY = "2026-11-01"
KEY = pair_key(b"s" * 32, "320400", 1)


@pytest.fixture
def copies(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'copies.sqlite'}")
    yield Copies(engine)
    engine.dispose()


@pytest.fixture
def follower(pair, copies):
    return Follower(pair.peer, pair.messenger, copies, "320400")


def question(*codes, as_of=TODAY, max_age=3600.0):
    asker = Asker("bank-1", "mutual-recognition")
    return Question(codes or (CODE,), as_of, TODAY, asker, deadline=2.0, copy_max_age=max_age)


async def ask(pair, follower, copies, *codes, **more):
    return await ask_peer(pair.peer, follower, copies, question(*codes, **more))


def knows(pair, follower, *codes, age=0.0):
    """The follower holds the neighbour's digest of these codes, as old as said."""
    found = build(codes, len(codes), KEY)
    claims = digest.claims(found, of="320583", to="320400", epoch=1, data_version="1")
    body = {**claims, "iss": pair.there.url, "iat": int(time.time() - age)}
    statement = pair.there.keys.current().jws(json.dumps(body).encode(), digest.TYP)
    follower._take(statement, found.data, times.now_us())
    return statement


def entry(pair, seq, fact, code=CODE):
    claims = {"region": "320583", "epoch": "e", "seq": seq, "prev": "0", "op": "PUT", "id": f"record:{fact['id']}"}
    body = {**claims, "code": code, "fact": fact, "iss": pair.there.url, "iat": int(time.time())}
    return pair.there.keys.current().jws(json.dumps(body).encode(), "credit-feed+jwt")


def copy(pair, follower, copies, *facts, age=0.0):
    jws = [entry(pair, place, fact) for place, fact in enumerate(facts, 1)]
    copies.begin_snapshot("320583")
    copies.add_snapshot("320583", {"epoch": "e", "entries": jws}, follower._check)
    at = times.now_us() - int(age * 1_000_000)
    copies.finish_snapshot("320583", "e", {"seq": len(jws), "hash": "0"}, at)
    return jws


def is_down(pair):
    pair.there.answer = lambda path, query, body: (502, {})


async def test_a_fresh_digest_spares_the_question_and_is_its_own_receipt(pair, follower, copies):
    statement = knows(pair, follower, OTHER_CODE)
    found = (await ask(pair, follower, copies))[CODE]
    assert (found.facts, found.basis, found.receipt) == ((), "DIGEST", statement)
    assert pair.there.seen == []


async def test_only_what_the_digest_may_hold_is_asked(pair, follower, copies):
    knows(pair, follower, CODE)
    pair.there.answer = lambda path, query, body: (200, held(record("一")))
    found = await ask(pair, follower, copies, CODE, OTHER_CODE)
    assert [found[code].basis for code in (CODE, OTHER_CODE)] == ["LIVE", "DIGEST"]
    assert json.loads(pair.there.seen[-1][3])["variables"]["codes"] == [CODE]


@pytest.mark.parametrize("age", [FRESH_SECONDS + 2, 3600])
async def test_an_old_digest_hides_nothing(pair, follower, copies, age):
    knows(pair, follower, OTHER_CODE, age=age)
    pair.there.answer = lambda path, query, body: (200, held(record("一")))
    found = (await ask(pair, follower, copies))[CODE]
    assert (found.basis, len(found.facts)) == ("LIVE", 1)


async def test_a_clock_ahead_does_not_keep_a_digest_young(pair, follower, copies):
    knows(pair, follower, OTHER_CODE, age=-50)
    assert follower.digest_time <= time.time()
    follower.digest_time -= FRESH_SECONDS + 1
    pair.there.answer = lambda path, query, body: (200, held())
    assert (await ask(pair, follower, copies))[CODE].basis == "LIVE"


async def test_a_city_that_is_down_is_unreachable_and_never_good(pair, follower, copies):
    is_down(pair)
    found = (await ask(pair, follower, copies))[CODE]
    assert (found.facts, found.status, found.basis, found.reason) == (None, "UNREACHABLE", None, "status")


async def test_a_young_copy_stands_in_and_says_from_when_it_is(pair, follower, copies):
    jws = copy(pair, follower, copies, record("一"), record("二"), age=120)
    is_down(pair)
    found = (await ask(pair, follower, copies))[CODE]
    assert [fact["documentNumber"] for fact in found.facts] == ["一", "二"]
    assert (found.basis, list(found.receipts)) == ("COPY", jws)
    assert found.as_of < times.us_to_iso(times.now_us() - 100_000_000)


async def test_a_copy_of_a_city_that_holds_nothing_says_so_with_its_digest(pair, follower, copies):
    copy(pair, follower, copies)
    statement = knows(pair, follower, CODE)
    copies.keep_digest("320583", statement, b"", times.now_us())
    is_down(pair)
    found = (await ask(pair, follower, copies))[CODE]
    assert (found.facts, found.basis, found.receipt) == ([], "COPY", statement)


@pytest.mark.parametrize("more", [{"max_age": 60.0}, {"as_of": "2026-10-31"}, {"as_of": "2026-11-02"}])
async def test_a_copy_that_is_too_old_or_of_another_day_stands_in_for_nothing(pair, follower, copies, more):
    copy(pair, follower, copies, record("一"), age=120)
    is_down(pair)
    assert (await ask(pair, follower, copies, **more))[CODE].status == "UNREACHABLE"


async def test_a_copy_never_stands_in_for_a_wrong_answer(pair, follower, copies):
    copy(pair, follower, copies, record("一"))
    pair.there.signing.offset = -300
    pair.there.answer = lambda path, query, body: (200, held(record("一")))
    assert (await ask(pair, follower, copies))[CODE].status == "INVALID_SIGNATURE"
    pair.there.signing.offset = 0
    pair.there.answer = lambda path, query, body: (403, {})
    assert (await ask(pair, follower, copies))[CODE].status == "REFUSED"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (held(record("一"), region="330700"), "INVALID_SIGNATURE"),
        (held(record("一"), code=OTHER_CODE), "REFUSED"),
        (held(record("一", OTHER_CODE)), "REFUSED"),
        (held(record("一", subject=None)), "REFUSED"),
        (held(None), "REFUSED"),
        ({"data": {"held": None}}, "REFUSED"),
        ({"data": {"held": held()["data"]["held"] * 2}}, "REFUSED"),
    ],
    ids=["region", "code", "about another", "about nobody", "null", "nothing", "twice"],
)
async def test_an_answer_about_something_else_does_not_count(pair, follower, copies, body, status):
    pair.there.answer = lambda path, query, _: (200, body)
    found = (await ask(pair, follower, copies))[CODE]
    assert (found.status, found.facts) == (status, None)


async def test_trouble_with_one_city_stays_its_own(pair, follower, copies):
    class Broken:
        def position(self, region):
            raise RuntimeError("disk")

    is_down(pair)
    assert (await ask(pair, follower, Broken()))[CODE].reason == "internal"


async def test_one_deadline_holds_for_token_question_and_answer(pair, follower, copies):
    async def never(*args, **more):
        await asyncio.sleep(60)

    pair.messenger.sign = never
    began = time.monotonic()
    assert (await ask(pair, follower, copies))[CODE].reason == "deadline"
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    ("fact", "state"),
    [
        (record("一", lastDay="2026-11-01"), "ACTIVE"),
        (record("一", lastDay="2026-10-31"), None),
        (record("一", kind="LIST_ENTRY", lastDay="2026-10-31"), None),
        (record("一", kind="LICENCE", lastDay="2026-10-31"), "EXPIRED"),
        (record("一", kind="LICENCE", lastDay="2026-10-31", state="REVOKED"), "REVOKED"),
    ],
)
def test_a_copied_fact_is_told_as_its_city_would_tell_it_that_day(fact, state):
    found = as_it_stands(fact, "2026-11-01")
    assert (found and found["state"]) == state

"""A question about persons to a neighbour: nothing in it or its receipt shows two clients that they ask about one."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from stub_hub import OTHER_CODE, record

from federation.errors import BadSignature, PeerRefused, PeerUnreachable
from federation.ports import Asker
from hub.federated.joining import Gathered, Joining
from hub.federated.penetration import PenetrationRoot

PAIR, OWN = "ab" * 32, "cd" * 32


class Enrolled:
    """All persons exchanged: one of them is shared."""

    whole = True
    forgotten = 0

    async def named(self, tokens, asker, deadline):
        return {OWN: PAIR} if OWN in tokens else {}

    async def complete(self, asker, seconds):
        return self.whole

    async def forget(self, tokens):
        self.forgotten += 1


@pytest.fixture
def ask(pair):
    root = PenetrationRoot.__new__(PenetrationRoot)
    root._hub = hub = SimpleNamespace(
        as_of="2026-11-01",
        settings=SimpleNamespace(peer_deadline=2.0),
        policies=SimpleNamespace(rules=lambda day: ()),
        persons=None,
    )
    root._join = Joining.__new__(Joining)
    root._join._past_is_open, root._join._hub = False, hub

    enrolment = Enrolled()

    async def asking(tokens=(OWN,)):
        gathered = Gathered()
        neighbour = SimpleNamespace(peer=pair.peer, enrolment=enrolment)
        asker = Asker("bank-1", "investigation")
        await root._ask_persons(neighbour, tokens, "2026-11-01", asker, gathered, {})
        return gathered

    asking.enrolment = enrolment
    return asking


def rows(body, **changes):
    tokens = json.loads(body)["variables"]["tokens"]
    return [{"region": "320583", "token": one, "person": None, "penetration": None, **changes} for one in tokens]


async def test_two_questions_about_one_person_share_no_digest(pair, ask):
    answers = []

    def answer(path, query, body):
        answers.append(json.dumps(rows(body)))
        return 200, {"data": {"peerPersons": rows(body)}}

    pair.there.answer = answer
    await ask(), await ask()
    first, second = (body for _, path, _, body in pair.there.seen if path == "/graphql")
    assert PAIR in first.decode()
    assert OWN not in first.decode()
    assert first != second
    assert answers[0] != answers[1]


async def test_nobody_named_nobody_asked(pair, ask):
    await ask(())
    assert pair.there.seen == []


@pytest.mark.parametrize("code", ["PERSONS_PENDING", "PERSONS_NOT_EXCHANGED"])
async def test_a_city_that_is_still_exchanging_its_persons_is_asked_again(pair, ask, code):
    answers = [(200, {"data": {"peerPersons": None}, "errors": [{"extensions": {"code": code}}]})]

    def answer(path, query, body):
        return answers.pop() if answers else (200, {"data": {"peerPersons": rows(body)}})

    pair.there.answer = answer
    await ask()
    assert len([path for _, path, *_ in pair.there.seen if path == "/graphql"]) == 2
    assert ask.enrolment.forgotten == (code == "PERSONS_NOT_EXCHANGED")


async def test_a_connection_that_breaks_early_is_tried_once_more(pair, ask):
    answers = [(502, {})]

    def answer(path, query, body):
        return answers.pop() if answers else (200, {"data": {"peerPersons": rows(body)}})

    pair.there.answer = answer
    await ask()
    answers += [(502, {}), (502, {})]
    with pytest.raises(PeerUnreachable):
        await ask()
    assert answers == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda body: rows(body, region="330700"), BadSignature),
        (lambda body: rows(body)[:1], PeerRefused),
        (lambda body: rows(body)[::-1], PeerRefused),
        (lambda body: [None, *rows(body)[1:]], PeerRefused),
        (lambda body: None, PeerRefused),
    ],
    ids=["region", "fewer", "order", "null row", "nothing"],
)
async def test_an_answer_about_others_does_not_count(pair, ask, change, fault):
    pair.there.answer = lambda path, query, body: (200, {"data": {"peerPersons": change(body)}})
    with pytest.raises(fault):
        await ask()


async def test_a_person_with_no_readable_roles_adds_no_enterprise(pair, ask):
    person = {"id": "p", "token": "t", "name": "罗**", "roles": None}
    pair.there.answer = lambda path, query, body: (
        200,
        {"data": {"peerPersons": rows(body, person=person, penetration={"reached": None, "notReached": None})}},
    )
    gathered = await ask()
    assert [part.enterprises for part in gathered.parts[OWN]] == [()]


async def test_a_citys_word_on_another_subject_is_refused_and_odd_trouble_stays_that_citys(pair):
    code = "91310000XY0000004F"
    root = PenetrationRoot.__new__(PenetrationRoot)
    root._past_is_open = False
    enrolment = Enrolled()
    neighbour = SimpleNamespace(peer=pair.peer, enrolment=enrolment)
    store = SimpleNamespace(own_of=lambda region, pairs: {})
    root._hub = SimpleNamespace(
        network=SimpleNamespace(pairs=store, neighbours={"320583": neighbour}),
        settings=SimpleNamespace(peer_deadline=2.0),
    )

    async def status():
        gathered = Gathered()
        await root._ask("320583", {"subject": code}, (), "2026-11-01", Asker("b", "loan"), gathered)
        return gathered.regions["320583"]["status"], gathered.not_reached

    def told(subject):
        missed = {"ruleId": "r", "record": record("一", subject), "person": None, "reason": "lifted"}
        found = {"region": "320583", "reached": [], "notReached": [missed]}
        return lambda path, query, body: (200, {"data": {"peerPenetration": found}})

    pair.there.answer = told(code)
    assert (await status())[0] == "ANSWERED"
    pair.there.answer = told(OTHER_CODE)
    assert await status() == ("REFUSED", [])
    pair.there.answer, store.own_of = told(code), None
    assert await status() == ("UNREACHABLE", [])

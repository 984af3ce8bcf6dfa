"""Persons in two cities: over two real person keys, two stores and the signed exchange."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import create_engine
from stub_hub import InProcess, StubHub

from federation.errors import BadSignature, PeerRefused
from federation.peer import Peer
from federation.persons import PairExchange, Pairs
from federation.ports import Asker
from federation.quota import ASKED, EXCHANGED, PersonCounts
from graph_loaders.persons import Persons, group, keyfile
from graph_loaders.persons.tokens import rotated
from schema.errors import UsageError

ASKER = Asker("bank-7", "mutual-recognition")
SHARED = [f"32040019700101{n:03d}X" for n in range(40, 46)]  # no check digits: nobody's numbers


@dataclass
class City:
    stub: StubHub
    persons: Persons
    store: Pairs
    tokens: list[str]
    exchange: PairExchange | None = None

    async def refresh(self) -> int:
        assert self.exchange is not None
        return await self.exchange.refresh("", ASKER)

    def pairs(self, of: City) -> dict[str, str]:
        return self.store.pair_of(of.stub.region, self.tokens)

    def rotate(self) -> None:
        old = self.persons.key()
        keyfile.create(self.persons.successor_file, group.random_scalar())
        new = keyfile.read(self.persons.successor_file, group.is_scalar)
        self.tokens = rotated(self.tokens, group.quotient(new, old))
        keyfile.replace(self.persons.key_file, self.persons.successor_file)


class Facts:
    """The one question of ``LocalFacts`` that the exchange asks."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def persons(self, after, limit):
        return [token for token in sorted(self._city.tokens) if token > after][:limit]


def multiply(city: City):
    def answer(path, query, body):
        try:
            made = [city.persons.multiply(one) for one in json.loads(body)["elements"]]
        except UsageError as error:
            return error.status, error.problem()
        return 200, {"region": city.stub.region, "elements": made, "key": city.persons.key_id}

    return answer


@pytest.fixture
async def cities(tmp_path):
    engines, found = [], []
    for place, (region, extra) in enumerate((("320400", "A"), ("320583", "B"))):
        stub = StubHub.make(tmp_path, region, 8001 + place)
        persons = Persons.open(tmp_path / region / "keys" / "person.key", tmp_path / region)
        engines.append(create_engine(f"sqlite:///{tmp_path / region}.sqlite"))
        city = City(stub, persons, Pairs(engines[-1]), persons.tokens([*SHARED, extra, extra * 2]))
        stub.answer = multiply(city)
        found.append(city)
    transport = InProcess(*(city.stub for city in found))
    for one, other in (found, found[::-1]):
        messenger = one.stub.messenger(tmp_path / one.stub.region, transport.client)
        peer = Peer(other.stub.listed(), messenger, transport)
        one.exchange = PairExchange(peer, messenger, one.persons, one.store, Facts(one))
    yield found
    await transport.close()
    for engine in engines:
        engine.dispose()


async def test_both_sides_come_to_the_same_tokens_for_shared_persons_and_no_others(cities):
    a, b = cities
    assert [await a.refresh(), await b.refresh()] == [8, 8]
    shared = set(a.pairs(b).values()) & set(b.pairs(a).values())
    assert len(shared) == len(SHARED)
    for number in SHARED:
        assert a.pairs(b)[a.persons.token(number)] == b.pairs(a)[b.persons.token(number)]
    pair = a.pairs(b)[a.persons.token(SHARED[0])]
    assert b.store.own_of("320400", [pair, "00"]) == {pair: b.persons.token(SHARED[0])}


async def test_neither_numbers_nor_own_tokens_leave_and_two_exchanges_share_no_element(cities):
    a, b = cities
    await a.refresh()
    await a.exchange.exchange(a.tokens, ASKER, time.monotonic() + 60)
    sent = [json.loads(body)["elements"] for _, path, _, body in b.stub.seen if path == "/federation/persons"]
    everything = [one for elements in sent for one in elements]
    assert len(set(everything)) == len(everything)
    assert not set(everything) & {*a.tokens, *b.tokens}
    assert not any(number.encode() in body for _, _, _, body in b.stub.seen for number in SHARED)


async def test_what_is_there_is_not_exchanged_again(cities):
    a, b = cities
    await a.refresh()
    asked = len(b.stub.seen)
    assert await a.refresh() == 0
    a.tokens.append(a.persons.token("new"))
    assert [await a.refresh(), a.store.count("320583"), len(b.stub.seen) - asked] == [1, 9, 1]


@pytest.mark.parametrize("who", ["own", "peer"])
async def test_a_rotation_of_either_key_makes_all_pairs_anew(cities, who):
    a, b = cities
    await a.refresh(), await b.refresh()
    before = set(a.pairs(b).values())
    (a if who == "own" else b).rotate()
    assert await a.exchange.refresh(b.persons.key_id, ASKER) == 8
    assert await b.exchange.refresh(a.persons.key_id, ASKER) == 8
    assert not set(a.pairs(b).values()) & before
    assert len(set(a.pairs(b).values()) & set(b.pairs(a).values())) == len(SHARED)
    assert a.store.keys("320583") == (a.persons.key_id, b.persons.key_id)


async def test_a_key_that_is_rotated_in_the_middle_of_a_pass_leaves_nothing_half(cities, monkeypatch):
    a, b = cities
    monkeypatch.setattr("federation.persons.BATCH", 3)
    await a.refresh()
    a.tokens += a.persons.tokens([f"n{n}" for n in range(9)])
    answer, calls = b.stub.answer, []

    def rotating(path, query, body):
        calls.append(path)
        if len(calls) == 2:
            b.rotate()
        return answer(path, query, body)

    b.stub.answer = rotating
    await a.refresh()
    assert a.store.keys("320583") == (a.persons.key_id, b.persons.key_id)
    await b.refresh()
    assert len(a.pairs(b)) == len(a.tokens)
    assert len(set(a.pairs(b).values()) & set(b.pairs(a).values())) == len(SHARED)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda a: {**a, "elements": a["elements"][:-1]}, PeerRefused),
        (lambda a: {**a, "elements": ["00" * 32, *a["elements"][1:]]}, PeerRefused),
        (lambda a: {**a, "elements": ["ff" * 32, *a["elements"][1:]]}, PeerRefused),
        (lambda a: {**a, "elements": ["zz", *a["elements"][1:]]}, PeerRefused),
        (lambda a: {**a, "elements": [5, *a["elements"][1:]]}, PeerRefused),
        (lambda a: {**a, "elements": "abc"}, PeerRefused),
        (lambda a: {**a, "key": None}, PeerRefused),
        (lambda a: {"region": a["region"]}, PeerRefused),
        (lambda a: [a], PeerRefused),
        (lambda a: {**a, "region": "330700"}, BadSignature),
    ],
    ids=["fewer", "identity", "no element", "no hex", "number", "text", "no key", "nothing", "list", "region"],
)
async def test_wrong_elements_are_refused_and_nothing_is_stored(cities, change, fault):
    a, b = cities
    right = multiply(b)
    b.stub.answer = lambda path, query, body: (200, change(right(path, query, body)[1]))
    with pytest.raises(fault):
        await a.refresh()
    assert a.store.count("320583") == 0


async def test_one_element_for_two_persons_is_refused(cities):
    a, b = cities

    def same(path, query, body):
        first = b.persons.multiply(json.loads(body)["elements"][0])
        return 200, {"region": "320583", "elements": [first] * 8, "key": "k"}

    b.stub.answer = same
    await a.exchange.exchange(
        a.tokens, ASKER, time.monotonic() + 60
    )  # blinded, so it cannot tell: the tokens differ, and match nobody's
    await b.refresh()
    assert len(set(a.pairs(b).values()) & set(b.pairs(a).values())) <= 1


async def test_elements_outside_the_group_are_refused_by_the_hub_that_multiplies(cities):
    a, _ = cities
    for bad in ("00" * 32, "ff" * 32, "", "é" * 64, "AB", "0" * 63):
        with pytest.raises(UsageError):
            a.persons.multiply(bad)


@pytest.fixture
def counts(tmp_path):
    engine, days = create_engine(f"sqlite:///{tmp_path / 'counts.sqlite'}"), [date(2026, 11, 1)]
    yield PersonCounts(engine, lambda: days[0]), days, engine
    engine.dispose()


def test_a_days_number_is_kept_for_each_pair_and_kind_and_outlives_a_restart(counts):
    store, days, engine = counts
    assert store.take("320583", EXCHANGED, 6, 10) == (True, 6)
    assert store.take("320583", EXCHANGED, 5, 10) == (False, 6), "all or nothing"
    assert store.take("330700", EXCHANGED, 10, 10) == (True, 10)
    assert PersonCounts(engine, lambda: days[0]).take("320583", EXCHANGED, 5, 10) == (False, 6)
    days[0] = date(2026, 11, 2)
    assert store.take("320583", EXCHANGED, 10, 10) == (True, 10)
    assert store.take("320583", EXCHANGED, 0, 10) == (True, 10)


def test_nobody_asks_about_more_than_was_exchanged_and_asking_again_costs_nothing(counts):
    store, _, _ = counts
    store.take("320583", EXCHANGED, 2, 100)
    assert store.ask("320583", ["a", "b", "decoy"], 10) == (True, 3, True)
    assert store.ask("320583", ["a", "b", "a"], 10) == (True, 3, True)
    assert store.ask("320583", [f"guess {n}" for n in range(5)], 10) == (True, 8, False)
    assert store.ask("320583", ["decoy 2"], 10) == (True, 9, True)
    assert store.ask("320583", ["x", "y"], 10) == (False, 9, True)
    assert store.spent("320583", ASKED) == 9
    assert [store.first("320583", "alarm"), store.first("320583", "alarm")] == [True, False]

"""What a hub tells its neighbours as its facts change, and what becomes of receipts, with a real ledger and feed."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import create_engine
from stub_hub import CODE, OTHER_CODE, record

from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter
from hub.federated.derived import Derived
from hub.federated.telling import Teller, Waiters
from hub.graphql.told import elsewhere
from hub.ledger import Entry, Ledger
from hub.ledger.lock import FileLock
from hub.settings import Settings
from hub.signing import KeyStore, content_digest
from schema import times
from schema.caller import Caller

PEER = "https://peer.example"


def shown(raw: str) -> str:
    return urlsafe_b64encode(f"Record:{raw}".encode()).decode().rstrip("=")


def fact(raw: str, **changes):
    return {**record(raw, **changes), "id": shown(raw)}


class Facts:
    """The graph's part: what is held now, and what changed since a mark."""

    def __init__(self):
        self.now = {}
        self.void = set()
        self.hidden = {}
        self.mark = 1

    def set(self, code, *facts, void=()):
        self.now[code] = list(facts)
        self.void |= set(void)
        self.mark = times.now_us()

    async def held(self, codes, day):
        return {code: self.now.get(code, []) for code in codes}

    async def all_codes(self):
        return list(self.now)

    async def changed(self, since):
        if since == str(self.mark):
            return since, ()
        return str(self.mark), None

    async def void_since(self, since, last, day):
        return self.hidden

    async def voided(self, ids, day):
        return frozenset(one for one in ids if one in self.void)


@pytest.fixture
async def world(tmp_path):
    settings = Settings(data=tmp_path / "hub", region="320583", base_url="https://hub.example")
    keys = KeyStore(settings.data / "keys")
    keys.ensure()
    engine = create_engine(settings.sql_url, connect_args={"timeout": 15})
    async with await Ledger.open(settings, keys=keys) as ledger:

        def sign(claims, typ):
            body = {**claims, "iss": settings.base_url, "iat": int(time.time())}
            return keys.current().jws(json.dumps(body).encode(), typ)

        facts = Facts()
        made = await asyncio.to_thread(FeedWriter, engine, "320583", sign)
        teller = Teller(
            facts,
            lambda: made,
            FileLock(settings.run / "feed.lock"),
            ledger,
            lambda: "2026-11-01",
            lambda: [PEER],
            lambda: {key.kid: {**key.jwk, "nbf": key.nbf, "exp": key.exp} for key in keys.public()},
        )
        yield World(ledger, facts, teller, made, FeedReader(engine, "320583"), keys, settings)
    engine.dispose()


class World:
    def __init__(self, ledger, facts, teller, writer, reader, keys, settings):
        self.ledger, self.facts, self.teller, self.writer = ledger, facts, teller, writer
        self.reader, self.keys, self.settings = reader, keys, settings

    async def receipt(self, *discloses, client="bank"):
        caller = Caller(client, frozenset({"credit:mutual"}), purpose="loan", jkt=client)
        digest = content_digest(b"")
        made = await self.ledger.commit(Entry("graphql", caller, digest, digest, discloses=discloses))
        return made.id

    async def step(self):
        await asyncio.sleep(0.005)  # the clock has microseconds; receipts of before are before
        return await self.teller.step(self.writer)

    def status(self, receipt):
        return self.ledger.reader.status(receipt)["status"]

    def told(self, after=0):
        page = self.reader.page(after, self.writer.epoch, 100)
        return [json.loads(_payload(jws)) for jws in page["entries"]]


def _payload(jws):
    from hub.signing.suites import unb64u

    return unb64u(jws.split(".")[1])


async def test_nothing_new_is_told_twice(world):
    world.facts.set(CODE, fact("r1"), fact("r2"))
    assert [await world.step(), await world.step()] == [2, 0]
    assert [entry["op"] for entry in world.told()] == ["KEY", "PUT", "PUT"]


@pytest.mark.parametrize(("void", "status"), [((), "SUPERSEDED"), (("r1",), "REVOKED")])
async def test_an_ending_supersedes_receipts_and_a_void_decision_revokes_them(world, void, status):
    world.facts.set(CODE, fact("r1"), fact("r2"))
    await world.step()
    about, other, peers = (
        await world.receipt(CODE),
        await world.receipt(OTHER_CODE),
        await world.receipt(CODE, client=PEER),
    )
    head = world.reader.head()
    world.facts.set(CODE, fact("r2"), void=void)
    assert await world.step() == 1
    assert [world.status(one) for one in (about, other, peers)] == [status, "VALID", status]
    entries = world.told(head)
    assert [(entry["op"], entry["id"], entry.get("status")) for entry in entries] == [
        ("RECEIPT", peers, status),
        ("DROP", f"record:{shown('r1')}", None),
    ], "only neighbours' receipts are told of"
    assert entries[1].get("void", False) == bool(void)


async def test_a_void_decision_that_neighbours_no_longer_saw_revokes_what_told_of_it(world):
    """Repaired or expired first: then it is in no answer for neighbours, but old receipts and investigators' are."""
    world.facts.set(CODE, fact("r2"))
    await world.step()
    told_of_it, peers, of_the_subject = (
        await world.receipt("r1", CODE),
        await world.receipt("r1", client=PEER),
        await world.receipt(CODE),
    )
    await asyncio.sleep(0.005)
    learnt = times.now_us()
    as_void = await world.receipt("r1")
    world.facts.set(CODE, fact("r2"))
    world.facts.hidden = {learnt: ["r1"]}
    assert await world.step() == 0, "for neighbours nothing has changed"
    statuses = [world.status(one) for one in (told_of_it, peers, of_the_subject, as_void)]
    assert statuses == ["REVOKED", "REVOKED", "VALID", "VALID"]
    assert {"op": "RECEIPT", "id": peers, "status": "REVOKED"}.items() <= world.told()[-1].items()


async def test_a_receipt_given_after_the_change_stands(world):
    world.facts.set(CODE, fact("r1"))
    await world.step()
    world.facts.set(CODE)
    await asyncio.sleep(0.01)
    late = await world.receipt(CODE)
    await world.step()
    assert world.status(late) == "VALID"


async def test_a_fact_that_reads_otherwise_supersedes(world):
    world.facts.set(CODE, fact("r1"))
    await world.step()
    receipt = await world.receipt(CODE)
    world.facts.set(CODE, fact("r1", objectionPending=True))
    await world.step()
    assert world.status(receipt) == "SUPERSEDED"


async def test_after_a_crash_between_marking_and_telling_both_are_done_again(world):
    world.facts.set(CODE, fact("r1"))
    await world.step()
    receipt = await world.receipt(CODE, client=PEER)
    world.facts.set(CODE, void=["r1"])
    tell, world.writer.tell = world.writer.tell, None
    with pytest.raises(TypeError):
        await world.step()
    world.writer.tell = tell
    head = world.reader.head()
    assert world.status(receipt) == "REVOKED"
    assert await world.step() == 1
    assert [entry["op"] for entry in world.told(head)] == ["DROP"]


async def test_a_rotated_key_is_told_once_with_the_end_of_the_old_one(world):
    await world.step()
    old = world.keys.current().kid
    await world.ledger.rotate_keys()
    head = world.reader.head()
    await world.step()
    await world.step()
    told = {entry["id"]: entry["jwk"] for entry in world.told(head)}
    assert told.keys() == {old, world.keys.current().kid}
    assert told[old]["exp"] <= time.time() + 61
    assert all("d" not in jwk for jwk in told.values())


async def test_long_polls_wake_when_the_feed_moves_and_end_with_their_time(world):
    waiters = Waiters(world.reader)
    task = asyncio.create_task(waiters.run())
    try:
        began = time.monotonic()
        await waiters.wait(10_000, 0.3)
        assert 0.25 < time.monotonic() - began < 3
        await world.step()
        waiting = asyncio.create_task(waiters.wait(world.reader.head(), 20))
        await asyncio.sleep(0.4)
        assert not waiting.done()
        world.facts.set(CODE, fact("r1"))
        await world.step()
        await asyncio.wait_for(waiting, 5)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_own_receipts_end_when_a_neighbour_tells_of_a_change(world):
    derived = Derived(world.ledger)
    task = asyncio.create_task(derived.run())
    shared, local = await world.receipt(elsewhere(CODE), CODE), await world.receipt(CODE)
    other = await world.receipt(elsewhere(OTHER_CODE), OTHER_CODE)
    await asyncio.sleep(0.005)
    put = {"op": "PUT", "id": "a", "code": OTHER_CODE}
    drop = {"op": "DROP", "id": "b", "code": CODE, "void": True}
    derived.heard("330700", [put, drop, {"op": "RECEIPT", "id": "0190", "code": "", "status": "REVOKED"}])
    deadline = time.monotonic() + 5
    while world.status(shared) == "VALID" or world.status(other) == "VALID":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert [world.status(one) for one in (shared, other, local)] == ["REVOKED", "SUPERSEDED", "VALID"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

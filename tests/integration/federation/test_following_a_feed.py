"""Following a neighbour: from a real feed, over signed pages, through restarts, resets, forks and malformed pages."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from dataclasses import dataclass, field

import pytest
from sqlalchemy import create_engine
from stub_hub import CODE, OTHER_CODE, InProcess, StubHub, record

from federation import digest
from federation.errors import BadSignature, PeerFault, PeerRefused
from federation.feed import follow
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter
from federation.peer import Peer


@dataclass
class Town:
    there: StubHub
    writer: FeedWriter
    reader: FeedReader
    make: object
    heard: list = field(default_factory=list)
    codes: list = field(default_factory=lambda: [CODE])
    person_key: str = "k1"

    def page(self, query):
        limit = int(query["limit"][0])
        if "snapshot" in query:
            return self.reader.snapshot(int(query["snapshot"][0]), int(query.get("upto", ["0"])[0]) or None, limit)
        return self.reader.page(int(query["after"][0]), query.get("epoch", [""])[0], limit)

    def answer(self, path, query, body):
        if path == "/feed":
            return 200, self.page(query)
        found = digest.build(self.codes, len(self.codes), b"k" * 32)
        claims = digest.claims(found, of="320583", to="320400", epoch=1, data_version="1")
        body = {**claims, "iss": self.there.url, "iat": int(time.time()), "person_key": self.person_key}
        statement = self.there.keys.current().jws(json.dumps(body).encode(), digest.TYP)
        have = query.get("have", [""])[0] == found.sha256
        return 200, {
            "region": "320583",
            "statement": statement,
            "filter": None if have else b64encode(found.data).decode(),
        }

    def follower(self) -> Follower:
        return self.make(lambda region, entries: self.heard.extend(entries))


@pytest.fixture
async def town(tmp_path):
    here, there = StubHub.make(tmp_path, "320400", 8001), StubHub.make(tmp_path, "320583", 8002)
    told, copied = (create_engine(f"sqlite:///{tmp_path / name}.sqlite") for name in ("told", "copied"))
    transport = InProcess(here, there, max_bytes=1 << 24)
    messenger, asked = (hub.messenger(tmp_path / hub.region, transport.client) for hub in (here, there))
    copies = Copies(copied)

    def make(heard=None):
        return Follower(Peer(there.listed(), messenger, transport), messenger, copies, "320400", heard)

    made = Town(there, FeedWriter(told, "320583", asked.sign_statement), FeedReader(told, "320583"), make)
    made.copies, made.engine, made.sign = copies, told, asked.sign_statement
    there.answer = made.answer
    yield made
    await transport.close()
    told.dispose()
    copied.dispose()


def facts(town):
    return sorted(one.fact["documentNumber"] for one in town.copies.held("320583", [CODE])[CODE])


async def test_a_snapshot_then_deltas_then_the_same_after_a_restart(town):
    town.writer.tell({CODE: [record("一"), record("二")]})
    follower = town.follower()
    await follower.step()
    assert facts(town) == ["一", "二"]
    town.writer.tell({CODE: [record("二"), record("三")]})
    await follower.step()
    assert facts(town) == ["三", "二"]
    assert [entry["op"] for entry in town.heard] == ["PUT", "DROP"]
    town.writer.tell({CODE: [record("三")]})
    asked = len(town.there.seen)
    await town.follower().step()
    assert facts(town) == ["三"]
    assert not any("snapshot" in path for _, path, _, _ in town.there.seen[asked:]), "it went on where it was"
    assert [entry["op"] for entry in town.heard[2:]] == ["DROP"]


async def test_a_long_snapshot_comes_in_pages_while_the_feed_goes_on(town, monkeypatch):
    monkeypatch.setattr(follow, "PAGE", 7)
    numbers = [f"{n:03d}" for n in range(40)]
    town.writer.tell({CODE: [record(n) for n in numbers]})
    pages = []

    def answer(path, query, body):
        if "snapshot" in query:
            pages.append(query["snapshot"])
            if len(pages) == 3:
                town.writer.tell({CODE: [record(n) for n in numbers[1:]] + [record("neu")]})
        return town.answer(path, query, body)

    town.there.answer = answer
    follower = town.follower()
    await follower.step()
    await follower.step()
    assert len(pages) == 6
    assert facts(town) == sorted([*numbers[1:], "neu"])


async def test_a_feed_of_another_epoch_or_set_back_is_taken_anew(town):
    town.writer.tell({CODE: [record("一"), record("二")]})
    follower = town.follower()
    await follower.step()
    with town.engine.begin() as connection:
        for table in ("feed_entries", "feed_current", "feed_meta"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    FeedWriter(town.engine, "320583", town.sign).tell({CODE: [record("三")]})
    await follower.step()
    assert facts(town) == ["三"]


async def test_what_a_gap_hid_is_heard_of_with_the_snapshot_after_it(town):
    one, two, three = record("一"), record("二", OTHER_CODE), record("三")
    town.writer.tell({CODE: [one, three], OTHER_CODE: [two]})
    follower = town.follower()
    await follower.step()
    assert town.heard == [], "a first snapshot is no news"
    with town.engine.begin() as connection:
        for table in ("feed_entries", "feed_current", "feed_meta"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    later = {**two, "state": "EXPIRED"}
    FeedWriter(town.engine, "320583", town.sign).tell({CODE: [one, record("四")], OTHER_CODE: [later]})
    await follower.step()
    heard = sorted((entry["op"], entry["id"], entry["code"]) for entry in town.heard)
    assert heard == [
        ("DROP", "record:id-三", CODE),
        ("PUT", "record:id-二", OTHER_CODE),
        ("PUT", "record:id-四", CODE),
    ]
    await follower.step()
    assert len(town.heard) == 3


async def test_a_forked_feed_leaves_the_copy_until_a_new_snapshot_holds(town):
    town.writer.tell({CODE: [record("一")]})
    follower = town.follower()
    await follower.step()
    town.there.answer = lambda path, query, body: (
        (200, {**town.page(query), "head": {"seq": 1, "hash": "f" * 64}})
        if path == "/feed" and "after" in query
        else (200, {**town.page(query), "entries": ["forged"]})
        if path == "/feed"
        else town.answer(path, query, body)
    )
    with pytest.raises(BadSignature):
        await follower.step()
    assert facts(town) == ["一"]
    town.there.answer = town.answer
    await follower.step()
    assert facts(town) == ["一"]


MALFORMED = [
    {"kind": "other"},
    {"entries": None},
    {"entries": [1]},
    {"entries": {"a": "b"}},
    {"head": None},
    {"head": {"seq": "1", "hash": "x"}},
    {"head": {"seq": True, "hash": "x"}},
    {"more": 1},
    {"epoch": 5},
    {"last": "1"},
]


@pytest.mark.parametrize("change", MALFORMED, ids=str)
@pytest.mark.parametrize("when", ["first", "later"])
async def test_a_malformed_page_is_refused_and_following_goes_on(town, change, when):
    town.writer.tell({CODE: [record("一")]})
    follower = town.follower()
    if when == "later":
        await follower.step()
    town.there.answer = lambda path, query, body: (
        (200, {**town.page(query), **change}) if path == "/feed" else town.answer(path, query, body)
    )
    with pytest.raises(PeerRefused):
        await follower.step()
    town.there.answer = town.answer
    await follower.step()
    assert facts(town) == ["一"]


async def test_a_snapshot_that_never_ends_is_given_up(town):
    town.writer.tell({CODE: [record("一")]})
    town.there.answer = lambda path, query, body: (200, {**town.page(query), "more": True, "last": 1})
    with pytest.raises(PeerFault):
        await asyncio.wait_for(town.follower().step(), 20)
    assert town.copies.position("320583") is None


async def test_a_page_that_speaks_for_another_region_is_refused(town):
    town.there.answer = lambda path, query, body: (200, {**town.page(query), "region": "330700"})
    with pytest.raises(BadSignature, match="region"):
        await town.follower().step()


async def test_following_outlives_whatever_goes_wrong(town, monkeypatch):
    town.writer.tell({CODE: [record("一")]})
    follower, calls = town.follower(), []
    step = follower.step

    async def failing():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the disk")
        await step()
        await asyncio.sleep(60)

    monkeypatch.setattr(follower, "step", failing)
    task = asyncio.create_task(follower.run())
    deadline = time.monotonic() + 5
    while town.copies.position("320583") is None and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    task.cancel()
    assert facts(town) == ["一"]


async def test_a_digest_travels_when_it_changed_and_at_once_after_news(town):
    follower = town.follower()
    await follower.step()
    assert follower.digest.may_hold(CODE)
    assert not follower.digest.may_hold("another")
    town.codes.append("another")
    await follower.step()
    assert not follower.digest.may_hold("another"), "it was not due"
    town.writer.tell({CODE: [record("一")]})
    await follower.step()
    await follower.step()
    assert follower.digest.may_hold("another")
    asked = [path for _, path, _, _ in town.there.seen if path.endswith("digest")]
    assert len(asked) == 2


async def test_a_bad_digest_is_dropped_and_the_feed_is_followed_all_the_same(town):
    town.writer.tell({CODE: [record("一")]})
    follower = town.follower()
    town.there.answer = lambda path, query, body: (
        (200, {**town.answer(path, query, body)[1], "filter": "AAAA"})
        if path.endswith("digest")
        else town.answer(path, query, body)
    )
    await follower.step()
    assert facts(town) == ["一"]
    assert follower.digest is None


async def test_another_process_takes_the_digest_from_the_store(town):
    leader, other = town.follower(), town.follower()
    await other.load_digest()
    assert other.digest is None
    await leader.step()
    await other.load_digest()
    assert (other.digest, other.digest_time, other.person_key) == (leader.digest, leader.digest_time, "k1")
    town.person_key = "k2"
    leader._digest_due = 0.0
    await leader.step()
    await other.load_digest()
    assert other.person_key == "k2"

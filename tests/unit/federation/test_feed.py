"""The change feed: told once, in order, signed; a copy never goes past a gap, a fork or a forged entry."""

import json
import time

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from sqlalchemy import create_engine

from federation.errors import BadSignature
from federation.feed.copies import Copies, FeedGap
from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter, Told
from schema import times

KEY = OKPKey.generate_key("Ed25519")
CODE = "91320400XY0000001A"


def sign(claims, typ):
    body = json.dumps({**claims, "iss": "b", "iat": int(time.time())}).encode()
    return jws.serialize_compact({"alg": "Ed25519", "typ": typ}, body, KEY, algorithms=["Ed25519"])


def check(token):
    try:
        return json.loads(jws.deserialize_compact(token, KEY, algorithms=["Ed25519"]).payload)
    except Exception:
        raise BadSignature("feed entry") from None


def record(number, state="ACTIVE"):
    return {"__typename": "Record", "id": f"r{number}", "state": state}


@pytest.fixture
def told(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'told.sqlite'}")
    yield FeedWriter(engine, "320400", sign), FeedReader(engine, "320400")
    engine.dispose()


@pytest.fixture
def copies(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    yield Copies(engine)
    engine.dispose()


def take_snapshot(reader, copies):
    copies.begin_snapshot("320400")
    start, head = 0, None
    while True:
        page = reader.snapshot(start, head and head["seq"], 2)
        head = head or page["head"]
        copies.add_snapshot("320400", page, check)
        if not page["more"]:
            return copies.finish_snapshot("320400", page["epoch"], head, times.now_us())
        start = page["last"]


def follow(reader, copies):
    at = copies.position("320400")
    page = reader.page(at.seq, at.epoch, 100)
    return page, copies.apply_delta("320400", page, check)


def facts(copies):
    return sorted(item.fact["id"] for item in copies.held("320400", [CODE])[CODE])


def test_only_differences_are_told(told):
    writer, reader = told

    def of(*keys):
        return dict.fromkeys(keys, CODE)

    assert writer.compare({CODE: [record(1), record(2)]}) == Told({}, {}, of("record:r1", "record:r2"))
    assert writer.tell({CODE: [record(1), record(2)]}) == Told({}, {}, of("record:r1", "record:r2"))
    assert writer.tell({CODE: [record(1), record(2)]}).count == 0
    assert writer.tell({CODE: [record(1)]}) == Told(of("record:r2"), {}, {})
    assert writer.tell({CODE: [record(1, "OBJECTED")]}) == Told({}, of("record:r1"), {})
    assert reader.head() == 4


def test_a_copy_starts_with_a_snapshot_and_follows_deltas(told, copies):
    writer, reader = told
    writer.tell({CODE: [record(n) for n in range(5)]})
    writer.tell({CODE: [record(n) for n in range(1, 5)]})
    take_snapshot(reader, copies)
    assert facts(copies) == ["r1", "r2", "r3", "r4"]
    writer.tell({CODE: [record(4), record(7)]})
    _, applied = follow(reader, copies)
    assert {entry["op"] for entry in applied} == {"PUT", "DROP"}
    assert facts(copies) == ["r4", "r7"]


def test_a_gap_or_a_reordering_is_refused_and_changes_nothing(told, copies):
    writer, reader = told
    writer.tell({CODE: [record(1)]})
    take_snapshot(reader, copies)
    writer.tell({CODE: [record(1), record(2), record(3)]})
    at = copies.position("320400")
    page = reader.page(at.seq, at.epoch, 100)
    for entries in (page["entries"][1:], page["entries"][::-1], page["entries"] * 2):
        with pytest.raises(FeedGap):
            copies.apply_delta("320400", {**page, "entries": entries}, check)
        assert facts(copies) == ["r1"]
    copies.apply_delta("320400", page, check)
    assert facts(copies) == ["r1", "r2", "r3"]


def test_a_shrunk_or_forked_feed_is_refused(told, copies):
    writer, reader = told
    writer.tell({CODE: [record(1), record(2)]})
    take_snapshot(reader, copies)
    page, _ = follow(reader, copies)
    with pytest.raises(FeedGap, match="fork"):
        copies.apply_delta("320400", {**page, "head": {"seq": 1, "hash": page["head"]["hash"]}}, check)
    with pytest.raises(FeedGap, match="fork"):
        copies.apply_delta("320400", {**page, "head": {"seq": 2, "hash": "0" * 64}}, check)


def test_an_entry_of_another_key_or_region_is_refused(told, copies):
    writer, reader = told
    writer.tell({CODE: [record(1)]})
    take_snapshot(reader, copies)
    writer.tell({CODE: [record(1), record(2)]})
    at = copies.position("320400")
    page = reader.page(at.seq, at.epoch, 100)
    head, body, signature = page["entries"][0].split(".")
    with pytest.raises(BadSignature):
        copies.apply_delta("320400", {**page, "entries": [f"{head}.{body[:-2]}AA.{signature}"]}, check)
    foreign = sign({**check(page["entries"][0]), "region": "330700"}, "credit-feed+jwt")
    with pytest.raises(BadSignature):
        copies.apply_delta("320400", {**page, "entries": [foreign]}, check)


def test_an_unknown_position_or_epoch_asks_for_a_new_snapshot(told):
    writer, reader = told
    writer.tell({CODE: [record(1)]})
    assert reader.page(99, writer.epoch, 10)["kind"] == "reset"
    assert reader.page(1, "other", 10)["kind"] == "reset"
    assert reader.page(1, writer.epoch, 10)["kind"] == "delta"


def test_a_tombstone_says_when_the_decision_is_void(told):
    writer, reader = told
    writer.tell({CODE: [record(1), record(2)]})
    writer.tell({CODE: []}, void=["record:r2"])
    entries = {check(jws)["id"]: check(jws) for jws in reader.page(2, writer.epoch, 10)["entries"]}
    assert {key: entry.get("void", False) for key, entry in entries.items()} == {"record:r1": False, "record:r2": True}


def test_keys_are_announced_once_and_again_when_they_change(told, copies):
    writer, reader = told
    take_snapshot(reader, copies)
    for exp in (10, 10, 5):
        writer.announce("KEY", {"k1": {"jwk": {"kid": "k1", "exp": exp}}}, once=True)
    writer.announce("RECEIPT", {"0190": {"status": "REVOKED"}})
    _, applied = follow(reader, copies)
    assert [(entry["op"], entry["id"]) for entry in applied] == [("KEY", "k1"), ("KEY", "k1"), ("RECEIPT", "0190")]
    assert copies.count("320400") == 0, "neither is a fact"


def test_a_snapshot_holds_facts_only(told, copies):
    writer, reader = told
    writer.tell({CODE: [record(1)]})
    page = reader.snapshot(0, None, 10)
    drop = sign({**check(page["entries"][0]), "op": "DROP"}, "credit-feed+jwt")
    with pytest.raises(BadSignature, match="facts only"):
        copies.add_snapshot("320400", {**page, "entries": [drop]}, check)

"""Membership digests: nothing is missed, false positives stay near the stated rate, pairs cannot be compared."""

import time

import pytest

from federation.digest import FALSE_POSITIVES, build, claims, extend, pair_key, read
from hub.federated.digests import Digests
from schema.errors import UsageError

KEY = pair_key(b"s" * 32, "330700", 1)


@pytest.mark.parametrize("count", [0, 1, 400, 20_000])
def test_no_member_is_missed_and_strangers_rarely_match(count):
    found = build((f"member-{n}" for n in range(count)), count, KEY)
    assert all(found.may_hold(f"member-{n}") for n in range(count))
    false = sum(found.may_hold(f"stranger-{n}") for n in range(20_000)) / 20_000
    assert false <= FALSE_POSITIVES * 1.3


def test_two_pairs_and_two_rotations_share_no_key():
    keys = {pair_key(b"s" * 32, region, epoch) for region in ("330700", "330500") for epoch in (1, 2)}
    assert len(keys) == 4


def test_a_statement_and_its_filter_belong_together():
    found = build(["a"], 1, KEY)
    statement = claims(found, of="320400", to="330700", epoch=1, data_version="v")
    assert read(statement, found.data).may_hold("a")
    with pytest.raises(UsageError, match="not the one"):
        read(statement, bytes(len(found.data)))
    for change in ({"bits": 7}, {"hashes": 99}, {"key": "AA=="}, {"bits": None}):
        with pytest.raises(UsageError):
            read({**statement, **change}, found.data)


def test_an_extended_filter_is_the_one_built_of_all_codes():
    codes = [f"member-{n}" for n in range(500)]
    assert extend(build(codes[:490], 490, KEY), codes[490:], 500) == build(codes, 500, KEY)
    assert extend(build(codes, 500, KEY), ["more"], 900) is None, "so many want other measures"


class Facts:
    def __init__(self):
        self.codes, self.version, self.reads = ["a", "b"], "1", 0

    async def data_version(self):
        return self.version

    async def all_codes(self):
        self.reads += 1
        return list(self.codes)


async def test_a_hubs_digests_follow_its_data_and_read_it_once_for_all_neighbours(tmp_path):
    facts = Facts()
    digests = Digests(facts, tmp_path / "keys")
    first, version, _, spoken = await digests.for_peer("330700")
    other, *_ = await digests.for_peer("330500")
    assert (first.key != other.key, version, facts.reads) == (True, "1", 1)
    assert spoken <= time.time() - 1
    facts.codes, facts.version = ["a", "b", "c"], "2"
    grown, version, *_ = await digests.for_peer("330700")
    assert (grown.may_hold("c"), first.may_hold("c"), version) == (True, False, "2")
    facts.codes, facts.version = ["a", "c"], "3"
    shrunk, *_ = await digests.for_peer("330700")
    assert not shrunk.may_hold("b")
    assert shrunk.key == first.key, "the key is the pair's for the whole rotation"
    again = Digests(facts, tmp_path / "keys")
    assert (await again.for_peer("330700"))[0] == shrunk, "every worker tells the same"
    facts.version = "4"
    assert (await digests.for_peer("330700"))[0] is shrunk

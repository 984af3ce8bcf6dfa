"""Membership digests: nothing is missed, false positives stay near the stated rate, pairs cannot be compared."""

import pytest

from federation.digest import FALSE_POSITIVES, build, claims, pair_key, read
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

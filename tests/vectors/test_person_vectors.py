"""The published person-token vectors, checked with each form of the group and the hash of RFC 9380 alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from graph_loaders.persons.edwards import ORDER, Edwards
from graph_loaders.persons.sodium import Group, group

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "vectors"


def vector(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-512."""
    prime = dst + bytes([len(dst)])
    blocks = -(-length // 64)
    first = hashlib.sha512(bytes(128) + message + length.to_bytes(2, "big") + b"\x00" + prime).digest()
    made = [hashlib.sha512(first + b"\x01" + prime).digest()]
    for number in range(2, blocks + 1):
        mixed = bytes(a ^ b for a, b in zip(first, made[-1], strict=True))
        made.append(hashlib.sha512(mixed + bytes([number]) + prime).digest())
    return b"".join(made)[:length]


def times(form: Group, scalar: str, element: str) -> str:
    return form.times(bytes.fromhex(scalar), bytes.fromhex(element)).hex()


def without(form: Group, scalar: str, element: str) -> str:
    inverse = pow(int.from_bytes(bytes.fromhex(scalar), "little"), -1, ORDER)
    return times(form, inverse.to_bytes(32, "little").hex(), element)


@pytest.mark.parametrize("form", [group(), Edwards()], ids=lambda form: form.name)
def test_two_hubs_come_to_one_doubly_keyed_token(form: Group):
    one = vector("person-tokens")
    dst = b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512"
    assert one["dst"] == dst.hex()
    assert len({case["doubly_keyed"] for case in one["cases"]}) == len(one["cases"]) == 2
    for case in one["cases"]:
        assert case["number"][14:17] == "000", "a sequence that is given to nobody"
        assert case["expanded"] == expand_message_xmd(case["number"].encode(), dst, 64).hex()
        hashed = form.from_hash(bytes.fromhex(case["expanded"])).hex()
        assert hashed == case["hash_to_group"]
        for own, other, side in (("k_A", "k_B", case["A"]), ("k_B", "k_A", case["B"])):
            assert side["token"] == times(form, one[own], hashed)
            assert side["sends"] == times(form, side["r"], side["token"])
            assert side["gets"] == times(form, one[other], side["sends"])
            assert without(form, side["r"], side["gets"]) == case["doubly_keyed"]

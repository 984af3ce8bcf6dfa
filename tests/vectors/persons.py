"""Vectors of doubly keyed person tokens: every value between a number and the token that two hubs agree on.

The numbers have the sequence 000, which is given to nobody.
"""

from __future__ import annotations

from typing import Any

from graph_loaders.persons import group
from tests.vectors.world import LABEL, NOTE, scalar

NUMBERS = ("110105194912310003", "320400197001010007")


def persons_vector() -> dict[str, Any]:
    k_a, k_b = scalar("person key A"), scalar("person key B")
    cases = []
    for place, number in enumerate(NUMBERS):
        hashed = group.hash_to_group(number.encode())
        token_a, token_b = group.multiply(k_a, hashed), group.multiply(k_b, hashed)
        r_a, r_b = scalar(f"blind A {place}"), scalar(f"blind B {place}")
        sent_a, sent_b = group.multiply(r_a, token_a), group.multiply(r_b, token_b)
        back_a, back_b = group.multiply(k_b, sent_a), group.multiply(k_a, sent_b)
        doubled = group.multiply(group.invert(r_a), back_a)
        assert doubled == group.multiply(group.invert(r_b), back_b)
        cases.append(
            {
                "number": number,
                "expanded": group.expand_message(number.encode()).hex(),
                "hash_to_group": hashed.hex(),
                "A": {"token": token_a.hex(), "r": r_a.hex(), "sends": sent_a.hex(), "gets": back_a.hex()},
                "B": {"token": token_b.hex(), "r": r_b.hex(), "sends": sent_b.hex(), "gets": back_b.hex()},
                "doubly_keyed": doubled.hex(),
            }
        )
    return {
        "note": NOTE,
        "standard": "RFC 9497 ristretto255-SHA512, mode 0 (HashToGroup), RFC 9380 expand_message_xmd, RFC 9496",
        "dst": group.HASH_TO_GROUP.hex(),
        "scalars": f"SHA-512(UTF-8 of {LABEL!r} + name) reduced modulo the group's order, little-endian",
        "k_A": k_a.hex(),
        "k_B": k_b.hex(),
        "cases": cases,
    }

"""What makes two facts the same: ids by content, independent of file, row, container, encoding and order.

``key`` says what a fact is about, ``vid`` everything it says; both are 128-bit BLAKE2b hashes in hex. What is only the
source's way of writing (``amount_given``, ``share_given``) does not enter, so one decision sent as CSV and as XLSX is
one fact.

Roles and lifts belong to persons, so their ids are made of the hub's token of the person. When the hub's person key
is rotated, the tokens change and with them these ids: ``role_ids`` and ``lift_ids`` make them anew from the properties
kept in the graph (replace ``token`` first); ``sha256`` stays what it was when the row was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import Any

SEPARATOR = "\x1f"  # never in a cell: control characters are removed from texts


def fact_hash(*parts: str) -> str:
    """A 128-bit hash of parts in order."""
    return blake2b(SEPARATOR.join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def row_hash(text: str) -> str:
    """SHA-256 of a normalised row: its cells in the order of the kind, persons as tokens."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def role_ids(role: Mapping[str, Any]) -> tuple[str, str]:
    """``key`` and ``vid`` of a role: its kind, organisation, holder and first day, and all it says."""
    holder = role["token"] or role["holder_code"]
    first = (role["role"], role["code"], holder, role["valid_from"])
    return (
        fact_hash(*first),
        fact_hash(*first, role["valid_to"], role["adult_on"], role["name"], repr(float(role["share"]))),
    )


def lift_ids(lift: Mapping[str, Any]) -> tuple[str, str]:
    """``key`` and ``vid`` of a court's lift: its document and person, and all it says."""
    first = ("LIFT", lift["document"], lift["token"])
    return fact_hash(*first), fact_hash(*first, lift["adult_on"], lift["on"], lift["authority"])

"""What a receipt commits to: every field that the log keeps of an entry, each under a salt of its own.

``commitment(field) = SHA-256(salt ‖ name ‖ 0x00 ‖ 0x01 ‖ value)``, and ``SHA-256(salt ‖ name ‖ 0x00 ‖ 0x00)`` where
there is no value, so that not even its absence shows. A field can be shown without the others, or erased: its
commitment then stands in for it, and the commitment over all of them, which the receipt carries, still holds.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from hub.signing.suites import b64u

FIELDS = (
    "kind",
    "recorded",
    "client",
    "on_behalf_of",
    "case",
    "purpose",
    "subject",
    "consent",
    "detail",
    "variables",
    "disclosed",
)
COLUMNS = {"case": "case_ref"}  # the others are named as their fields
ASKER = ("client", "on_behalf_of", "case")
IN_RECEIPT = frozenset({"purpose", "subject", "consent"})  # also said, or to be guessed, from the receipt itself
PERMANENT = frozenset({"kind", "recorded"})  # of the entry, not of the detail: never erased
SALT = 16
_PLACE = {name: place for place, name in enumerate(FIELDS)}
_ABSENT = {name: name.encode() + b"\x00\x00" for name in FIELDS}
_PRESENT = {name: name.encode() + b"\x00\x01" for name in FIELDS}


def new_salts() -> bytes:
    return os.urandom(SALT * len(FIELDS))


def salt_of(salts: bytes, name: str) -> bytes:
    start = _PLACE[name] * SALT
    return salts[start : start + SALT]


def commitment(name: str, salt: bytes, value: bytes | None) -> bytes:
    """Of one field. Raises KeyError for a name that is no field."""
    return hashlib.sha256(salt + (_ABSENT[name] if value is None else _PRESENT[name] + value)).digest()


def commitments(values: Sequence[bytes | None], salts: bytes, gone: Mapping[str, bytes]) -> list[bytes]:
    """Of all fields, in their order; ``gone`` are the commitments of those that were erased."""
    return [
        gone[name] if name in gone else commitment(name, salts[place * SALT : (place + 1) * SALT], values[place])
        for place, name in enumerate(FIELDS)
    ]


def joined(parts: Sequence[bytes]) -> str:
    """The commitment over commitments, as a receipt carries it."""
    return b64u(hashlib.sha256(b"".join(parts)).digest())


def of_asker(parts: Sequence[bytes]) -> str:
    """``asker_commitment``: over client, end client and case, out of the commitments of all fields."""
    return joined([parts[_PLACE[name]] for name in ASKER])


def values_of(row: Mapping[str, Any]) -> list[bytes | None]:
    """The bytes that are committed to, out of the columns of an entry and its detail."""
    found: list[bytes | None] = [str(row["kind"]).encode(), str(row["recorded_us"]).encode()]
    for name in FIELDS[2:]:
        value = row[COLUMNS.get(name, name)]
        found.append(value.encode() if isinstance(value, str) else None if value is None else bytes(value))
    return found


def pack_gone(gone: Mapping[str, bytes]) -> bytes | None:
    """Commitments of erased fields as one value."""
    return b"".join(bytes([_PLACE[name]]) + gone[name] for name in FIELDS if name in gone) or None


def unpack_gone(value: bytes | None) -> dict[str, bytes]:
    """Raises ValueError when it is not what ``pack_gone`` makes."""
    found: dict[str, bytes] = {}
    data = value or b""
    for start in range(0, len(data), 33):
        place, part = data[start], data[start + 1 : start + 33]
        if place >= len(FIELDS) or len(part) != 32 or FIELDS[place] in PERMANENT:
            raise ValueError("not the commitments of erased fields")
        found[FIELDS[place]] = part
    if pack_gone(found) != value:
        raise ValueError("not the commitments of erased fields")
    return found


def without(salts: bytes, names: Sequence[str]) -> bytes:
    """The salts with those of erased fields overwritten."""
    kept = bytearray(salts)
    for name in names:
        start = _PLACE[name] * SALT
        kept[start : start + SALT] = bytes(SALT)
    return bytes(kept)

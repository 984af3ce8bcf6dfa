"""Membership digests: which subjects a hub may hold something of, so that only those hubs are asked.

A Bloom filter over HMAC-SHA-256(key, code), one key for each pair of hubs and each rotation, so that two hubs cannot
compare what a third one told them. It holds every subject registered there or with any fact held there, and no person.
The statement about it is signed (typ ``credit-digest+jwt``) and names the filter by its SHA-256; the filter itself
travels only when it has changed. What a digest reveals is written down in ``docs/federation.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.errors import UsageError

TYP = "credit-digest+jwt"
FALSE_POSITIVES = 0.01
FRESH_SECONDS = 60
_MIN_BITS = 1024
_MAX_BITS = 2**31


@dataclass(frozen=True, slots=True)
class Filter:
    """``bits`` is a power of two; ``hashes`` how many places each code sets."""

    key: bytes
    bits: int
    hashes: int
    data: bytes

    def may_hold(self, code: str) -> bool:
        """False: certainly nothing. True: something, or a false positive."""
        data = self.data
        return all(data[place >> 3] & (1 << (place & 7)) for place in _places(self.key, code, self.bits, self.hashes))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def build(codes: Iterable[str], count: int, key: bytes) -> Filter:
    """``count`` sizes the filter for ``FALSE_POSITIVES``; the size shows only the power of two above it."""
    bits, hashes = _measures(count)
    return Filter(key, bits, hashes, _set(bytearray(bits // 8), codes, key, bits, hashes))


def extend(found: Filter, codes: Iterable[str], count: int) -> Filter | None:
    """The filter with further codes, ``count`` in all; None where that many want one of other measures."""
    if _measures(count) != (found.bits, found.hashes):
        return None
    data = _set(bytearray(found.data), codes, found.key, found.bits, found.hashes)
    return Filter(found.key, found.bits, found.hashes, data)


def _measures(count: int) -> tuple[int, int]:
    """Bits and hashes for so many codes."""
    wanted = max(_MIN_BITS, math.ceil(-max(count, 1) * math.log(FALSE_POSITIVES) / math.log(2) ** 2))
    bits = 1 << (wanted - 1).bit_length()
    return bits, max(1, min(16, round(bits / max(count, 1) * math.log(2)) if count * 16 > bits else 7))


def _set(data: bytearray, codes: Iterable[str], key: bytes, bits: int, hashes: int) -> bytes:
    for code in codes:
        for place in _places(key, code, bits, hashes):
            data[place >> 3] |= 1 << (place & 7)
    return bytes(data)


def pair_key(secret: bytes, region: str, epoch: int) -> bytes:
    """The key for one asking hub in one rotation: no other hub learns it."""
    return hmac.new(secret, f"digest|{region}|{epoch}".encode(), hashlib.sha256).digest()


def claims(found: Filter, *, of: str, to: str, epoch: int, data_version: str) -> dict[str, Any]:
    """What the signed statement says; signing adds ``iss`` and ``iat`` (Unix seconds)."""
    return {
        "region": of,
        "aud": to,
        "epoch": epoch,
        "data_version": data_version,
        "bits": found.bits,
        "hashes": found.hashes,
        "key": b64encode(found.key).decode(),
        "filter_sha256": found.sha256,
    }


def read(statement: Mapping[str, Any], data: bytes) -> Filter:
    """The filter that a checked statement speaks of. Raises UsageError when they do not belong together."""
    try:
        bits, hashes, key = int(statement["bits"]), int(statement["hashes"]), b64decode(statement["key"], validate=True)
        digest = str(statement["filter_sha256"])
    except (KeyError, TypeError, ValueError):
        raise _bad("it lacks fields") from None
    if not (_MIN_BITS <= bits <= _MAX_BITS and bits & (bits - 1) == 0 and 1 <= hashes <= 16 and len(key) == 32):
        raise _bad("its measures are out of range")
    if len(data) * 8 != bits or hashlib.sha256(data).hexdigest() != digest:
        raise _bad("the filter is not the one that was signed")
    return Filter(key, bits, hashes, data)


def _places(key: bytes, code: str, bits: int, hashes: int) -> Iterable[int]:
    """Double hashing (Kirsch and Mitzenmacher) over one HMAC."""
    mac = hmac.digest(key, code.encode(), "sha256")
    one = int.from_bytes(mac[:8], "big")
    two = int.from_bytes(mac[8:16], "big") | 1
    mask = bits - 1
    return [(one + n * two) & mask for n in range(hashes)]


def _bad(what: str) -> UsageError:
    return UsageError(f"membership digest refused: {what}", hint="the peer is asked instead")

"""The group of person tokens: ristretto255 with SHA-512, as RFC 9497 (OPRF, mode 0) uses it.

Elements and scalars are their canonical 32 bytes. Every function that takes an element from outside checks it first.
"""

from __future__ import annotations

import hashlib
import secrets

from graph_loaders.persons.edwards import ORDER
from graph_loaders.persons.sodium import group
from schema.errors import UsageError

SIZE = 32
CONTEXT = b"OPRFV1-\x00-ristretto255-SHA512"  # RFC 9497, 3.1: CreateContextString(modeOPRF, identifier)
HASH_TO_GROUP = b"HashToGroup-" + CONTEXT  # RFC 9497, 4.1
_BLOCK = b"\x00" * 128  # SHA-512 input block
_LENGTH = (64).to_bytes(2, "big")


def expand_message(message: bytes, tag: bytes = HASH_TO_GROUP) -> bytes:
    """64 bytes of expand_message_xmd with SHA-512 (RFC 9380, 5.3.1); one block, since SHA-512 gives 64 bytes."""
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha512(_BLOCK + message + _LENGTH + b"\x00" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()


def hash_to_group(message: bytes) -> bytes:
    """RFC 9497, 4.1: an element whose discrete logarithm nobody knows."""
    return group().from_hash(expand_message(message))


def multiply(scalar: bytes, element: bytes) -> bytes:
    """The element times the scalar. Raises UsageError for bytes that are no element, and for the identity."""
    check_element(element)
    return group().times(scalar, element)


def check_element(element: bytes) -> None:
    """RFC 9497, 4: only canonical encodings of elements other than the identity are taken."""
    if len(element) != SIZE or not any(element) or not group().is_element(element):
        raise UsageError(
            "not an element of the group of person tokens",
            hint="send canonical ristretto255 encodings (RFC 9496), not the identity",
            message_zh="不是有效的人员标识元素",
        )


def random_scalar() -> bytes:
    """Uniform and not zero."""
    return _scalar(1 + secrets.randbelow(ORDER - 1))


def reduce(wide: bytes) -> bytes:
    """64 bytes of a hash as a scalar."""
    return _scalar(int.from_bytes(wide, "little"))


def invert(scalar: bytes) -> bytes:
    """One over the scalar. The inverse is taken of the scalar times a random one, so that its time says nothing."""
    mask = 1 + secrets.randbelow(ORDER - 1)
    return _scalar(pow(_number(scalar) * mask, -1, ORDER) * mask)


def quotient(new: bytes, old: bytes) -> bytes:
    """new / old: what turns an element under the old key into the same person's element under the new one."""
    return _scalar(_number(new) * _number(invert(old)))


def public_element(scalar: bytes) -> bytes:
    return group().base_times(scalar)


def is_scalar(value: bytes) -> bool:
    """True for a canonical scalar (below the group's order) other than zero."""
    return len(value) == SIZE and 0 < _number(value) < ORDER


def _number(scalar: bytes) -> int:
    return int.from_bytes(scalar, "little")


def _scalar(number: int) -> bytes:
    return (number % ORDER).to_bytes(SIZE, "little")

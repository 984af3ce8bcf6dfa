"""Cursors: a sort key, encrypted and bound to who asked what, so that it opens nothing else.

AES-SIV (RFC 5297) under a key of the hub: deterministic, so that the same page has the same bytes, and authenticated,
so that a changed cursor, or one of another client, filter or time, is refused.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from schema.errors import UsageError

KEY_BYTES = 64


class Cursors:
    """Seals and opens cursors under one key of 64 bytes (AES-256-SIV)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, order: str, bound_to: bytes) -> str:
        return base64.urlsafe_b64encode(self._cipher.encrypt(order.encode(), [bound_to])).rstrip(b"=").decode()

    def open(self, cursor: str, bound_to: bytes) -> str:
        """The sort key in a cursor. Raises UsageError for one that was not made for this very question."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            return self._cipher.decrypt(raw, [bound_to]).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise UsageError(
                "the cursor does not belong to this question",
                hint="use an endCursor of the same field with the same client, scopes, filter, asOf and knownAt",
                message_zh="游标与本次查询不符",
            ) from None

"""An early, per-process look at DPoP ``jti`` values. The ledger's unique row decides; this saves the work before it."""

from __future__ import annotations

import time
from hashlib import blake2b

SPAN = 130  # seconds: longer than any proof is accepted (two windows of 60 s)
MOST = 400_000  # of one generation, about 30 MB


class ReplayGuard:
    """Two generations of digests; the older one is dropped when every proof in it has run out."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self._since = time.monotonic()

    def first(self, jkt: str, jti: str) -> bool:
        """True the first time; remembers the id for at least ``SPAN``."""
        if len(self._young) >= self._most or time.monotonic() - self._since > SPAN:
            self._old, self._young, self._since = self._young, set(), time.monotonic()
        mark = blake2b(f"{jkt}\0{jti}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if mark in self._young or mark in self._old:
            return False
        self._young.add(mark)
        return True

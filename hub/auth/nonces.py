"""Server nonces for DPoP proofs (RFC 9449 sections 8 and 9): stateless, so that every worker knows every nonce.

A nonce is its time and an HMAC over it; the secret lies with the token keys. It is taken for ``LIFE`` seconds.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from hub.signing.suites import b64u, unb64u

LIFE = 300
STEP = 60  # a new nonce each minute
_MAC = 16


class Nonces:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def current(self, now: float) -> str:
        return self._make(int(now) // STEP)

    def fresh(self, nonce: str, now: float) -> bool:
        """True for a nonce of ours that is not older than ``LIFE``."""
        try:
            step = int.from_bytes(unb64u(nonce)[:6], "big")
        except ValueError:
            return False
        age = now - step * STEP
        return -STEP <= age <= LIFE + STEP and hmac.compare_digest(self._make(step).encode(), nonce.encode())

    def _make(self, step: int) -> str:
        head = step.to_bytes(6, "big")
        return b64u(head + hmac.digest(self._secret, b"dpop-nonce" + head, sha256)[:_MAC])

"""Why a peer's answer does not count. The three are the statuses of an answer, in the order they are judged.

PeerFault
├── PeerUnreachable   no whole answer in time, size and depth; redirect, compression, 5xx, open breaker
├── BadSignature      digest, signature, key, age, binding or region does not hold
└── PeerRefused       a 4xx, or a signed answer with errors or not as asked
"""

from __future__ import annotations

from typing import ClassVar

from schema.errors import ServiceError


class PeerFault(ServiceError):
    peer_status: ClassVar[str] = "UNREACHABLE"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"peer: {reason} {detail}".strip(), hint="credit-hub peers shows the state of each peer")
        self.reason = reason


class PeerUnreachable(PeerFault):
    peer_status = "UNREACHABLE"


class BadSignature(PeerFault):
    peer_status = "INVALID_SIGNATURE"


class PeerRefused(PeerFault):
    """``code_there``: the code of the peer's own error, where it gave one."""

    peer_status = "REFUSED"

    def __init__(self, reason: str, detail: str = "", code_there: str = "") -> None:
        super().__init__(reason, detail)
        self.code_there = code_there

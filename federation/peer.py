"""One peer: asking it a GraphQL question and judging what comes back, with a breaker in front.

The order of judgement is fixed (see ``federation/errors.py``): first whether there is a whole answer, then whether
its signature holds, then whether it is an answer to what was asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from federation.asked import expected
from federation.directory.model import Hub
from federation.errors import BadSignature, PeerFault, PeerRefused, PeerUnreachable
from federation.ports import Asker, Messenger, Request, Response
from federation.transport import Transport, check_shape

UNKNOWN_KEY = "unknown_key"  # reason of a signature by a key that the directory does not list
FAILURES = 3
PAUSE = 1.0  # seconds a breaker stays open at first; doubled up to PAUSE_MAX while the peer stays away
PAUSE_MAX = 8.0
Observe = Callable[[str, str, float], None]


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """``data`` of a signed answer; request, response and receipt id are kept for the evidence bundle."""

    hub: Hub
    data: Mapping[str, Any]
    request: Request
    response: Response
    receipt_id: str
    seconds: float


class Breaker:
    """Opens after some failures in a row, then lets one request through at a time after each pause.

    A request that its own asker gave up says nothing of the peer, and is not recorded.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._pause = PAUSE

    @property
    def open(self) -> bool:
        return self._failures >= FAILURES and self._clock() < self._until

    def admit(self) -> None:
        """Raises PeerUnreachable while open; otherwise the next failure counts at once."""
        if self.open:
            raise PeerUnreachable("breaker", "the peer failed several times in a row and is left alone for a moment")
        if self._failures >= FAILURES:
            self._until = self._clock() + self._pause

    def record(self, *, failed: bool) -> None:
        if not failed:
            self._failures, self._pause = 0, PAUSE
            return
        self._failures += 1
        if self._failures >= FAILURES:
            self._until = self._clock() + self._pause
            self._pause = min(self._pause * 2, PAUSE_MAX)


class Peer:
    """A neighbouring hub as this hub sees it."""

    def __init__(self, hub: Hub, messenger: Messenger, transport: Transport, observe: Observe | None = None) -> None:
        self.hub = hub
        self._messenger = messenger
        self._transport = transport
        self._observe = observe or (lambda region, status, seconds: None)
        self.breaker = Breaker()
        self.on_unknown_key: Callable[[Hub], None] = lambda hub: None
        self.trouble: PeerFault | None = None  # what was wrong with the last answer to a client's question

    async def query(
        self,
        document: str,
        variables: Mapping[str, Any],
        *,
        asker: Asker | None,
        deadline: float,
        probing: bool = False,
    ) -> PeerAnswer:
        """``data`` of the peer's answer. Raises the PeerFault that says why it does not count. ``probing``: not a
        client's question, so it says nothing of how those are answered."""
        body = orjson.dumps({"query": document, "variables": variables})
        started = time.monotonic()
        status = "ANSWERED"
        try:
            request, response = await self.send("POST", "/graphql", body, asker=asker, deadline=deadline)
            check_shape(response.body)
            if 400 <= response.status < 500:
                raise PeerRefused("status", str(response.status))
            receipt = self._messenger.check(self.hub, request, response)
            data = _data(response.body, document)
            self.trouble = self.trouble if probing else None
        except PeerFault as fault:
            status = fault.peer_status
            if not probing and not isinstance(fault, PeerUnreachable):
                self.trouble = fault
            if fault.reason == UNKNOWN_KEY:
                self.on_unknown_key(self.hub)
            raise
        finally:
            seconds = time.monotonic() - started
            self._observe(self.hub.region, status, seconds)
        return PeerAnswer(self.hub, data, request, response, receipt, seconds)

    async def send(
        self, method: str, path: str, body: bytes, *, asker: Asker | None, deadline: float, most: int | None = None
    ) -> tuple[Request, Response]:
        """One signed exchange; a 401 is tried once more, with the nonce that the peer asks for or a fresh token. Raises
        PeerFault. ``most``: see ``Transport.send``."""
        self.breaker.admit()
        try:
            request, response = await self._exchange(method, path, body, asker, deadline, most)
            asked = self._messenger.heard(self.hub, response)
            if response.status == 401:
                if not asked:
                    self._messenger.forget_token(self.hub)
                request, response = await self._exchange(method, path, body, asker, deadline, most)
                if self._messenger.heard(self.hub, response):  # a fresh token's first use may want a nonce
                    request, response = await self._exchange(method, path, body, asker, deadline, most)
        except PeerFault as fault:
            self.breaker.record(failed=isinstance(fault, PeerUnreachable))
            raise
        self.breaker.record(failed=False)
        return request, response

    async def _exchange(
        self, method: str, path: str, body: bytes, asker: Asker | None, deadline: float, most: int | None
    ) -> tuple[Request, Response]:
        try:
            async with asyncio.timeout_at(deadline):
                request = await self._messenger.sign(self.hub, method, path, body, asker)
        except TimeoutError:
            raise PeerUnreachable("deadline", "no token in time") from None
        return request, await self._transport.send(request, deadline=deadline, most=most)


def _data(body: bytes, document: str) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise PeerRefused("not JSON") from None
    if not isinstance(answer, dict):
        raise PeerRefused("not an answer")
    if answer.get("errors"):
        code = _code(answer["errors"])
        raise PeerRefused("errors", code, code)
    extensions = answer.get("extensions")
    if isinstance(extensions, dict) and extensions.get("withheld"):
        raise PeerRefused("withheld", "the peer withheld fields that the agreement opens")
    data = answer.get("data")
    if not isinstance(data, dict) or not expected(document)(data):
        raise PeerRefused("not as asked")
    return data


def _code(errors: Any) -> str:
    """The code of the first error of an answer, as far as it has the usual form."""
    first = errors[0] if isinstance(errors, list) else None
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code[:64] if isinstance(code, str) and code.isprintable() else ""


__all__ = ["BadSignature", "Breaker", "Peer", "PeerAnswer"]

"""New forms of statements wear the embedded engine, so each client has an allowance of them.

Its parser keeps what it has learnt from a form for good (``engine/heap.py``): a client that sends ever new, deep
documents fills the heap, and the engine collects or starts anew, for everybody. Statements that were asked before,
whoever asked, cost nothing; a new one costs its length. The allowance is far above what programs and people ask, and
far below what fills a heap within a day.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from schema.errors import LimitExceeded

BURST = 4_000_000  # characters of new statements of one client at once: some hundreds of deep forms
A_SECOND = 500.0  # characters that come back in a second: one deep form in about half a minute
KNOWN = 50_000  # statements remembered, by their hashes
CLIENTS = 10_000


class Wear:
    """Remembers statements by their hashes and what each client has left, in characters."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[int, None] = OrderedDict()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, statement: str) -> None:
        """Raises LimitExceeded where the client has no allowance left for a form that is new."""
        form = hash(statement)
        if form in self._known:
            self._known.move_to_end(form)
            return
        now = self._clock()
        left, then = self._left.pop(client, (float(BURST), now))
        left = min(float(BURST), left + (now - then) * A_SECOND)
        taken = left >= len(statement)
        self._left[client] = (left - len(statement) if taken else left, now)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        if not taken:
            raise LimitExceeded(
                "this client has asked too many new forms of questions for now",
                hint="ask documents that were asked before, with variables for what changes; or have them listed as "
                "trusted documents 请复用已有查询并以变量传值",
                message_zh="新形式的查询过多",
            )
        self._known[form] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

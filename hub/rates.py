"""Rate limits per client: a token bucket that holds one minute's allowance, split evenly among the workers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from hub.http import TooManyRequests

_CLIENTS = 10_000


class RateLimit:
    """``per_minute`` requests a minute for each client in this process."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1.0, per_minute)
        self._per_second = self._most / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client_id: str) -> None:
        """Raises TooManyRequests, with the seconds to wait, when the allowance is used up."""
        now = self._clock()
        left, then = self._buckets.pop(client_id, (self._most, now))
        left = min(self._most, left + (now - then) * self._per_second)
        taken = left >= 1
        self._buckets[client_id] = (left - 1 if taken else left, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        if not taken:
            error = TooManyRequests(
                "too many requests from this client", hint="wait as Retry-After says", message_zh="请求过于频繁"
            )
            error.headers["Retry-After"] = str(max(1, round((1 - left) / self._per_second)))
            raise error

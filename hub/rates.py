"""Rate limits: token buckets that hold one minute's allowance, for a client or an address, split among the workers."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from hub.http import TooManyRequests

_KEYS = 10_000


class RateLimit:
    """``per_minute`` for each key in this process; ``of`` says whose requests, or what, there were too many of."""

    def __init__(
        self,
        per_minute: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        of: tuple[str, str] = ("requests from this client", "请求过于频繁"),
    ) -> None:
        self._most = max(1.0, per_minute)
        self._per_second = self._most / 60
        self._clock = clock
        self._of = of
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, amount: float = 1) -> None:
        """Raises TooManyRequests, with the seconds to wait, when the allowance is used up. An amount beyond the whole
        allowance is let through when all of it is there, and paid off afterwards."""
        now = self._clock()
        with self._lock:
            left, then = self._buckets.pop(key, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_second)
            needed = min(amount, self._most)
            taken = left >= needed
            self._buckets[key] = (left - amount if taken else left, now)
            if len(self._buckets) > _KEYS:
                self._buckets.popitem(last=False)
        if not taken:
            what, what_zh = self._of
            error = TooManyRequests(f"too many {what}", hint="wait as Retry-After says", message_zh=what_zh)
            error.headers["Retry-After"] = str(max(1, round((needed - left) / self._per_second)))
            raise error


class RequestLimits:
    """The limits of one process, each a minute's: requests and cost of a client, requests of an address to what is
    answered before or without the log, and what a client may ask of ``/oauth``."""

    def __init__(self, *, requests: int, cost: int, address: int, oauth: int, workers: int) -> None:
        self.requests = RateLimit(requests / workers)
        self.cost = RateLimit(cost / workers, of=("costly questions from this client", "查询成本超出每分钟上限"))
        self.address = RateLimit(address / workers, of=("requests from this address", "该地址请求过于频繁"))
        self.oauth = RateLimit(oauth / workers, of=("token requests of this client", "令牌请求过于频繁"))

    def take(self, client_id: str) -> None:
        """One request of an authenticated client. Raises TooManyRequests."""
        self.requests.take(client_id)

"""Rate limits: a minute's allowance for each client, refilled steadily, with the seconds to wait."""

import pytest

from hub.http import TooManyRequests
from hub.rates import RateLimit


def test_each_client_has_its_own_allowance_and_gets_it_back():
    now = [0.0]
    limit = RateLimit(3, clock=lambda: now[0])
    for _ in range(3):
        limit.take("bank")
    with pytest.raises(TooManyRequests) as refused:
        limit.take("bank")
    assert refused.value.headers["Retry-After"] == "20"
    limit.take("city")
    now[0] = 20.0
    limit.take("bank")
    with pytest.raises(TooManyRequests):
        limit.take("bank")


def test_an_amount_beyond_the_whole_allowance_is_paid_off_afterwards():
    now = [0.0]
    limit = RateLimit(60, clock=lambda: now[0])
    limit.take("bank", 100)
    with pytest.raises(TooManyRequests) as refused:
        limit.take("bank", 1)
    assert refused.value.headers["Retry-After"] == "41"
    now[0] = 41.0
    limit.take("bank", 1)
    limit.take("city", 30)
    limit.take("city", 30)
    with pytest.raises(TooManyRequests):
        limit.take("city", 1)

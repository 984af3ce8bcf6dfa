"""New forms of statements are an allowance of each client; known forms are free."""

from __future__ import annotations

import pytest

from graph_loaders.reader.wear import A_SECOND, BURST, Wear
from schema.errors import LimitExceeded


def test_a_client_that_sends_ever_new_forms_is_stopped_and_no_other() -> None:
    now = 0.0
    wear = Wear(lambda: now)
    deep = BURST // 10
    for number in range(10):
        wear.take("one", f"{number:0>{deep}}")
    with pytest.raises(LimitExceeded, match="new forms"):
        wear.take("one", f"{10:0>{deep}}")
    wear.take("two", f"{10:0>{deep}}")
    wear.take("one", f"{10:0>{deep}}")  # known by now
    wear.take("one", f"{3:0>{deep}}")
    now = deep / A_SECOND
    wear.take("one", f"{11:0>{deep}}")
    with pytest.raises(LimitExceeded):
        wear.take("one", f"{12:0>{deep}}")

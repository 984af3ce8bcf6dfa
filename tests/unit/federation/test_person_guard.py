"""How many persons a neighbour may have named: refused beyond the agreement's number, and written down before that."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine

from federation.quota import ASKED, EXCHANGED, PersonCounts
from hub.federated.gate import Gate
from hub.federated.person_guard import NotExchanged, PersonGuard
from hub.http import TooManyRequests
from hub.metrics import Metrics
from policies.sharing import Sharing
from schema.caller import Caller
from schema.errors import LimitExceeded

CALLER = Caller("https://b", frozenset(), peer_region="320583", on_behalf_of="bank-7")


class Notes(list):
    async def note(self, kind, detail):
        self.append((kind, detail["kind"], detail["level"], detail["client"]))


@pytest.fixture
def place(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'counts.sqlite'}")
    days = [date(2026, 11, 1)]
    told = Sharing(agreements=("a@1",), persons_exchanged=10, persons_asked=4)
    notes, metrics = Notes(), Metrics()

    def guard():
        return PersonGuard(Gate(lambda region, day: told), PersonCounts(engine, lambda: days[0]), notes, metrics)

    yield SimpleNamespace(guard=guard, notes=notes, metrics=metrics, days=days)
    engine.dispose()


async def test_elements_are_counted_by_day_across_restarts_and_alarms_come_before_the_end(place):
    await place.guard().multiply(CALLER, 4)
    assert place.notes == []
    await place.guard().multiply(CALLER, 2)
    await place.guard().multiply(CALLER, 1)
    await place.guard().multiply(CALLER, 2)
    for _ in range(2):
        with pytest.raises(TooManyRequests) as refused:
            await place.guard().multiply(CALLER, 2)
    assert 0 < int(refused.value.headers["Retry-After"]) <= 86_401
    assert place.notes == [("persons-alarm", EXCHANGED, level, "bank-7") for level in ("50%", "80%", "refused")], (
        "once a day each"
    )
    text = place.metrics.text().decode()
    assert 'credit_hub_person_alarms_total{kind="exchanged",region="320583"} 5.0' in text
    assert 'credit_hub_person_elements_total{kind="exchanged",region="320583"} 9.0' in text
    place.days[0] = date(2026, 11, 2)
    await place.guard().multiply(CALLER, 10)


async def test_questions_end_with_the_days_number_and_with_what_was_exchanged(place):
    with pytest.raises(NotExchanged):
        await place.guard().ask(CALLER, ["guess 1", "guess 2", "guess 3"])
    assert place.notes[-1][1:3] == (ASKED, "refused")
    await place.guard().multiply(CALLER, 3)
    place.days[0] = date(2026, 11, 2)
    await place.guard().ask(CALLER, ["a", "b", "nobody's"])
    await place.guard().ask(CALLER, ["a", "b", "nobody's"])
    with pytest.raises(LimitExceeded):
        await place.guard().ask(CALLER, ["c", "d", "e"])

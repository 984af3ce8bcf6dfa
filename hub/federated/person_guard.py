"""Who may have how many persons named: the daily numbers of the agreements, kept, and an alarm before they are used up.

A hub that sends guesses instead of its own persons learns who a number is, one guess for each element. The numbers make
that slow (docs/federation.md says how slow), the alarms make it seen, the log says for which end client it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from federation.quota import ASKED, EXCHANGED, PersonCounts
from hub.federated.gate import Gate
from hub.http import TooManyRequests
from hub.ledger import Ledger
from hub.metrics import Metrics
from schema.caller import Caller
from schema.errors import Forbidden, HubError, LimitExceeded
from schema.times import SHANGHAI

log = logging.getLogger(__name__)
LEVELS = (50, 80)  # percent of a day's number


NOT_EXCHANGED, PERSONS_PENDING = "PERSONS_NOT_EXCHANGED", "PERSONS_PENDING"


class NotExchanged(Forbidden):
    code = NOT_EXCHANGED


class PersonsPending(HubError):
    """This hub has not exchanged all its own persons yet, so "unknown" would be no answer."""

    code = PERSONS_PENDING


class PersonGuard:
    def __init__(self, gate: Gate, counts: PersonCounts, ledger: Ledger, metrics: Metrics) -> None:
        self._gate = gate
        self._counts = counts
        self._ledger = ledger
        self._metrics = metrics

    async def multiply(self, caller: Caller, count: int) -> None:
        """Raises TooManyRequests where the agreement's number of elements for this day does not reach."""
        region = _region(caller)
        most = self._gate.sharing(region, None).persons_exchanged
        fits, spent = await asyncio.to_thread(self._counts.take, region, EXCHANGED, count, most)
        self._metrics.person_elements.labels(region, EXCHANGED).inc(count if fits else 0)
        await self._watch(caller, EXCHANGED, spent, most, refused=not fits)
        if not fits:
            error = TooManyRequests(
                f"the agreement opens {most} persons a day", hint="go on tomorrow", message_zh="当日人员交换额度已用完"
            )
            error.headers["Retry-After"] = str(_until_midnight())
            raise error

    async def ask(self, caller: Caller, tokens: Sequence[str]) -> None:
        """Raises LimitExceeded beyond the day's number of persons asked about, NotExchanged for more tokens than this
        peer ever had exchanged."""
        region = _region(caller)
        most = self._gate.sharing(region, None).persons_asked
        fits, spent, held = await asyncio.to_thread(self._counts.ask, region, tokens, most)
        self._metrics.person_elements.labels(region, ASKED).inc(len(tokens) if fits and held else 0)
        await self._watch(caller, ASKED, spent, most, refused=not (fits and held))
        if not fits:
            raise LimitExceeded(f"the agreement opens questions about {most} persons a day", hint="go on tomorrow")
        if not held:
            raise NotExchanged("more tokens than were exchanged", hint="exchange them first: POST /federation/persons")

    async def _watch(self, caller: Caller, kind: str, spent: int, most: int, *, refused: bool) -> None:
        level = "refused" if refused else next((f"{one}%" for one in LEVELS[::-1] if spent * 100 >= most * one), "")
        if not level:
            return
        region = _region(caller)
        self._metrics.person_alarms.labels(region, kind).inc()
        if not await asyncio.to_thread(self._counts.first, region, f"alarm {kind} {level}"):
            return
        facts = {"peer": region, "kind": kind, "level": level, "spent": spent, "of": most}
        log.warning("many persons are asked about by a neighbour", extra={"fields": facts})
        await self._ledger.note("persons-alarm", {**facts, "client": caller.on_behalf_of})


def _region(caller: Caller) -> str:
    assert caller.peer_region is not None
    return caller.peer_region


def _until_midnight() -> int:
    now = datetime.now(SHANGHAI)
    return int(((now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - now).total_seconds()) + 1

"""An asker who is alone has its entry written at once; whatever stands in the way, the ordinary way takes over."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from ledger_tools import entry, proven

from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.turnstile import Turnstile
from hub.settings import Settings
from schema.errors import Unauthenticated


async def test_an_entry_written_at_once_is_logged_and_proven(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        ids = [(await ledger.commit(entry(discloses=["a", "b"]), alone=True)).id for _ in range(30)]
        for identifier in ids:
            await proven(ledger, identifier)
        assert await ledger.mark_receipts("SUPERSEDED", ["a"], because="test") == len(ids)
    assert audit_ledger(settings).ok


async def test_a_proof_used_twice_is_refused_whichever_way_it_comes(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        for first in (True, False):
            jti = f"once-{first}"
            await ledger.commit(entry(jti=jti), alone=first)
            for way in (True, False):
                with pytest.raises(Unauthenticated, match="before"):
                    await ledger.commit(entry(jti=jti), alone=way)
    assert audit_ledger(settings).ok


async def test_both_ways_at_once_lose_nothing(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as one, await Ledger.open(sqlite_settings) as two:
        receipts = await asyncio.gather(
            *(ledger.commit(entry(), alone=n % 3 == 0) for n in range(300) for ledger in (one, two))
        )
        assert len({receipt.id for receipt in receipts}) == 600
        for receipt in receipts[::50]:
            await proven(one, receipt.id)
    audit = audit_ledger(sqlite_settings)
    assert audit.ok, audit.problems
    assert audit.entries >= 600


async def test_a_turn_that_is_taken_is_not_waited_for(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        await ledger.commit(entry(), alone=True)
        other = Turnstile(sqlite_settings.run)
        with other.turn():
            waiting = asyncio.create_task(ledger.commit(entry(), alone=True))
            began = time.monotonic()
            await asyncio.sleep(0.2)
            assert time.monotonic() - began < 1, "the event loop was kept waiting"
            assert not waiting.done()
        await proven(ledger, (await waiting).id)
        other.close()


def test_one_turn_at_a_time_and_none_left_behind(tmp_path: Path) -> None:
    one, two = Turnstile(tmp_path), Turnstile(tmp_path)
    for _ in range(3):
        with one.turn_now() as free, two.turn_now() as second:
            assert (free, second) == (True, False)
        with two.turn_now() as free:
            assert free
    with one.turn(), two.turn_now() as free:
        assert not free
    one.close()
    two.close()

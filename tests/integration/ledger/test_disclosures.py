"""What answers told of is found from the moment they were logged, before and after they have a place in the tree."""

from __future__ import annotations

import asyncio
import threading

import pytest
from earlier_version import take_back, write_as_before
from ledger_tools import BANK, entry, proven
from sqlalchemy import text

from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.sequencer import Sequencer
from hub.ledger.versions import VERSION
from hub.settings import Settings

SUBJECT = "91320400XYKYLT7MXW"


def found(ledger: Ledger, identifier: str) -> tuple[list[str], list[str]]:
    """Receipts by both searches: those to tell a client of, and who asked about it."""
    told = ledger.reader.told_to([identifier, "something else"], [BANK.client_id], 1, None)
    return told, [row["receipt"] for row in ledger.reader.asked_about(identifier)]


async def test_an_answer_is_found_by_what_it_told_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    extend = Sequencer._extend
    monkeypatch.setattr(Sequencer, "_extend", lambda self, connection: held.wait(0.2) and extend(self, connection))
    async with await Ledger.open(settings) as ledger:
        one = await ledger.commit(entry(discloses=["r1", SUBJECT]))
        two = await ledger.commit(entry(discloses=["r2", SUBJECT]), alone=True)
        await ledger.commit(entry())
        for _ in range(2):
            assert await asyncio.to_thread(found, ledger, "r1") == ([one.id], [one.id])
            assert await asyncio.to_thread(found, ledger, "r2") == ([two.id], [two.id])
            told, asked = await asyncio.to_thread(found, ledger, SUBJECT)
            assert (sorted(told), asked) == (sorted([one.id, two.id]), [two.id, one.id])
            assert await asyncio.to_thread(found, ledger, "r3") == ([], [])
            held.set()
            await proven(ledger, two.id)


async def test_receipts_without_a_place_yet_are_marked_and_erased(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    extend = Sequencer._extend
    monkeypatch.setattr(Sequencer, "_extend", lambda self, connection: held.wait(0.2) and extend(self, connection))
    async with await Ledger.open(settings) as ledger:
        one = await ledger.commit(entry(discloses=["r1"]))
        two = await ledger.commit(entry(discloses=[SUBJECT]))
        assert await ledger.mark_receipts("REVOKED", ["r1"], because="test") == 1
        assert await ledger.erase(subject=SUBJECT, because="test") == 1
        held.set()
        await proven(ledger, one.id)
        status = await asyncio.to_thread(ledger.reader.status, one.id)
        assert status is not None
        assert status["status"] == "REVOKED"
        assert await asyncio.to_thread(found, ledger, SUBJECT) == ([], [])
        assert await asyncio.to_thread(ledger.reader.proof, two.id) is None
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_log_of_a_version_before_is_taken_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    with monkeypatch.context() as earlier:
        write_as_before(earlier)
        async with await Ledger.open(settings) as ledger:
            old = await ledger.commit(entry(discloses=["r1"]))
            gone = await ledger.commit(entry(discloses=["r3"]))
            revoked = await ledger.commit(entry(discloses=["r2"]))
            await proven(ledger, gone.id)
            await proven(ledger, revoked.id)
            ledger._sequencer.stop()
            more = [
                f"DELETE FROM ledger_details WHERE id = '{gone.id}'",
                f"DELETE FROM ledger_disclosed WHERE id = '{gone.id}'",
                f"UPDATE ledger_entries SET status = 2, changed_us = 5 WHERE id = '{revoked.id}'",
            ]
            if version == "1":
                more += ["ALTER TABLE ledger_details DROP COLUMN disclosed"]
                more += ["UPDATE ledger_meta SET value = '1' WHERE key = 'version'"]
            take_back(ledger, settings, tuple(more))
    async with await Ledger.open(settings) as ledger, await Ledger.open(settings) as another:
        new = await another.commit(entry(discloses=["r1"]))
        assert await ledger.mark_receipts("SUPERSEDED", ["r1"], because="test") == 2
        assert await ledger.mark_receipts("SUPERSEDED", ["r2"], because="test") == 0
        await proven(ledger, new.id)
        await proven(ledger, old.id)
        with ledger._database.read() as connection:
            assert connection.scalar(text("SELECT value FROM ledger_meta WHERE key = 'version'")) == VERSION
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.erased, audit.earlier) == (1, 3)
    async with await Ledger.open(settings) as ledger:
        with ledger._database.write() as connection:
            connection.execute(text(f"DELETE FROM ledger_details WHERE id = '{old.id}'"))
    assert not audit_ledger(settings).ok, "nothing is taken over twice"

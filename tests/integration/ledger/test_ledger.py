"""The ledger on both databases: one entry per answer, proofs that others verify, nothing answered twice or unlogged."""

from __future__ import annotations

import asyncio
import hashlib
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_tools import BANK, claims, entry, proven
from sqlalchemy import func, select

from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.notes import open_checkpoint
from hub.ledger.receipts import seen_key
from hub.ledger.tables import details, disclosed, entries
from hub.settings import Settings
from schema.errors import LedgerUnavailable, SettingsError, Unauthenticated, UsageError


async def test_a_read_is_logged_proven_and_audited(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        receipt = await ledger.commit(entry(subject="91320400MA1XXXXXX1"))
        found = await proven(ledger, receipt.id)
        said = claims(found["receipt"])
        assert said["iss"] == "https://hub.example"
        assert said["jti"] == receipt.id
        assert said["purpose"] == "loan"
        assert said["consent"] is None
        commitment = hashlib.sha256(receipt.salt + b"91320400MA1XXXXXX1").digest()
        assert said["subject_commitment"] == urlsafe_b64encode(commitment).rstrip(b"=").decode()
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.covered, audit.waiting) == (2, 0)  # the read, and the note of the signing key


async def test_a_proof_used_twice_is_refused_and_leaves_no_entry(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        await ledger.commit(entry(jti="once"))
        results = await asyncio.gather(
            *[ledger.commit(entry(jti="twice")) for _ in range(5)],
            ledger.commit(entry(jti="once")),
            ledger.commit(entry(jti="other")),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, Unauthenticated)]
        assert len(refused) == 5
        assert 'error="invalid_dpop_proof"' in refused[0].www_authenticate
        assert await ledger.commit(entry(replace(BANK, jkt="another key"), jti="once"))
        with ledger._database.read() as connection:
            assert connection.scalar(select(func.count()).where(entries.c.kind == "read")) == 4


async def test_values_are_used_once_across_two_open_ledgers(settings: Settings) -> None:
    soon = int(time.time()) + 60
    async with await Ledger.open(settings) as one, await Ledger.open(settings) as two:
        await one.remember("request-nonce", "peer\nn-1", soon)
        with pytest.raises(Unauthenticated):
            await two.remember("request-nonce", "peer\nn-1", soon)
        await one.remember_dpop("thumb", "j-1", soon)
        with pytest.raises(Unauthenticated):
            await two.commit(entry(jti="j-1"))


async def test_a_checkpoint_covers_an_entry_within_a_second_under_load(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        stop = asyncio.Event()

        async def busy() -> None:
            while not stop.is_set():
                await ledger.commit(entry())

        load = [asyncio.create_task(busy()) for _ in range(8)]
        await asyncio.sleep(0.3)
        started = time.monotonic()
        receipt = await ledger.commit(entry())
        await proven(ledger, receipt.id)
        assert time.monotonic() - started < 1.5
        stop.set()
        await asyncio.gather(*load)
    assert audit_ledger(settings).ok


async def test_one_of_two_processes_sequences_and_the_other_takes_over(settings: Settings) -> None:
    first = await Ledger.open(settings)
    await proven(first, (await first.commit(entry())).id)
    second = await Ledger.open(settings)
    receipts = await asyncio.gather(*[ledger.commit(entry()) for _ in range(20) for ledger in (first, second)])
    await first.close()
    late = await second.commit(entry())
    for receipt in (*receipts, late):
        await proven(second, receipt.id)
    await second.close()
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.covered, audit.waiting) == (43, 0)


async def test_a_note_is_an_entry_and_key_history_is_in_the_log(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        receipt = await ledger.note("load", {"run": "r-1", "rows": 3})
        await proven(ledger, receipt.id)
        made = await ledger.rotate_keys()
        assert await ledger.commit(entry())
        with ledger._database.read() as connection:
            kinds = [kind for (kind,) in connection.execute(select(entries.c.kind).order_by(entries.c.id))]
            texts = connection.scalars(
                select(details.c.detail)
                .join(entries, entries.c.id == details.c.id)
                .where(entries.c.kind == "signing-key")
            ).all()
    assert kinds == ["signing-key", "load", "signing-key", "signing-key", "read"]  # first, its new end, the next
    assert sum(made.kid in text for text in texts if text) == 1
    assert audit_ledger(settings).ok


async def test_erasing_detail_leaves_the_tree_and_the_other_proofs(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        gone = await ledger.commit(entry(subject="91320400MA1XXXXXX1", discloses=["91320400MA1XXXXXX1"]))
        told = await ledger.commit(entry(discloses=["91320400MA1XXXXXX1", "other"]))
        kept = await ledger.commit(entry(subject="91330500MA2XXXXXX2"))
        before = (await proven(ledger, gone.id))["checkpoint"]
        assert await ledger.erase(subject="91320400MA1XXXXXX1", because="request of the subject") == 2
        assert await asyncio.to_thread(ledger.reader.proof, gone.id) is None
        await proven(ledger, kept.id)
        assert (await asyncio.to_thread(ledger.reader.status, gone.id) or {})["status"] == "VALID"
        with ledger._database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(disclosed)) == 0
            texts = [str(row) for row in connection.execute(select(details))] + [
                str(row) for row in connection.execute(select(entries))
            ]
        assert not [text for text in texts if "91320400MA1XXXXXX1" in text or (told.id in text and "bank" in text)]
        with pytest.raises(UsageError):
            await ledger.erase(because="nothing named")
    if settings.sql == "sqlite":
        assert b"91320400MA1XXXXXX1" not in (settings.data / "hub.sqlite").read_bytes()
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert audit.erased == 2
    assert open_checkpoint(before, [ledger.verifier]).size < audit.covered


async def test_receipts_that_told_of_a_record_are_marked_and_never_unmarked(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        told = await ledger.commit(entry(discloses=["record-1", "record-2"]))
        other = await ledger.commit(entry(discloses=["record-3"]))

        async def status(receipt_id: str) -> object:
            return (await asyncio.to_thread(ledger.reader.status, receipt_id) or {}).get("status")

        assert await ledger.mark_receipts("SUPERSEDED", ["record-2"], because="corrected") == 1
        assert (await status(told.id), await status(other.id)) == ("SUPERSEDED", "VALID")
        assert await ledger.mark_receipts("REVOKED", ["record-1", "none"], because="revoked") == 1
        assert await ledger.mark_receipts("SUPERSEDED", ["record-1"], because="again") == 0
        assert await status(told.id) == "REVOKED"
        later = await ledger.commit(entry(discloses=["record-1"]))
        assert await status(later.id) == "VALID"
        with pytest.raises(UsageError, match="VALID"):
            await ledger.mark_receipts("VALID", ["record-1"], because="no way back")
        asked = await asyncio.to_thread(ledger.reader.asked_about, "record-1")
        assert [line["receipt"] for line in asked] == [later.id, told.id]
        assert (asked[0]["client"], asked[0]["purpose"]) == ("bank", "loan")
    assert audit_ledger(settings).ok


async def test_hostile_text_of_one_client_fails_nobody(settings: Settings) -> None:
    hostile = replace(BANK, case="\0\ud800", on_behalf_of="a\0b", client_id="\udfff")
    async with await Ledger.open(settings) as ledger:
        results = await asyncio.gather(
            ledger.commit(entry(hostile, jti="\ud800", subject="\0", discloses=["\ud800"])),
            *[ledger.commit(entry()) for _ in range(5)],
        )
        for receipt in results:
            await proven(ledger, receipt.id)


async def test_used_values_are_forgotten_only_after_their_time(settings: Settings) -> None:
    from hub.ledger.changes import remember

    async with await Ledger.open(settings) as ledger:
        now = int(time.time())
        await ledger.remember("x", "old", now - 500)
        await ledger.remember("x", "fresh", now + 500)
        ledger._sequencer._run_write(ledger._sequencer._purge)
        await ledger.remember("x", "old", now + 500)
        with ledger._database.write() as connection:
            assert not remember(connection, ledger._database, seen_key("x", "fresh"), now)


async def test_a_database_of_another_hub_is_refused(settings: Settings, tmp_path: Path) -> None:
    await (await Ledger.open(settings)).close()
    stranger = replace(settings, data=tmp_path / "stranger")
    if settings.sql == "sqlite":
        stranger.data.mkdir()
        (settings.data / "hub.sqlite").rename(stranger.data / "hub.sqlite")
    with pytest.raises(SettingsError, match="another hub"):
        await Ledger.open(stranger)


async def test_a_database_set_back_is_refused_and_the_audit_says_shrunk(sqlite_settings: Settings) -> None:
    settings = sqlite_settings
    ledger = await Ledger.open(settings)
    await ledger.commit(entry())
    await ledger.close()
    earlier = (settings.data / "hub.sqlite").read_bytes()
    ledger = await Ledger.open(settings)
    await ledger.commit(entry())
    await ledger.close()
    (settings.data / "hub.sqlite").write_bytes(earlier)
    with pytest.raises(LedgerUnavailable, match="set back"):
        await Ledger.open(settings)
    audit = audit_ledger(settings)
    assert not audit.ok
    assert "shrunk" in audit.problems[0]


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE ledger_details SET receipt = receipt || 'x' WHERE client = 'bank'", "not the one that was logged"),
        ("UPDATE ledger_entries SET leaf = zeroblob(32) WHERE idx = 1", "not"),
        ("DELETE FROM ledger_entries WHERE idx = 1", "missing"),
        ("UPDATE ledger_tiles SET data = zeroblob(length(data))", "tile"),
        ("UPDATE ledger_checkpoints SET note = replace(note, 'hub.example', 'hub.examplf')", "not the log's"),
        ("UPDATE ledger_checkpoints SET size = size + 100", "stored for"),
        ("UPDATE ledger_meta SET value = '99' WHERE key = 'tree'", "signed with 99"),
        ("UPDATE ledger_entries SET idx = NULL WHERE idx = 2", "has shrunk"),
    ],
)
async def test_the_audit_finds_what_was_changed_behind_its_back(
    sqlite_settings: Settings, statement: str, word: str
) -> None:
    import sqlite3

    async with await Ledger.open(sqlite_settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        await proven(ledger, (await ledger.commit(entry())).id)
    with sqlite3.connect(sqlite_settings.data / "hub.sqlite") as connection:
        connection.execute(statement)
    connection.close()
    audit = audit_ledger(sqlite_settings)
    assert any(word in problem for problem in audit.problems), audit.problems


async def test_files_of_the_ledger_are_readable_by_the_owner_alone(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        for path in (*(sqlite_settings.data / "keys").iterdir(), sqlite_settings.data / "hub.sqlite"):
            assert path.stat().st_mode & 0o077 == 0, path

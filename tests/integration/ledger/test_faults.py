"""Killed, locked, full, gone: nothing acknowledged is lost, nothing is answered unlogged, and it recovers by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ledger_tools import entry, proven
from postgres_server import Server
from sqlalchemy import select

from hub.auth.database import Database as AuthDatabase
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.last_head import LastHead
from hub.ledger.tables import entries
from hub.settings import Settings
from schema.errors import LedgerUnavailable

LOCKS = Path("/proc/locks")  # on Linux
HERE = Path(__file__).resolve().parent


@contextmanager
def committer(settings: Settings, waiters: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env = kept | {
        "HUB_DATA": str(settings.data),
        "HUB_SQL": settings.sql,
        "HUB_BASE_URL": settings.base_url,
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[2])]),
    }
    process = subprocess.Popen(
        [sys.executable, str(HERE / "committer.py"), str(waiters)],
        env=env | more,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def read_until(process: subprocess.Popen[str], wanted: str | None, count: int) -> list[str]:
    """Lines until ``count`` of them are ``wanted`` (None: ids)."""
    assert process.stdout is not None
    lines: list[str] = []
    found = 0
    while found < count:
        line = process.stdout.readline().strip()
        assert line, "the committer ended"
        lines.append(line)
        found += line == wanted if wanted else line != "refused"
    return lines


@pytest.fixture(params=[False, True], ids=["queued", "alone"])
def alone(request: pytest.FixtureRequest) -> bool:
    """Both ways to the store: through the writing thread, and at once by an asker who is alone."""
    return bool(request.param)


async def signed_and_kept(ledger: Ledger, settings: Settings, alone: bool) -> None:
    """An entry that a checkpoint covers, and the note beside the database by which a loss is noticed."""
    size = (await proven(ledger, (await ledger.commit(entry(), alone=alone)).id))["proof"]["size"]
    head, deadline = LastHead(settings), time.monotonic() + 5
    while int((head.read() or "\n0").splitlines()[1]) < size:
        assert time.monotonic() < deadline, "the last head is not kept"
        await asyncio.sleep(0.02)


async def held(settings: Settings) -> set[str]:
    async with await Ledger.open(settings) as ledger:
        with ledger._database.read() as connection:
            return set(connection.scalars(select(entries.c.id)))


@pytest.mark.parametrize(("acknowledged", "waiters"), [(1, 16), (200, 16), (900, 16), (300, 1)])
async def test_kill_9_loses_nothing_acknowledged_and_leaves_a_whole_tree(
    settings: Settings, acknowledged: int, waiters: int
) -> None:
    with committer(settings, waiters) as one, committer(settings, 4) as two:
        ids = [*read_until(one, None, acknowledged), *read_until(two, None, 1)]
        one.send_signal(signal.SIGKILL)
        two.send_signal(signal.SIGKILL)
        for process in (one, two):
            assert process.stdout is not None
            ids += process.stdout.read().split()
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert set(ids) <= await held(settings)
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.waiting, audit.covered) == (0, audit.entries)


async def test_when_the_sequencer_is_killed_another_process_covers_the_rest(settings: Settings) -> None:
    with committer(settings, 2) as first:
        read_until(first, None, 50)
        async with await Ledger.open(settings) as ledger:
            first.send_signal(signal.SIGKILL)
            first.wait(timeout=10)
            receipt = await ledger.commit(entry())
            await proven(ledger, receipt.id)
    assert audit_ledger(settings).ok


@pytest.mark.parametrize("waiters", [1, 2])
async def test_full_disk_is_503_and_ends_when_there_is_room(sqlite_settings: Settings, waiters: int) -> None:
    with committer(sqlite_settings, waiters, TEST_FILE_LIMIT=str(400 * 1024)) as process:
        lines = read_until(process, "refused", 5)
        assert process.stdin is not None
        process.stdin.write("room\n")
        process.stdin.flush()
        lines += read_until(process, None, 50)
        process.kill()
        assert process.stdout is not None
        lines += process.stdout.read().split()
    ids = {line for line in lines if line != "refused"}
    assert ids <= await held(sqlite_settings)
    audit = audit_ledger(sqlite_settings)
    assert audit.ok, audit.problems


async def test_locked_database_is_503_and_ends_with_the_lock(sqlite_settings: Settings, alone: bool) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        lock = sqlite3.connect(sqlite_settings.data / "hub.sqlite", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(LedgerUnavailable, match="locked") as caught:
            await ledger.commit(entry(), alone=alone)
        assert time.monotonic() - started < 5
        assert caught.value.status == 503
        assert "locked" in (ledger.healthy() or "")
        lock.execute("ROLLBACK")
        lock.close()
        await proven(ledger, (await ledger.commit(entry(), alone=alone)).id)
        assert ledger.healthy() is None


async def test_removed_database_is_503_until_it_is_back(sqlite_settings: Settings, alone: bool) -> None:
    path = sqlite_settings.data / "hub.sqlite"
    async with await Ledger.open(sqlite_settings) as ledger:
        await proven(ledger, (await ledger.commit(entry(), alone=alone)).id)
        path.rename(path.with_suffix(".away"))
        with pytest.raises(LedgerUnavailable, match="gone"):
            await ledger.commit(entry(), alone=alone)
        assert "gone" in (ledger.healthy() or "")
        assert not path.exists()
        path.with_suffix(".away").rename(path)
        await proven(ledger, (await ledger.commit(entry(), alone=alone)).id)
    assert audit_ledger(sqlite_settings).ok


async def test_a_database_swapped_for_an_older_one_while_running_is_refused(
    sqlite_settings: Settings, alone: bool
) -> None:
    path = sqlite_settings.data / "hub.sqlite"
    await (await Ledger.open(sqlite_settings)).close()
    older = path.read_bytes()
    async with await Ledger.open(sqlite_settings) as ledger:
        await signed_and_kept(ledger, sqlite_settings, alone)
        for part in path.parent.glob("hub.sqlite*"):
            part.unlink()
        path.write_bytes(older)
        with pytest.raises(LedgerUnavailable, match="set back"):
            await ledger.commit(entry(), alone=alone)
        with pytest.raises(LedgerUnavailable, match="set back"):
            await ledger.commit(entry(), alone=alone)


async def test_removed_data_folder_is_503_and_nothing_is_made_in_its_place(
    sqlite_settings: Settings, alone: bool
) -> None:
    ledger = await Ledger.open(sqlite_settings)
    await signed_and_kept(ledger, sqlite_settings, alone)
    path = sqlite_settings.data / "hub.sqlite"
    for part in path.parent.glob("hub.sqlite*"):
        part.unlink()
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(entry(), alone=alone)
    await ledger.close()
    assert not path.exists()
    with pytest.raises(LedgerUnavailable, match="set back"):
        await Ledger.open(sqlite_settings)


@pytest.mark.postgres
async def test_stopped_postgres_is_503_and_ends_with_its_return(postgres: Server, tmp_path: Path) -> None:
    if not postgres.ours:
        pytest.skip("needs a server that the test may stop")
    sql = postgres.new_database(f"hub_{uuid.uuid4().hex}")
    settings = Settings(data=tmp_path / "hub", sql=sql, base_url="https://hub.example")
    async with await Ledger.open(settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        await asyncio.to_thread(postgres.stop)
        try:
            started = time.monotonic()
            with pytest.raises(LedgerUnavailable):
                await ledger.commit(entry())
            assert time.monotonic() - started < 5
        finally:
            await asyncio.to_thread(postgres.start)
        deadline = time.monotonic() + 10
        while True:
            try:
                receipt = await ledger.commit(entry())
                break
            except LedgerUnavailable:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
        await proven(ledger, receipt.id, seconds=5)
    assert audit_ledger(settings).ok


async def test_processes_that_write_without_pause_do_not_starve_one_another(settings: Settings) -> None:
    with committer(settings, 16) as one, committer(settings, 16) as two:
        read_until(one, None, 100)
        read_until(two, None, 100)
        async with await Ledger.open(settings) as ledger:
            waits = []
            for _ in range(20):
                started = time.monotonic()
                await ledger.commit(entry())
                waits.append(time.monotonic() - started)
    assert max(waits) < 1.0, waits


async def test_another_process_that_comes_and_goes_leaves_the_write_ahead_log_alone(sqlite_settings: Settings) -> None:
    settings = sqlite_settings
    log = settings.data / "hub.sqlite-wal"
    async with await Ledger.open(settings) as ledger:
        await ledger.commit(entry())
        before = log.stat().st_ino
        async with await Ledger.open(settings):
            pass
        AuthDatabase(settings.sql_url).make_file()  # what else this process opens must not cost it its locks
        if LOCKS.exists():
            assert f":{(settings.data / 'hub.sqlite').stat().st_ino} " in LOCKS.read_text()
        for _ in range(2):
            assert await asyncio.to_thread(audit_elsewhere, settings) == 0
        assert log.stat().st_ino == before
        await proven(ledger, (await ledger.commit(entry())).id)
        assert await asyncio.to_thread(audit_elsewhere, settings) == 0
        assert ledger.healthy() is None


async def test_a_write_ahead_log_taken_away_is_noticed_before_anything_is_answered(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        (sqlite_settings.data / "hub.sqlite-wal").unlink()
        receipts = []
        for _ in range(3):
            try:
                receipts.append(await ledger.commit(entry()))
            except LedgerUnavailable:
                continue
        for receipt in receipts:
            await proven(ledger, receipt.id)
    found = await held(sqlite_settings) if receipts else set()
    assert {receipt.id for receipt in receipts} <= found


def audit_elsewhere(settings: Settings) -> int:
    code = (
        "import sys; from hub.settings import load_settings; from hub.ledger.audit import audit_ledger;"
        "audit = audit_ledger(load_settings()); print(audit.problems); sys.exit(not audit.ok)"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env |= {"HUB_DATA": str(settings.data), "HUB_BASE_URL": settings.base_url, "PYTHONPATH": str(HERE.parents[2])}
    return subprocess.run([sys.executable, "-c", code], env=env, check=False, timeout=30).returncode

"""Processes killed at random moments: no act that was acknowledged is lost, none is there twice, none half.

``HUB_TEST_KILLS=100 HUB_TEST_DUE=10000`` runs them at full length.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
from sqlalchemy import func, insert, select

from hub.acts.checking import check_acts
from hub.acts.due_work import DueWork
from hub.acts.tables import acts, due, keys
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.settings import Settings
from schema.times import now_us
from tests.integration.acts.desk import open_desk
from tests.integration.acts.worker import noticed

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("HUB_TEST_KILLS", "3"))
DUE = int(os.environ.get("HUB_TEST_DUE", "300"))


def start(settings: Settings, what: str, name: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment |= {
        "HUB_DATA": str(settings.data),
        "HUB_SQL": settings.sql,
        "HUB_BASE_URL": settings.base_url,
        "HUB_REGION": settings.region,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.integration.acts.worker", what, name]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def read_lines(process: subprocess.Popen[str], wanted: int) -> list[str]:
    """So many lines, a kill at a random moment after them, and what was told before it."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(wanted)]
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


async def test_killed_while_it_acts_nothing_acknowledged_is_lost_doubled_or_half_done(settings: Settings):
    acknowledged: dict[str, str] = {}
    for kill in range(KILLS):
        process = start(settings, "checks", f"run{kill}")
        lines = await asyncio.to_thread(read_lines, process, random.randint(1, 40))
        acknowledged |= dict(line.split(" ") for line in lines if " " in line)
    assert len(acknowledged) >= KILLS
    async with await Ledger.open(settings) as ledger:
        desk = await open_desk(settings, ledger)
        rows = await ledger.store.read(lambda c: c.execute(select(keys.c.key, keys.c.receipt)).all())
        kept = {row.key: row.receipt for row in rows}
        assert {key: kept.get(key) for key in acknowledged} == acknowledged
        count = await ledger.store.read(lambda c: c.scalar(select(func.count()).select_from(acts)))
        assert count == len(kept)  # one act for each key, none without one
        assert len(set(kept.values())) == len(kept)
        checked = await check_acts(desk.journal)
        assert (checked.acts, checked.faults) == (count, [])
    assert (await asyncio.to_thread(audit_ledger, settings)).ok


async def test_due_work_is_done_once_each_by_four_workers_that_are_killed(settings: Settings):
    async with await Ledger.open(settings) as ledger:
        desk = await open_desk(settings, ledger)
        rows = [
            {"id": f"notice|{n}|2026-11-02", "kind": "test-notice", "thing": str(n), "at_us": now_us(), "about": "{}"}
            for n in range(DUE)
        ]
        await ledger.store.write(lambda c: c.execute(insert(due), rows))
        for turn in range(max(1, KILLS // 3)):
            workers = [start(settings, "due", f"{turn}-{n}") for n in range(4)]
            for worker in workers:
                await asyncio.to_thread(read_lines, worker, random.randint(0, 3))
        await ledger.store.write(lambda c: c.execute(due.update().values(lease_us=0)))  # as when their leases ran out
        work = DueWork(desk.acts.standing, {"test-notice": noticed})
        while await work.once():
            pass
        bodies = await ledger.store.read(lambda c: c.scalars(select(acts.c.body)).all())
        assert Counter(orjson.loads(body)["due"] for body in bodies) == Counter(row["id"] for row in rows)
        left = select(func.count()).select_from(due).where(due.c.done_us.is_(None))
        assert await ledger.store.read(lambda c: c.scalar(left)) == 0
        assert (await check_acts(desk.journal)).faults == []


async def test_work_that_was_missed_is_done_and_work_for_later_is_not(settings: Settings):
    async with await Ledger.open(settings) as ledger:
        desk = await open_desk(settings, ledger)
        hour = 3_600_000_000
        rows = [
            {"id": name, "kind": "test-notice", "thing": "x", "at_us": now_us() + shift, "about": "{}"}
            for name, shift in (("long ago", -1000 * hour), ("later", hour))
        ]
        await ledger.store.write(lambda c: c.execute(insert(due), rows))
        work = DueWork(desk.acts.standing, {"test-notice": noticed})
        assert [await work.once(), await work.once()] == [1, 0]

"""A process that gets no processor is busy; one that is frozen, or has ended, is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_loaders.engine.jvm import worked_seconds

SPIN = """
import threading
def spin():
    while True:
        pass
for _ in range(3):
    threading.Thread(target=spin).start()
"""


@pytest.fixture
def spinning() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SPIN], preexec_fn=lambda: os.nice(19))
    yield process
    process.kill()
    process.wait()


def _grows(pid: int, by: float, within: float) -> bool:
    before, deadline = worked_seconds(pid), time.monotonic() + within
    assert before is not None
    while time.monotonic() < deadline:
        time.sleep(0.05)
        if (worked_seconds(pid) or 0.0) - before > by:
            return True
    return False


def _stopped(pid: int) -> bool:
    stats = [path.read_bytes().rpartition(b")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return bool(stats) and set(stats) == {b"T"}


def test_waiting_for_a_processor_counts_and_being_frozen_does_not(spinning: subprocess.Popen[bytes]) -> None:
    """One processor that another process wants too, and more: what the queue gives is little, standing in it counts."""
    one = {min(os.sched_getaffinity(0))}
    rivals = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(2)]
    try:
        for process in (spinning, *rivals):
            os.sched_setaffinity(process.pid, one)
        assert _grows(spinning.pid, 1.0, 30)
        os.kill(spinning.pid, signal.SIGSTOP)
        deadline = time.monotonic() + 60
        while not _stopped(spinning.pid) and time.monotonic() < deadline:
            time.sleep(0.05)  # each thread has to get the processor once to stop
        assert not _grows(spinning.pid, 0.05, 1.0)
    finally:
        for process in rivals:
            process.kill()
            process.wait()


def test_a_process_that_has_ended_works_no_more(spinning: subprocess.Popen[bytes]) -> None:
    spinning.kill()
    os.waitid(os.P_PID, spinning.pid, os.WEXITED | os.WNOWAIT)
    assert worked_seconds(spinning.pid) is None
    spinning.wait()
    assert worked_seconds(spinning.pid) is None

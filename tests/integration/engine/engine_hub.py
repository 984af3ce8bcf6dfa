"""Processes that use the embedded engine, and a look at what they leave behind."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

JOINER = Path(__file__).with_name("joiner.py")


class Hub:
    """One data folder and the processes around it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.users: list[subprocess.Popen[str]] = []

    def start_user(self, what: str = "hold") -> subprocess.Popen[str]:
        line = [sys.executable, str(JOINER), str(self.data), what]
        user = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.users.append(user)
        return user

    def joined(self, what: str = "hold") -> subprocess.Popen[str]:
        user = self.start_user(what)
        assert heard(user) == "joined"
        return user

    @property
    def address(self) -> dict[str, object]:
        return dict(json.loads((self.data / "run/engine.json").read_text()))

    @property
    def engine(self) -> psutil.Process:
        return psutil.Process(int(str(self.address["pid"])))

    @property
    def keeper(self) -> psutil.Process:
        return psutil.Process(int((self.data / "run/engine.keeper").read_text()))

    def processes(self) -> list[psutil.Process]:
        """Engines and keepers of this folder that are alive."""
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            line = " ".join(process.info["cmdline"] or [])
            mine = str(self.data) in line and ("ArcadeDBServer" in line or "engine.keeper" in line)
            if mine and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        return found

    def engines(self) -> list[psutil.Process]:
        return [process for process in self.processes() if "java" in process.name()]


def heard(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def finish(user: subprocess.Popen[str]) -> int:
    """Lets a holding user end by itself."""
    assert user.stdin is not None
    user.stdin.close()
    return user.wait(20)


def until(done: Callable[[], bool], within: float) -> float:
    """Waits for a state that other processes reach; the seconds it took. Fails after ``within``."""
    started = time.monotonic()
    while not done():
        assert time.monotonic() - started < within, f"not within {within} s"
        time.sleep(0.05)
    return time.monotonic() - started


async def until_async(done: Callable[[], bool], within: float) -> float:
    return await asyncio.to_thread(until, done, within)

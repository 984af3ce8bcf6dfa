"""One hub as an operator runs it: the real command in a process of its own, with its own data folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class HubProcess:
    url: str
    environment: dict[str, str]
    pid: int = 0

    def command(self, *words: str, code: int = 0) -> str:
        """Runs a command of this hub and gives what it printed."""
        return run(self.environment, *words, code=code)

    def facts(self, *words: str) -> Any:
        return json.loads(self.command(*words, "--json"))


def run(environment: dict[str, str], *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hub", *words], env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == code, f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def running_hub(data: Path, *, workers: int = 1, module: str = "hub", **settings: str) -> Iterator[HubProcess]:
    """``credit-hub serve`` on a free port until the block ends; or another module that serves."""
    serve = ["serve", "--json", "--workers", str(workers)] if module == "hub" else []
    given = {"HUB_DATA": str(data), "HUB_PORT": "0", "HUB_GRAPH_HEAP_MB": "256", "HUB_LOG_LEVEL": "WARNING", **settings}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | given
    process = subprocess.Popen(
        [sys.executable, "-m", module, *serve],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the hub did not start"
        yield HubProcess(json.loads(line)["url"], environment, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

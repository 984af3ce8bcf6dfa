"""A hub and its commands on a disk that becomes full: told in one line, not ready, and well again by itself."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from graph_loaders.sample import make_city
from tests.journeys.hub_process import HubProcess, running_hub

pytestmark = pytest.mark.slow
MEGABYTES = 150


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of its own in memory; needs the right to mount."""
    folder = tmp_path_factory.mktemp("small-disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def filled(folder: Path) -> Path:
    path = folder / "fill"
    block = b"\0" * 65_536
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(block):
                pass
        except OSError:
            return path
    raise AssertionError("the disk has no end")


def one_line(hub: HubProcess, *words: str) -> None:
    """The command says that the disk is full in one line, with exit code 3."""
    line = [sys.executable, "-m", "hub", *words]
    done = subprocess.run(line, env=hub.environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 3, (words, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    told = [one for one in done.stderr.splitlines() if one.startswith("credit-hub:")]
    assert len(told) == 1, done.stderr
    assert "full" in told[0] or "No space" in told[0], told


def test_a_full_disk_is_told_and_left_behind(small_disk: Path, tmp_path: Path):
    make_city(tmp_path / "city", "changzhou", "320400", "常州市", "utf8", 3, 40, date.today())
    with running_hub(small_disk / "var") as hub:
        hub.command("load", str(tmp_path / "city"))
        fill = filled(small_disk)
        ready = httpx.get(f"{hub.url}/readyz", trust_env=False)
        assert (ready.status_code, ready.json()["waiting_for"]) == (503, "disk space")
        one_line(hub, "query", "{ __typename }")
        one_line(hub, "client", "add", "someone", "--scope", "credit:public", "--generate", str(tmp_path / "key.jwk"))
        one_line(hub, "load", str(tmp_path / "city"))
        one_line(hub, "keys", "rotate")
        fill.unlink()
        deadline = time.monotonic() + 60
        while httpx.get(f"{hub.url}/readyz", trust_env=False).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.3)
        hub.command("query", "{ __typename }")

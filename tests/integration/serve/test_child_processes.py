"""Child processes are this program's own code, whatever lies in the folder in which they are started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.serve.child_process import command, environment

PLANTED = ("hub", "json", "sqlite3", "graph_loaders", "uvicorn", "asyncio", "orjson")


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with modules that leave a mark when they are imported."""
    for name in PLANTED:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    return tmp_path


@pytest.mark.parametrize("python_path", ["", os.pathsep, f"{os.pathsep}{os.pathsep}"])
def test_a_module_of_the_current_folder_never_runs(planted: Path, python_path: str):
    given = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    line = command("hub", "schema")
    done = subprocess.run(
        line, cwd=planted, env=environment({**given, "PYTHONPATH": python_path}), capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert not (planted / "ran").exists()


def test_what_is_imported_later_is_not_taken_from_the_current_folder_either(planted: Path):
    (planted / "hub.py").unlink()
    given = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    line = [sys.executable, "-m", "hub", "schema"]
    done = subprocess.run(line, cwd=planted, env=environment(given), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    ran = planted / "ran"
    assert not ran.exists(), ran.read_text()


def test_nothing_starts_python_in_another_way():
    """Every child Python of the program is started by ``-P``."""
    root = Path(__file__).resolve().parents[3]
    for package in ("hub", "graph_loaders", "federation", "policies", "schema"):
        for path in (root / package).rglob("*.py"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                assert "sys.executable" not in line or '"-P"' in line or line.strip() == "sys.executable,", (
                    f"{path.relative_to(root)}:{number} starts Python without -P"
                )

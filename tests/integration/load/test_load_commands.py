"""The commands around loading: exit codes, what they print, what they never print."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from graph_loaders.sample import make_city

Run = Callable[..., subprocess.CompletedProcess[str]]
TODAY = "2026-11-01"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_city(
        tmp_path_factory.mktemp("city"), "changzhou", "320400", "常州市", "utf8", 9, 30, date.fromisoformat(TODAY)
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``credit-hub`` with a data folder and an embedded engine of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env |= {"HUB_DATA": str(tmp_path_factory.mktemp("hub")), "HUB_GRAPH_HEAP_MB": "256"}

    def command(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments], env=env, input=given, capture_output=True, text=True, timeout=120
        )

    return command


@pytest.fixture(scope="module")
def numbers(sample: Path) -> list[str]:
    """Numbers of registered representatives."""
    lines = (sample / "registry.csv").read_text(encoding="utf-8").splitlines()
    return sorted(set(re.findall(r",([1-9][0-9]{16}[0-9X]),", "\n".join(lines))))


@pytest.mark.slow
def test_a_hub_from_first_load_to_a_new_person_key(run: Run, sample: Path, numbers: list[str], tmp_path: Path) -> None:
    report, quarantine = tmp_path / "report.json", tmp_path / "quarantine.jsonl"
    files = ("--report", str(report), "--quarantine", str(quarantine))
    loaded = run("load", str(sample), "--today", TODAY, *files)
    assert loaded.returncode == 0, loaded.stderr
    assert "registry" in loaded.stdout
    assert "done" in loaded.stderr
    counts = json.loads(report.read_text())
    rejects = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert len(rejects) == sum(sum(entry["quarantined"].values()) for entry in counts["files"].values()) > 0
    assert set(rejects[0]) == {"file", "row", "field", "reason", "value", "hint"}

    before = run("graph-hash").stdout
    assert re.fullmatch(r"[0-9a-f]{64}\n", before)
    shown = run("person-token", "--client", "bank", given="\n".join(numbers[:2]))
    assert shown.returncode == 0, shown.stderr
    assert len(set(shown.stdout.split())) == 2
    assert run("person-token", "--client", "bank", given=numbers[0].lower()).stdout == shown.stdout.split()[0] + "\n"
    assert run("person-token", given=numbers[0]).stdout not in shown.stdout

    rotated = run("person-key", "rotate", "--json")
    assert json.loads(rotated.stdout)["persons"] >= len(numbers)
    after = run("graph-hash").stdout
    assert after != before
    assert run("person-token", "--client", "bank", given=numbers[0]).stdout not in shown.stdout
    again = run("load", str(sample), "--today", TODAY, "--json")
    assert json.loads(again.stdout)["files"] == counts["files"]
    assert run("graph-hash").stdout == after


@pytest.mark.slow
def test_wrong_use_is_told_in_one_line_and_exit_2(run: Run, sample: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.csv"
    unknown.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments, given in (
        (("load", str(tmp_path / "nothing")), ""),
        (("load", str(unknown)), ""),
        (("load", str(sample), "--max-bad", "101"), ""),
        (("load", str(sample), "--today", "tomorrow"), ""),
        (("load", str(sample), "--source", "no-such-profile"), ""),
        (("load", str(sample), "--report", str(tmp_path / "no" / "folder")), ""),
        (("person-token",), ""),
        (("person-token",), "110105194912310021"),
    ):
        done = run(*arguments, given=given)
        assert done.returncode == 2, arguments
        assert len(done.stderr.splitlines()) == 1
        assert not done.stdout
        assert "110105194912310021" not in done.stderr


@pytest.mark.slow
def test_a_load_above_its_share_of_bad_rows_exits_1_and_says_so(run: Run, sample: Path, tmp_path: Path) -> None:
    lines = (sample / "ratings.csv").read_text(encoding="utf-8").splitlines()
    bad = tmp_path / "ratings.csv"
    bad.write_text("\n".join([lines[0], *("X" + line for line in lines[1:4])]) + "\n", encoding="utf-8")
    done = run("load", str(bad), "--json")
    assert done.returncode == 1
    assert str(bad) in done.stderr
    assert "--max-bad" in done.stderr
    assert sum(json.loads(done.stdout)["files"]["ratings"]["quarantined"].values()) == 3
    assert run("load", str(bad), "--max-bad", "100").returncode == 0

"""The commands of the README, as written there, against running hubs. Both languages give the same commands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_loaders.sample import CITIES, make_city
from schema.times import today

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)


def blocks(name: str = "README.md") -> dict[str, str]:
    return dict(BLOCK.findall((ROOT / name).read_text(encoding="utf-8")))


def shell(script: str, folder: Path, **settings: str) -> str:
    """Runs a block as a reader would, in a folder of its own with the environment activated."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}"
    environment = {**inherited, "HUB_GRAPH_HEAP_MB": "256", **settings, "PATH": path}
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The first hub of a running ``credit-hub demo``."""
    command = [sys.executable, "-m", "hub", "demo", "--cities", "1", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "the demonstration did not start"
        yield json.loads(line)["hubs"][0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def test_both_readmes_give_the_same_commands() -> None:
    assert blocks("README.md") == blocks("README.zh-CN.md")
    assert list(blocks()) == ["ask", "recognised", "verify", "load"]


def test_every_make_target_that_the_readmes_name_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "README.zh-CN.md"):
        named = set(re.findall(r"\bmake ([a-z][a-z0-9-]+)", (ROOT / name).read_text(encoding="utf-8")))
        assert {"demo", "test", "check"} <= named
        assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.slow
def test_a_newcomer_asks_sees_a_penalty_reach_a_person_and_verifies_offline(
    demo: dict[str, Any], tmp_path: Path
) -> None:
    found = json.loads(shell(blocks()["ask"], tmp_path, HUB_DATA=demo["data"]))
    effects = [effect for node in found["data"]["records"]["nodes"] for effect in node["subject"]["effects"]]
    assert effects
    for effect in effects:
        assert effect["ruleId"]
        assert effect["article"]
        assert effect["path"][-1]["kind"] in ("REPRESENTS", "HOLDS")
    assert "verified" in shell(blocks()["verify"], tmp_path, CREDIT_HUB=demo["url"])
    bundle = json.loads((tmp_path / "answer.json").read_text())
    bundle["response"]["body"] = bundle["response"]["body"].replace("A", "B", 1)
    (tmp_path / "answer.json").write_text(json.dumps(bundle))
    changed = "credit-hub verify answer.json --trust trust.json && exit 9 || test $? = 1"
    assert "NOT verified" in shell(changed, tmp_path)


@pytest.mark.slow
def test_the_firm_of_the_readme_is_known_in_the_demonstration(demo: dict[str, Any], tmp_path: Path) -> None:
    found = json.loads(shell(blocks()["recognised"], tmp_path, HUB_DATA=demo["data"]))
    assert "ANSWERED" in {one["status"] for one in found["data"]["recognised"]}


@pytest.mark.slow
def test_own_files_are_tried_loaded_and_opened_to_a_client(tmp_path: Path) -> None:
    city = CITIES[0]
    make_city(tmp_path / "city-files", city.slug, city.region, city.name, city.style, today=today())
    shell(blocks()["load"], tmp_path)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert sum(counts["accepted"] for counts in report["files"].values()) > 100
    assert (tmp_path / "quarantine.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "platform.jwk").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_the_demonstration_checks_itself(tmp_path: Path) -> None:
    said = shell("credit-hub demo --check --cities 2", tmp_path)
    assert "all held" in said

"""``credit-hub policy simulate`` over the graph that a hub is using, and ``policy check`` with its exit codes."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from piercing_world import DEFAULTER, World, token

from graph_loaders.engine import Engine
from hub.cli import build_parser
from hub.settings import load_settings
from schema.errors import UsageError

NATIONAL = Path(__file__).resolve().parents[3] / "policies" / "packs" / "national" / "piercing.toml"


@pytest.fixture(scope="module")
async def city(clean_graph: Engine) -> Engine:
    w = World()
    for code, region in (("A", "320402"), ("B", "320412")):
        w.subject(code, region=region)
        w.represents(f"boss-{code}", code, "2010-01-01")
        w.holds(f"third-{code}", code, 34.0, "2010-01-01")
        w.listed(f"D-{code}", code, DEFAULTER, "2026-03-10", "2028-03-10")
    await w.write(clean_graph)
    return clean_graph


async def run(env: dict[str, str], *arguments: str) -> int:
    args = build_parser(("policy",)).parse_args(["policy", *arguments])
    result: Any = args.func(args, load_settings(env))
    return int(await result if inspect.isawaitable(result) else result)


@pytest.fixture
def lower(tmp_path: Path) -> Path:
    """The defaulters' rule with a threshold of a third, and its cases bent to it."""
    head, _, rule, _ = NATIONAL.read_text(encoding="utf-8").split("\n[[rule]]\n")
    rule = rule.replace("share_at_least = 50", "share_at_least = 34").replace("share = 49.99", "share = 33.99")
    (tmp_path / "lower.toml").write_text(f"{head}\n[[rule]]\n{rule}", encoding="utf-8")
    return tmp_path / "lower.toml"


async def test_simulate_counts_by_rule_and_region_and_writes_nothing(
    city: Engine, graph_env: dict[str, str], lower: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await city.read("MATCH (n) RETURN count(n) AS nodes")
    assert await run(graph_env, "simulate", str(lower), "--as-of", "2026-11-01", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["as_of"], report["reached_before"], report["reached_after"]) == ("2026-11-01", 2, 4)
    assert report["newly"] == {
        "effects": 2,
        "persons": 2,
        "by_rule": {"judgment-defaulter-consumption-limit": 2},
        "by_region": {"320402": 1, "320412": 1},
    }
    assert report["no_longer"]["effects"] == 0
    assert sorted(entry["document"] for entry in report["newly_reached"]) == ["D-A", "D-B"]
    text = json.dumps(report)
    assert token("third-A") not in text
    assert "third-A" not in text
    assert await city.read("MATCH (n) RETURN count(n) AS nodes") == before


async def test_simulate_in_words(
    city: Engine, graph_env: dict[str, str], lower: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(graph_env, "simulate", str(lower), "--as-of", "2026-11-01") == 0
    out = capsys.readouterr().out
    assert "newly reached 新触及: 2 effects, 2 persons" in out
    assert "no longer reached 不再触及: 0 effects, 0 persons" in out


async def test_a_pack_that_fails_is_a_no_with_file_and_line(
    graph_env: dict[str, str], lower: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lower.write_text(lower.read_text(encoding="utf-8").replace("share_at_least = 34", "share_at_least = 90"))
    assert await run(graph_env, "simulate", str(lower)) == 1
    assert f"{lower}:" in capsys.readouterr().err
    assert await run(graph_env, "check", str(lower.parent)) == 1
    assert "lower.toml:" in capsys.readouterr().err


async def test_check_tells_what_it_checked(
    graph_env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(graph_env, "check", "--json") == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["ok"] is True
    assert checked["rules"] == 3
    assert await run(graph_env, "check", str(tmp_path)) == 0
    assert "all hold" in capsys.readouterr().out


async def test_a_path_that_is_not_there_is_wrong_use(graph_env: dict[str, str], tmp_path: Path) -> None:
    for words in (("check", str(tmp_path / "nowhere")), ("simulate", str(tmp_path / "nothing.toml"))):
        with pytest.raises(UsageError) as told:
            await run(graph_env, *words)
        assert told.value.exit_code == 2
        assert told.value.hint

"""Decisions over every organisation of the five sample cities, against what their ground truth implies."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from graph_wiping import wipe

from graph_loaders.engine import Engine
from graph_loaders.load import LoadOptions, load_paths
from graph_loaders.persons import Persons
from graph_loaders.sources import find_sources, open_rows
from hub.acts.gate import facts
from hub.acts.room import Standing
from hub.assembly import open_reader
from hub.settings import Settings
from policies import load_policies
from schema.ports import Asking
from tests.integration.acts.desk import CLERK

TODAY = "2026-11-01"
DENIED = {"失信被执行人", "重大税收违法失信主体"}
CONSIDERED = {"市场监管严重违法失信名单", "拖欠农民工工资失信联合惩戒对象名单"}
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
CITIES = sorted(path.name for path in DATA.iterdir() if path.is_dir()) if DATA.is_dir() else []

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CITIES, reason="the five cities are not beside the project")]


def implied(organisation: dict[str, Any], honours: dict[str, str]) -> tuple[str, str]:
    """The decisions for gov-procurement and fiscal-subsidy."""
    lists = {record["list_type"] for record in organisation["active"] if record["kind"] == "list_entry"}
    procurement = "DENY" if lists & DENIED else "CONSIDER" if lists & CONSIDERED else "NONE"
    praised = any(honours.get(document) == "A级纳税人" for document in organisation["honours"])
    subsidy = "CONSIDER" if lists & (DENIED | CONSIDERED) else "REWARD" if praised else "NONE"
    return procurement, subsidy


def lists_by_document(folder: Path) -> dict[str, str]:
    source = next(one for one in find_sources([folder]) if one.kind == "lists")
    number, name = source.columns["document"], source.columns["list_type"]
    return {str(row[number]): str(row[name]) for row in open_rows(source)}  # type: ignore[index]


@pytest.mark.parametrize("city", CITIES)
async def test_every_organisation_is_decided_as_the_truth_implies(engine: Engine, tmp_path: Path, city: str):
    await wipe(engine)
    expected = json.loads((DATA / city / "expected.json").read_text(encoding="utf-8"))
    region = expected["city"]["region"]
    policies, persons = load_policies(region), Persons.open(tmp_path / "person.key", tmp_path)
    options = LoadOptions(today=date.fromisoformat(TODAY), max_bad=100.0)
    await load_paths(engine, persons, [DATA / city], terms=policies, lists=policies, options=options)
    settings = Settings(data=tmp_path, region=region)
    reader = open_reader(settings, engine, persons, policies)
    network = SimpleNamespace(neighbours={})
    hub: Any = SimpleNamespace(reader=reader, policies=policies, settings=settings, persons=persons, network=network)
    standing: Any = Standing(hub, None, seal=lambda a, b: a, unseal=lambda a, b: a)  # type: ignore[arg-type]
    honours, found = lists_by_document(DATA / city), {}
    codes = [one["code"] for one in expected["organisations"]]
    for named in ("gov-procurement", "fiscal-subsidy"):
        matter = policies.gate.matter(named, TODAY)
        assert matter is not None
        known = await facts.of_subjects(standing, codes, matter, TODAY, Asking(CLERK, TODAY))
        for code in codes:
            found[code, named] = policies.gate.decide(known.facts[code], matter, TODAY)[0]
    wrong = {
        one["code"]: (found[one["code"], "gov-procurement"], found[one["code"], "fiscal-subsidy"])
        for one in expected["organisations"]
        if (found[one["code"], "gov-procurement"], found[one["code"], "fiscal-subsidy"]) != implied(one, honours)
    }
    assert wrong == {}
    assert set(Counter(found.values())) >= {"DENY", "CONSIDER", "NONE"}

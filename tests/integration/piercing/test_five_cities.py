"""Penetration of every organisation and person of five cities equals their ground truth, where that is at hand."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from graph_wiping import wipe
from piercing_select import select
from piercing_world import AS_OF

from graph_loaders.engine import Engine
from graph_loaders.load import LoadOptions, load_paths
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from policies import load_policies
from schema.caller import Caller
from schema.ports import Asking
from schema.scopes import INVESTIGATE, UNMASK

CITIES = Path(__file__).resolve().parents[3].parent / "shared" / "data"
FOLDERS = sorted(path.parent for path in CITIES.glob("*/expected.json"))
ROLES = {"LEGAL_REPRESENTATIVE": "法定代表人", "SHAREHOLDER": "股东"}
SCOPES = frozenset({INVESTIGATE, UNMASK})
ASKING = Asking(Caller("inspector", SCOPES), AS_OF)
TREE: dict[str, Any] = {
    "reached": {
        "ruleId": None,
        "source": {"documentNumber": None},
        "subject": {"code": None},
        "person": {"token": None, "name": None},
        "roles": {"kind": None},
        "attributedOn": None,
        "until": None,
        "lastDay": None,
        "reportedOn": {"code": None},
    },
    "notReached": {
        "ruleId": None,
        "record": {"documentNumber": None, "subject": {"code": None}},
        "reason": None,
        "person": {"token": None, "name": None},
    },
}

pytestmark = pytest.mark.skipif(not FOLDERS, reason="the five cities' files are not beside the repository")


class City:
    """One loaded city, its truth and how to ask it."""

    def __init__(self, graph: CypherGraph, persons: Persons, truth: dict[str, Any]) -> None:
        self.graph = graph
        self.persons = persons
        self.truth = truth

    def shown(self, number: str) -> str:
        return self.persons.for_client(self.persons.token(number), ASKING.caller.client_id)

    async def ask(self, **arguments: Any) -> Any:
        root = select("penetration", TREE)
        return await self.graph.prepare(root, SCOPES)({root.index: arguments}, ASKING)

    def reached(self, wanted: dict[str, Any]) -> tuple[Any, ...]:
        return (
            wanted["rule"],
            wanted["source_document"],
            wanted["via_organisation"],
            self.shown(wanted["id_number"]),
            wanted["name"],
            tuple(wanted["roles"]),
            wanted["attribution_date"],
            wanted["until"],
            tuple(wanted.get("reported_on", ())),
        )

    def not_reached(self, wanted: dict[str, Any]) -> tuple[Any, ...]:
        token = self.shown(wanted["id_number"]) if wanted["id_number"] else None
        return (
            wanted["rule"],
            wanted["source_document"],
            wanted["via_organisation"],
            wanted["reason"],
            token,
            wanted["name"],
        )


def told(answer: dict[str, Any]) -> Counter[tuple[Any, ...]]:
    reached = [
        (
            effect["ruleId"],
            effect["source"]["documentNumber"],
            effect["subject"]["code"],
            effect["person"]["token"],
            effect["person"]["name"],
            tuple(ROLES[role["kind"]] for role in effect["roles"]),
            effect["attributedOn"],
            effect["until"],
            tuple(other["code"] for other in effect["reportedOn"]),
        )
        for effect in answer["reached"]
    ]
    reasons = [
        (
            reason["ruleId"],
            reason["record"]["documentNumber"],
            reason["record"]["subject"]["code"],
            reason["reason"],
            reason["person"] and reason["person"]["token"],
            reason["person"] and reason["person"]["name"],
        )
        for reason in answer["notReached"]
    ]
    return Counter([*reached, *reasons])


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
async def city(request: pytest.FixtureRequest, clean_graph: Engine, tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = request.param
    truth = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    policies = load_policies(truth["city"]["region"])
    data = tmp_path_factory.mktemp(folder.name)
    persons = Persons.open(data / "person.key", data)
    await wipe(clean_graph)
    await load_paths(
        clean_graph, persons, [folder], terms=policies, lists=policies, options=LoadOptions(date.fromisoformat(AS_OF))
    )
    graph = CypherGraph(clean_graph, persons, cursor_key=bytes(64), region=truth["city"]["region"], piercing=policies)
    return City(graph, persons, truth)


async def test_every_organisation(city: City) -> None:
    truth = city.truth["piercing"]
    wanted: Counter[tuple[Any, ...]] = Counter(map(city.reached, truth["reached"]))
    wanted.update(map(city.not_reached, truth["not_reached"]))
    codes = {organisation["code"] for organisation in city.truth["organisations"]}
    codes |= {entry["via_organisation"] for entry in (*truth["reached"], *truth["not_reached"])}
    found: Counter[tuple[Any, ...]] = Counter()
    for code in sorted(codes):
        found.update(told(await city.ask(subject=code)))
    assert found - wanted == Counter()
    assert wanted - found == Counter()


async def test_every_person(city: City) -> None:
    truth = city.truth["piercing"]
    numbers = {entry["id_number"] for entry in (*truth["reached"], *truth["not_reached"]) if entry["id_number"]}
    numbers |= {
        person["id_number"]
        for organisation in city.truth["organisations"]
        for person in organisation["representatives_at_as_of"]
    }
    wanted: Counter[tuple[Any, ...]] = Counter(map(city.reached, truth["reached"]))
    wanted.update(city.not_reached(entry) for entry in truth["not_reached"] if entry["id_number"])
    found: Counter[tuple[Any, ...]] = Counter()
    for number in sorted(numbers):
        found.update(told(await city.ask(person=city.shown(number))))
    assert found - wanted == Counter()
    assert wanted - found == Counter()

"""What five cities' files say of organisations and data quality, asked through the reader, where they are at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reader_asking import INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, ask, emptied

from graph_loaders.engine import Engine
from graph_loaders.load import LoadOptions, load_paths
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from policies import load_policies

FOLDERS = sorted(
    path.parent for path in (Path(__file__).resolve().parents[3].parent / "shared" / "data").glob("*/expected.json")
)
AS_OF = "2026-11-01"
KINDS = {"penalty": "PENALTY", "list_entry": "LIST_ENTRY"}
STATES = {"expired": "EXPIRED", "repaired": "REPAIRED", "revoked": "REVOKED", "corrected": "CORRECTED"}
ORGANISATION = """query($codes: [String!]!) { subjects(codes: $codes) { code subject { name kind
    representatives { name token }
    records(first: 200, filter: {includeVoid: true}) {
      nodes { documentNumber kind listType decidedOn until state endedOn warnings }
      pageInfo { hasNextPage } } } } }"""

pytestmark = pytest.mark.skipif(not FOLDERS, reason="the five cities' files are not beside the repository")


@dataclass
class City:
    graph: CypherGraph
    persons: Persons
    truth: dict[str, Any]

    def shown(self, number: str) -> str:
        return self.persons.for_client(self.persons.token(number), "client-a")

    async def subjects(self, scopes: frozenset[str]) -> dict[str, dict[str, Any]]:
        codes = [organisation["code"] for organisation in self.truth["organisations"]]
        answer = await ask(self.graph, ORGANISATION, scopes, as_of=AS_OF, codes=codes)
        assert [row["code"] for row in answer] == codes
        return {row["code"]: row["subject"] for row in answer}


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
async def city(request: pytest.FixtureRequest, clean_graph: Engine, tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = request.param
    truth = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    region = truth["city"]["region"]
    policies = load_policies(region)
    data = tmp_path_factory.mktemp(folder.name)
    persons = Persons.open(data / "person.key", data)
    await emptied(clean_graph)
    options = LoadOptions(date.fromisoformat(AS_OF))
    await load_paths(clean_graph, persons, [folder], terms=policies, lists=policies, words=policies, options=options)
    graph = CypherGraph(clean_graph, persons, cursor_key=bytes(64), region=region, piercing=policies, timeout=60)
    return City(graph, persons, truth)


def adverse(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["kind"] in ("PENALTY", "LIST_ENTRY")]


async def test_every_organisation_has_its_records_states_honours_and_representatives(city: City) -> None:
    found = await city.subjects(INVESTIGATOR)
    for wanted in city.truth["organisations"]:
        subject = found[wanted["code"]]
        assert subject["name"] == wanted["name"]
        records = subject["records"]["nodes"]
        told = {
            (r["documentNumber"], r["kind"], r["decidedOn"], r["until"], r["state"], r["endedOn"])
            for r in adverse(records)
        }
        assert told == {
            (a["document"], KINDS[a["kind"]], a["date"], a["until"], "ACTIVE", None) for a in wanted["active"]
        } | {
            (e["document"], KINDS[e["kind"]], e["date"], e["until"], STATES[e["how"]], e["ended_on"])
            for e in wanted["ended"]
        }
        computed = {a["document"] for a in (*wanted["active"], *wanted["ended"]) if a.get("until_computed")}
        assert {r["documentNumber"] for r in records if "until_computed" in r["warnings"]} == computed
        honours = {r["documentNumber"] for r in records if r["kind"] == "AWARD" and r["state"] == "ACTIVE"}
        assert honours == set(wanted["honours"])
        representatives = {person["token"] for person in subject["representatives"]}
        assert representatives == {city.shown(p["id_number"]) for p in wanted["representatives_at_as_of"]}


async def test_each_scope_sees_its_rows_only(city: City) -> None:
    mutual, public = await city.subjects(MUTUAL), await city.subjects(PUBLIC)
    everything = await city.subjects(INVESTIGATOR)
    for wanted in city.truth["organisations"]:
        active = {a["document"] for a in wanted["active"]}
        if mutual[wanted["code"]] is None:
            assert not active
            assert not wanted["registered_here"]
            continue
        assert {r["documentNumber"] for r in adverse(mutual[wanted["code"]]["records"]["nodes"])} == active
        if public[wanted["code"]] is not None:
            seen = {r["documentNumber"] for r in adverse(public[wanted["code"]]["records"]["nodes"])}
            assert seen <= active
    assert all(subject is not None for subject in everything.values())


async def test_data_quality_is_that_of_the_files(city: City) -> None:
    document = """{ dataQuality { codeConflicts { code names } conflictingDuplicates { document organisation fines }
        contractsOverdue contractsCompletedLate commitmentsBreached commitmentsKeptLate
        complaintGroups { organisation name complaints mostIn30Days first last }
        sameNameRepresentatives { name persons } } }"""
    found = await ask(city.graph, document, OPERATOR, as_of=AS_OF)
    wanted = city.truth["data_quality"]
    assert found["codeConflicts"] == sorted(wanted["code_conflicts"], key=lambda c: c["code"])
    assert found["conflictingDuplicates"] == wanted["conflicting_duplicates"]
    for name, key in (
        ("contractsOverdue", "contracts_overdue"),
        ("contractsCompletedLate", "contracts_completed_late"),
        ("commitmentsBreached", "commitments_breached"),
        ("commitmentsKeptLate", "commitments_kept_late"),
    ):
        assert found[name] == sorted(wanted[key])
    assert sorted(map(str, found["complaintGroups"])) == sorted(
        str(
            {
                "organisation": group["organisation"],
                "name": group["name"],
                "complaints": group["complaints"],
                "mostIn30Days": group["most_in_30_days"],
                "first": group["first"],
                "last": group["last"],
            }
        )
        for group in wanted["complaint_groups"]
    )
    persons = sorted(one["persons"] for one in found["sameNameRepresentatives"])
    assert persons == sorted(len(one["id_numbers"]) for one in wanted["same_name_representatives"])

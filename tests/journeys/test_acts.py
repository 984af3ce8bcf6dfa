"""Acts at a running hub: a check over HTTP with two workers, its evidence, a bulk check, the journal at a terminal."""

from __future__ import annotations

import asyncio
import json
from datetime import date

import pytest

from graph_loaders.sample import make_city
from hub.cli.query import LocalAsker
from hub.settings import load_settings
from tests.journeys.hub_process import HubProcess, running_hub

pytestmark = pytest.mark.slow
CHECK = "mutation($i: GateCheckInput!) { gateCheck(input: $i) { id decision receipt subject { name } } }"
HEADERS = {"Content-Type": "application/json", "Credit-Purpose": "gate-check"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acts")
    with running_hub(folder / "var", workers=2, HUB_REGION="320400") as running:
        make_city(folder / "city", "changzhou", "320400", "常州市", "utf8", 3, 40, date.today())
        running.command("load", str(folder / "city"))
        yield running


def settings(hub: HubProcess):
    return load_settings({name: value for name, value in hub.environment.items() if name.startswith("HUB_")})


def codes(hub: HubProcess) -> list[str]:
    said = hub.command("query", "{ records(filter: {}, first: 100) { nodes { subject { code } } } }")
    return sorted({node["subject"]["code"] for node in json.loads(said)["data"]["records"]["nodes"]})


async def test_one_key_has_one_effect_at_two_workers_and_the_answer_has_its_evidence(hub: HubProcess):
    code = codes(hub)[0]
    body = json.dumps({"query": CHECK, "variables": {"i": {"subject": code, "matter": "honours"}}}).encode()
    async with LocalAsker(settings(hub)) as asker:
        headers = {**HEADERS, "Idempotency-Key": '"journey-1"'}
        answers = await asyncio.gather(*(asker.ask("credit:gate", headers, body) for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
        assert len({answer.answer for answer in answers}) == 1
        replayed = [dict(answer.answer_headers).get("idempotency-replayed") for answer in answers]
        assert sorted(map(str, replayed)) == ["None"] + ["true"] * 19
        bundle = await asker.bundle("credit:gate", answers[0])
        assert bundle["proof"]["size"] >= 1
        act = json.loads(answers[0].answer)["data"]["gateCheck"]
        proof = await asker.get(f"/receipts/{act['receipt']}/proof", "credit:gate")
        assert proof["proof"]["size"] >= 1
    shown = hub.facts("acts", "show", act["id"])
    assert [(one["kind"], one["receipt"]) for one in shown] == [("gate-check", act["receipt"])]
    assert hub.facts("acts", "verify")["ok"]


def test_a_file_is_checked_in_bulk_and_again_when_it_was_cut(hub: HubProcess, tmp_path):
    named = codes(hub)
    (tmp_path / "firms.csv").write_text("code\n" + "\n".join([*named, "91320411XYHFHJL15J"]) + "\n", encoding="utf-8")
    done = hub.facts("gate", "check", str(tmp_path / "firms.csv"), "--matter", "gov-procurement")
    assert done["rows"] == len(named) + 1
    assert done["decisions"]["ERROR"] == 1
    lines = (tmp_path / "firms.gate.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["code"] for line in lines] == [*named, "91320411XYHFHJL15J"]
    assert (tmp_path / "firms.gate.xlsx").is_file()
    assert hub.facts("acts", "verify")["ok"]
    assert hub.facts("acts", "replay") == {"claims": 0}
    assert hub.facts("ledger", "verify")["ok"]

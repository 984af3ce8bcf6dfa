"""Five real hubs, one signed directory: what one question to all of them shows, and what a broken neighbour does."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest

from graph_loaders.reader.reading import global_id
from hub.evidence.directories import trust_in_directory
from hub.evidence.parts import verify_file
from hub.evidence.trust import trust_for
from hub.settings import load_settings
from tests.journeys.delta import Delta
from tests.journeys.fault_proxy import INVALID_SIGNATURE, REFUSED, UNREACHABLE

pytestmark = pytest.mark.slow

SLUGS = {"320400": "changzhou", "320583": "kunshan", "330700": "jinhua", "330500": "huzhou", "330305": "dongtou"}
HERE, THERE = "320400", "320583"
RECOGNISED = """query R($subject: USCC!, $regions: [String!]) { recognised(subject: $subject, regions: $regions) {
 region authority status basis mappedValue agreement reason receipt asOf
 value { __typename ... on Record { id documentNumber kind listType state } ... on Rating { grade } } } }"""
BATCH = """query B($subjects: [String!]!) { recognisedBatch(subjects: $subjects) { code error { code }
 answers { region status basis value { ... on Record { documentNumber kind } } } } }"""
LISTED = """{ records(filter: {kinds: [PENALTY, LIST_ENTRY]}, first: 200) { nodes { subject { code } } } }"""
ADVERSE = ("PENALTY", "LIST_ENTRY")


async def settled(delta: Delta) -> None:
    """Every hub has an answer of every other one, and the persons they share."""
    codes = await known_codes(delta, HERE)
    deadline = time.monotonic() + 120
    for region in delta.cities:
        while True:
            data = await delta.ask(region, RECOGNISED, {"subject": codes[0]})
            bad = [a for a in data["recognised"] if a["status"] in ("UNREACHABLE", "REFUSED", "INVALID_SIGNATURE")]
            if not bad:
                break
            assert time.monotonic() < deadline, bad
            await asyncio.sleep(0.5)


async def known_codes(delta: Delta, region: str) -> list[str]:
    data = await delta.ask(region, LISTED, {})
    return list(dict.fromkeys(node["subject"]["code"] for node in data["records"]["nodes"]))


async def shared_code(delta: Delta) -> str:
    """A subject of which both HERE and THERE hold a record."""
    both = set(await known_codes(delta, HERE)) & set(await known_codes(delta, THERE))
    assert both
    return sorted(both)[0]


async def status_of(delta: Delta, code: str, region: str = THERE) -> list[dict]:
    data = await delta.ask(HERE, RECOGNISED, {"subject": code})
    return [answer for answer in data["recognised"] if answer["region"] == region]


async def test_every_city_answers_for_itself_and_nothing_is_merged(delta: Delta):
    await settled(delta)
    code = await shared_code(delta)
    data = await delta.ask(HERE, RECOGNISED, {"subject": code})
    answers = data["recognised"]
    assert {answer["region"] for answer in answers} == set(delta.cities)
    for answer in answers:
        held = answer["value"] is not None
        assert held == (answer["status"] in ("ANSWERED", "NOT_RECOGNISED"))
        assert answer["region"] == HERE or answer["receipt"], "each neighbour's word has its own signature"
        assert answer["status"] != "NOT_RECOGNISED" or answer["reason"]


async def test_active_records_in_all_cities_equal_the_truth(delta: Delta):
    if not delta.expected:
        pytest.skip("the ground truth lies beside the project only where it was laid")
    await settled(delta)
    codes = [row["code"] for row in delta.expected["organisations"]]
    data = await delta.ask(HERE, BATCH, {"subjects": codes})
    for row, truth in zip(data["recognisedBatch"], delta.expected["organisations"], strict=True):
        found: dict[str, list[str]] = {}
        for answer in row["answers"]:
            value = answer["value"]
            if value and value.get("kind") in ADVERSE:
                found.setdefault(SLUGS[answer["region"]], []).append(value["documentNumber"])
        assert {slug: sorted(numbers) for slug, numbers in found.items()} == truth["active"]


PENETRATION = """query P($person: ID!, $regions: [String!]) { penetration(person: $person, regions: $regions) {
 regions { region status } reached { ruleId until source { documentNumber } subject { code } reportedOn { code }
 receipts { region receipt } } } }"""


async def test_role_bars_are_reported_across_cities_as_the_truth_says(delta: Delta):
    if not delta.expected:
        pytest.skip("the ground truth lies beside the project only where it was laid")
    await settled(delta)
    people = [row for row in delta.expected["persons"] if row["role_bars"]]
    slug_region = {slug: region for region, slug in SLUGS.items()}
    for person in people:
        for bar in person["role_bars"]:
            wanted = sorted(code for codes in bar["reported_on"].values() for code in codes)
            for slug in person["organisations"]:
                region = slug_region[slug]
                effects = await bar_effects(delta, region, person["id_number"], bar["source_document"], wanted)
                assert [sorted(s["code"] for s in effect["reportedOn"]) for effect in effects] == [wanted]
                assert effects[0]["until"] == bar["until"]
                parts = {r["region"] for r in effects[0]["receipts"]}
                others = {slug_region[s] for s, codes in bar["reported_on"].items() if codes} | {
                    slug_region[bar["city"]]
                }
                assert parts == others - {region}


async def bar_effects(delta: Delta, region: str, number: str, document: str, wanted: list[str]) -> list[dict]:
    """Asked until the hubs have exchanged their persons, at most a minute."""
    local = json.loads((delta.cities[region].data / "keys" / "local-client.json").read_text())["client_id"]
    token = delta.command(region, "person-token", "--client", local, stdin=number + "\n").stdout.strip()
    variables = {"person": global_id("Person", token), "regions": list(delta.cities)}
    deadline = time.monotonic() + 60
    while True:
        data = await delta.ask(region, PENETRATION, variables)
        effects = [e for e in data["penetration"]["reached"] if e["source"]["documentNumber"] == document]
        right = effects and sorted(s["code"] for s in effects[0]["reportedOn"]) == wanted
        if right or time.monotonic() > deadline:
            return effects
        await asyncio.sleep(1)


async def test_an_unknown_region_is_bad_input_and_knownat_stays_at_home(delta: Delta):
    code = await shared_code(delta)
    for variables in ({"subject": code, "regions": ["999999"]},):
        exchange = await delta.exchange(HERE, RECOGNISED, variables)
        assert json.loads(exchange.answer)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    document = 'query K($c: USCC!) { recognised(subject: $c, knownAt: "2026-11-20T00:00:00Z") { status } }'
    exchange = await delta.exchange(HERE, document, {"c": code})
    assert json.loads(exchange.answer)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("mode", "status"),
    [(m, "UNREACHABLE") for m in UNREACHABLE]
    + [(m, "INVALID_SIGNATURE") for m in INVALID_SIGNATURE]
    + [(m, "REFUSED") for m in REFUSED],
)
async def test_a_wrong_answer_is_never_accepted_and_harms_no_other_city(delta: Delta, mode: str, status: str):
    await settled(delta)
    code = await shared_code(delta)
    proxy = delta.proxies[THERE]
    if mode == "replay":
        proxy.set("keep")
        await status_of(delta, code)
    proxy.set(mode)
    data = await delta.ask(HERE, RECOGNISED, {"subject": code})
    faulty = [a for a in data["recognised"] if a["region"] == THERE]
    if status == "UNREACHABLE":
        assert all(a["basis"] == "COPY" or a["status"] == "UNREACHABLE" for a in faulty), faulty
    else:
        assert [(a["status"], a["value"], a["basis"]) for a in faulty] == [(status, None, None)], faulty
    others = {a["status"] for a in data["recognised"] if a["region"] not in (THERE,)}
    assert others <= {"ANSWERED", "NOT_RECOGNISED", "NOTHING_HELD"}
    proxy.set("pass")
    await settled(delta)


async def test_a_copy_speaks_while_a_city_is_down_and_says_so(delta: Delta):
    await settled(delta)
    code = await shared_code(delta)
    before = [a["value"] for a in await status_of(delta, code)]
    delta.proxies[THERE].set("down", everything=True)
    found = await status_of(delta, code)
    assert {a["basis"] for a in found} == {"COPY"}
    assert all(a["receipt"] and a["asOf"] for a in found)
    key = [json.dumps(v, sort_keys=True) for v in before]
    assert sorted(json.dumps(a["value"], sort_keys=True) for a in found) == sorted(key)
    delta.proxies[THERE].set("pass")
    await settled(delta)


async def test_the_evidence_of_a_federated_answer_proves_each_city_offline(delta: Delta, tmp_path):
    await settled(delta)
    code = await shared_code(delta)
    document = "query E($subject: USCC!) { recognised(subject: $subject) { region status basis evidence } }"
    exchange = await delta.exchange(HERE, document, {"subject": code})
    bundle = await delta.bundle(HERE, exchange)
    anchors = [a.with_suffix("").with_suffix("") for a in delta.anchors]
    pins = ":".join(str(a.parent / f"{a.name}.pub.jwk") for a in anchors)
    trust = trust_for(delta.directory, load_settings({"HUB_TRUST_ANCHORS": pins}), trust_in_directory)
    verdict = verify_file(bundle, trust)
    assert verdict["ok"], verdict
    live = {a["region"] for a in json.loads(exchange.answer)["data"]["recognised"] if a["evidence"]}
    assert {part["region"] for part in verdict["parts"]} == live
    assert all(part["ok"] for part in verdict["parts"])


async def test_a_revocation_shows_everywhere_within_five_seconds_and_old_receipts_say_so(delta: Delta, tmp_path):
    await settled(delta)
    there = await delta.ask(
        THERE, "{ records(filter: {kinds: [PENALTY]}, first: 1) { nodes { id documentNumber subject { code } } } }", {}
    )
    node = there["records"]["nodes"][0]
    code, number = node["subject"]["code"], node["documentNumber"]
    held = [
        a["value"]["documentNumber"] for a in await status_of(delta, code) if (a["value"] or {}).get("documentNumber")
    ]
    assert number in held
    document = "query S($c: USCC!) { subject(code: $c) { records { nodes { id } } } }"
    exchange = await delta.exchange(THERE, document, {"c": code})
    receipt = {n.lower(): v for n, v in exchange.answer_headers}["credit-receipt"]
    file = tmp_path / "repairs.csv"
    file.write_text(f"决定书文号,处理类型,日期,机关\n{number},撤销,{delta.today},某机关\n", encoding="utf-8")
    loaded = delta.command(THERE, "load", str(file), "--today", delta.today)
    assert loaded.returncode == 0, loaded.stderr
    began = time.monotonic()
    while True:
        found = [a["value"] or {} for a in await status_of(delta, code)]
        if number not in [v.get("documentNumber") for v in found]:
            break
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.2)
    while True:
        status = httpx.get(f"{delta.cities[THERE].listen}/receipts/{receipt}", trust_env=False).json()
        if status["status"] == "REVOKED":
            break
        assert time.monotonic() - began < 10, status
        await asyncio.sleep(0.3)


async def test_peers_are_shown_and_probed(delta: Delta):
    await settled(delta)
    shown = delta.command(HERE, "peers", "--json")
    rows = json.loads(shown.stdout)
    assert {row["region"] for row in rows} == set(delta.cities) - {HERE}
    assert {row["status"] for row in rows} == {"REACHABLE"}
    assert all(row["latency_ms"] is not None and row["key_expires"] for row in rows)
    probed = delta.command(HERE, "peers", "probe", delta.cities[THERE].url, "--json")
    findings = json.loads(probed.stdout)
    assert all(one["ok"] for one in findings), findings


async def test_neighbours_cosign_checkpoints(delta: Delta):
    deadline = time.monotonic() + 40
    while True:
        note = httpx.get(f"{delta.cities[HERE].listen}/ledger/checkpoint/witnessed", trust_env=False).text
        witnesses = [line for line in note.rpartition("\n\n")[2].splitlines() if "/witness " in line]
        if len(witnesses) >= 4:
            break
        assert time.monotonic() < deadline, note
        await asyncio.sleep(1)

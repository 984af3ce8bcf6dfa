"""A real hub behind two federation gateways: a bank's loans are joined to subjects, and the log knows for whom."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.auth.jose import PrivateJwk
from hub.auth.token_client import TokenClient
from hub.cli.query import LocalAsker
from hub.ledger.database import Database
from hub.ledger.identity import open_identity
from hub.ledger.reading import Reader
from hub.settings import Settings, load_settings
from schema.types.build import sdl

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / "tests" / "node" / "gateways"
HOOKS = ROOT / "docs" / "examples" / "gateway"
UNKNOWN = "91320400MA1XXXXX0Y"
GATEWAYS = ("apollo", "hive")
JOIN = """query Join($codes: [USCC]!) { loans(codes: $codes) { id subject {
 code name representatives { name } records(first: 3) { nodes { documentNumber } } } } }"""
LISTED = "{ records(filter: {kinds: [PENALTY]}, first: 50) { nodes { subject { code name } } } }"


def _node() -> str:
    """Why these tests cannot run, or an empty text."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "needs Node >= 20 and npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30).stdout
    found = re.match(r"v(\d+)\.", version)
    return "" if found and int(found[1]) >= 20 else f"needs Node >= 20, not {version.strip()}"


NEEDS = _node()
pytestmark = [
    pytest.mark.node,
    pytest.mark.slow,
    pytest.mark.skipif(bool(NEEDS), reason=NEEDS),
]


@dataclass(frozen=True)
class HubOfOneCity:
    url: str
    data: Path
    region: str
    client_id: str
    jwk: dict[str, Any]
    subjects: dict[str, str]  # name by code, of subjects with a penalty

    @property
    def settings(self) -> Settings:
        return load_settings({"HUB_DATA": str(self.data), "HUB_REGION": self.region})

    async def ask(self, document: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Credit-Purpose": "mutual-recognition"}
        async with LocalAsker(self.settings) as asker:
            exchange = await asker.ask("credit:mutual", headers, json.dumps({"query": document}).encode())
        return json.loads(exchange.answer)

    async def asked_about(self, code: str, end_client: str) -> list[dict[str, Any]]:
        """What the hub's log has of questions about a subject for one end client."""

        def read() -> list[dict[str, Any]]:
            database = Database(self.settings)
            try:
                rows = Reader(database, open_identity(self.settings)).asked_about(code)
            finally:
                database.close()
            return [row for row in rows if row["onBehalfOf"] == end_client]

        return await asyncio.to_thread(read)


def _environment(folder: Path) -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if not k.startswith("HUB_")}, "TMPDIR": str(folder)}


@pytest.fixture(scope="module")
def modules() -> Path:
    """The packages of the lock file, installed once."""
    if not (CHECKS / "node_modules" / "@graphql-hive" / "gateway").is_dir():
        command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=CHECKS, check=True, timeout=900)
    return CHECKS / "node_modules"


@pytest.fixture(scope="module")
def scripts(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published hooks beside the packages that they import, as they lie in an operator's folder."""
    folder = tmp_path_factory.mktemp("gateways")
    for path in [*HOOKS.glob("*.mjs"), *CHECKS.glob("*.mjs")]:
        shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(modules)
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubOfOneCity]:
    folder = tmp_path_factory.mktemp("gateway-hub")
    command = [sys.executable, "-m", "hub", "demo", "--json", "--cities", "1"]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=_environment(folder))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder / "demo.log").read_text()[-2000:]
        (facts,) = json.loads(line)["hubs"]
        key = folder / "gateway.jwk"
        environment = {**_environment(folder), "HUB_DATA": facts["data"], "HUB_REGION": facts["region"]}
        add = [
            "client",
            "add",
            "gateway",
            "--scope",
            "credit:mutual credit:public",
            "--generate",
            str(key),
            "--gateway",
            "--json",
        ]
        added = subprocess.run(
            [sys.executable, "-m", "hub", *add], env=environment, capture_output=True, check=True, timeout=120
        )
        client_id, jwk = json.loads(added.stdout)["client_id"], json.loads(key.read_text())
        found = HubOfOneCity(facts["url"], Path(facts["data"]), facts["region"], client_id, jwk, {})
        rows = asyncio.run(found.ask(LISTED))["data"]["records"]["nodes"]
        found.subjects.update({row["subject"]["code"]: row["subject"]["name"] for row in rows})
        assert len(found.subjects) > 1
        yield found
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def node(scripts: Path, *arguments: str) -> list[Any]:
    """What a script prints, one JSON value a line."""
    process = await asyncio.create_subprocess_exec(
        "node", *arguments, cwd=scripts, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(240):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()[-3000:]
    return [json.loads(line) for line in output.decode().splitlines() if line.startswith(("[", "{"))]


async def asked(
    kind: str, scripts: Path, hub: HubOfOneCity, *tasks: list[dict[str, Any]], scope: str = "credit:mutual"
) -> list[list[Any]]:
    """The answers of one gateway; the questions of one list are asked at the same time."""
    file = scripts / f"{kind}-{uuid.uuid4().hex}.json"
    given = {"hub": hub.url, "clientId": hub.client_id, "jwk": hub.jwk, "scope": scope, "sdl": sdl(), "tasks": tasks}
    file.write_text(json.dumps(given), encoding="utf-8")
    return await node(scripts, "run.mjs", kind, str(file))


async def test_both_composers_take_the_published_text(scripts: Path) -> None:
    (found,) = await node(scripts, "compose.mjs", str(ROOT / "docs" / "schema.graphql"))
    for name in GATEWAYS:
        assert found[name]["errors"] == []
        assert '@join__type(graph: HUB, key: "code"' in found[name]["supergraph"]


@pytest.mark.parametrize("kind", GATEWAYS)
async def test_loans_of_another_service_are_joined_to_subjects_and_the_log_names_the_end_client(
    kind: str, scripts: Path, hub: HubOfOneCity
) -> None:
    one, other = list(hub.subjects)[:2]
    bank, second, third = (f"{kind}-{name}-{uuid.uuid4().hex}" for name in ("bank", "second", "third"))
    codes = [one, UNKNOWN, other, None, one]
    ask = {"query": JOIN, "variables": {"codes": codes}}
    same = {"query": JOIN, "variables": {"codes": [one]}}
    first, together, (nobody,) = await asked(
        kind, scripts, hub, [{**ask, "client": bank}], [{**same, "client": second}, {**same, "client": third}], [same]
    )

    assert not first[0].get("errors"), first
    subjects = [loan["subject"] for loan in first[0]["data"]["loans"]]
    names = [subject and subject.get("name") for subject in subjects]
    assert names == [hub.subjects[one], None, hub.subjects[other], None, hub.subjects[one]]
    assert subjects[0]["records"]["nodes"]
    assert subjects[0]["representatives"]
    assert first[0]["told"]["withheld"] == [], "credit:mutual opens all of it"
    for code in (one, other):
        (entry,) = await hub.asked_about(code, bank)  # one request, so one entry, whatever the number of entities
        assert (entry["client"], entry["purpose"]) == (hub.client_id, "mutual-recognition")
        assert entry["receipt"] == first[0]["told"]["receipt"]

    assert [answer["data"]["loans"][0]["subject"]["name"] for answer in together] == [hub.subjects[one]] * 2
    for client in (second, third):
        assert len(await hub.asked_about(one, client)) == 1, "equal questions of two clients are two entries"

    assert nobody["errors"], "a question for nobody does not reach the hub"
    assert (nobody["data"]["loans"][0]["subject"] or {}).get("name") is None


@pytest.mark.parametrize("kind", GATEWAYS)
async def test_what_policy_left_null_can_be_passed_on_by_the_gateway(
    kind: str, scripts: Path, hub: HubOfOneCity
) -> None:
    ask = {"query": JOIN, "variables": {"codes": [next(iter(hub.subjects))]}, "client": "somebody"}
    ((answer,),) = await asked(kind, scripts, hub, [ask], scope="credit:public")
    subject = answer["data"]["loans"][0]["subject"]
    assert (bool(subject["name"]), subject["representatives"]) == (True, None)
    (withheld,) = answer["told"]["withheld"]
    assert (withheld["path"][-1], withheld["reason"]) == ("representatives", "INSUFFICIENT_SCOPE")


async def test_a_proof_for_the_address_of_the_gateway_cannot_be_passed_on(hub: HubOfOneCity) -> None:
    url, body = f"{hub.url}/graphql", {"query": "{ __typename }"}
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        TokenClient(hub.url, hub.client_id, PrivateJwk.read(hub.jwk)) as client,
    ):
        token = await client.token("credit:mutual")
        for target, status in (("https://gateway.example.cn/graphql", 401), (url, 200)):
            headers = {"Authorization": f"DPoP {token}", "DPoP": client.proof("POST", target, token)}
            answer = await http.post(url, json=body, headers=headers)
            assert answer.status_code == status
            assert ("invalid_dpop_proof" in answer.headers.get("www-authenticate", "")) == (status == 401)


async def test_a_running_hub_tells_gateways_its_schema_where_introspection_is_on(hub: HubOfOneCity) -> None:
    assert (await hub.ask("{ _service { sdl } }"))["data"]["_service"]["sdl"] == sdl()

"""Every attack against a hub that is started here, and the command against the same hub."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from jwcrypto import jwk

from graph_loaders.sample import make_city
from tests.attacks.attack import Skipped
from tests.attacks.attacker import Attacker
from tests.attacks.catalogue import in_order
from tests.journeys.hub_process import running_hub

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Target:
    url: str
    client: str
    key: Path


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A hub with a city loaded and a client of its own for the attacker; a low limit, so that floods are short."""
    folder = tmp_path_factory.mktemp("attacked")
    make_city(folder / "city", "changzhou", "320400", "常州市", "utf8", 3, 40, date.today())
    with running_hub(folder / "var", HUB_TOKEN_LIMIT="120") as hub:
        hub.command("load", str(folder / "city"))
        key = folder / "attacker.jwk"
        added = hub.facts("client", "add", "attacker", "--scope", "credit:mutual", "--generate", str(key))
        yield Target(hub.url, added["client_id"], key)


@pytest.fixture(scope="module")
async def attacker(target: Target) -> AsyncIterator[Attacker]:
    found = Attacker(target.url, target.client, jwk.JWK.from_json(target.key.read_text()))
    yield found
    await found.close()


@pytest.mark.parametrize("one", in_order(), ids=lambda one: one.id)
async def test_the_attack_fails(one, attacker: Attacker):
    try:
        await one.run(attacker)
    except Skipped as why:
        pytest.skip(str(why))


def test_the_command_prints_a_table_and_stays_on_this_machine(target: Target):
    line = [sys.executable, "-m", "tests.attacks"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([*line, target.url, "--json", "H03", "H11", "O04"], cwd=root, capture_output=True, text=True)
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert [(row["id"], row["outcome"]) for row in rows] == [("H03", "held"), ("H11", "held"), ("O04", "skipped")]
    assert done.returncode == 0, done.stderr
    done = subprocess.run([*line, "https://hub.example", "H03"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 2
    assert "agreed" in done.stderr

"""A hub is copied while it answers and loads, and put back into an empty place: same facts, same log, other machine."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from graph_loaders.sample import make_city
from tests.journeys.hub_process import HubProcess, run, running_hub

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "ledger"))
from postgres_server import HOW, Server, available, server

pytestmark = pytest.mark.slow
ASKED = "{ records(filter: {kinds: [PENALTY]}, first: 50) { nodes { documentNumber state } } }"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    if not available():
        pytest.skip(HOW)
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stores(request: pytest.FixtureRequest) -> tuple[str, str]:
    """HUB_SQL of the hub and of the place that it is restored into."""
    if request.param == "sqlite":
        return "sqlite", "sqlite"
    running: Server = request.getfixturevalue("postgres")
    return tuple(running.new_database(f"hub_{uuid.uuid4().hex}") for _ in range(2))  # type: ignore[return-value]


def asked(hub: HubProcess) -> str:
    """The answer; a busy machine may need more than the time of one question, above all just after a start."""
    for last in (False, False, False, False, True):
        try:
            return hub.command("query", "--purpose", "mutual-recognition", "--scope", "credit:mutual", ASKED)
        except AssertionError:
            if last:
                raise
    raise AssertionError


def test_backup_of_a_running_hub_comes_back_whole(tmp_path: Path, stores: tuple[str, str]):
    saved, private, public = tmp_path / "saved", tmp_path / "backups.jwk", tmp_path / "backups.pub.jwk"
    make_city(tmp_path / "city", "changzhou", "320400", "常州市", "utf8", 3, 40, date(2026, 6, 1))
    with running_hub(tmp_path / "var", HUB_SQL=stores[0]) as hub:
        hub.command("load", str(tmp_path / "city"))
        before = json.loads(asked(hub))
        public.write_text(hub.command("keys", "recipient", str(private)))
        assert private.stat().st_mode & 0o777 == 0o600
        made = hub.facts("backup", str(saved), "--recipient", str(public))
        facts = hub.command("graph-hash").strip()
        assert made["graph_hash"] == facts
        asked(hub)  # the hub goes on; what follows is not in the copy
        said = hub.environment
        assert "not empty" in failing(said, 2, "backup", str(saved), "--recipient", str(public))
        other = tmp_path / "other.jwk"
        hub.command("keys", "recipient", str(other))
        client = json.loads((tmp_path / "var" / "keys" / "local-client.json").read_text())
        signing = json.loads((tmp_path / "var" / "keys" / "signing.json").read_text())["keys"][0]

    everything = b"".join(path.read_bytes() for path in saved.iterdir())
    assert signing["d"].encode() not in everything
    assert all(path.stat().st_mode & 0o077 == 0 for path in saved.iterdir())
    if stores[0] == "sqlite":
        with closing(sqlite3.connect(saved / "hub.sqlite")) as copy:
            found = copy.execute("SELECT count(*) FROM oauth_clients WHERE client_id = ?", (client["client_id"],))
            assert found.fetchone() == (0,)

    place = {**said, "HUB_DATA": str(tmp_path / "new"), "HUB_SQL": stores[1]}
    assert "cannot be opened" in failing(place, 2, "restore", str(saved), "--key", str(other))
    restored = json.loads(run(place, "restore", str(saved), "--key", str(private), "--json"))
    assert restored["ok"], restored
    assert restored["graph_hash"] == facts == run(place, "graph-hash").strip()
    assert "not empty" in failing(place, 2, "restore", str(saved), "--key", str(private))
    assert not (tmp_path / "new" / "keys" / "local-client.json").exists()
    with running_hub(tmp_path / "new", HUB_SQL=stores[1]) as again:
        assert json.loads(asked(again))["data"] == before["data"]
        new = json.loads((tmp_path / "new" / "keys" / "local-client.json").read_text())
        assert new["client_id"] != client["client_id"]
        names = [each["client_id"] for each in again.facts("client", "list")]
        assert client["client_id"] not in names
        assert again.facts("ledger", "verify")["ok"]


def test_changed_backup_is_refused_before_anything_is_written(tmp_path: Path):
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "graph.jsonl.gz").write_bytes(b"x")
    (saved / "keys.jwe").write_bytes(b"x")
    files = {"graph.jsonl.gz": "0" * 64, "keys.jwe": "0" * 64}
    (saved / "manifest.json").write_text(json.dumps({"format": 1, "graph_hash": "", "files": files}))
    key = tmp_path / "key.jwk"
    environment = {"HUB_DATA": str(tmp_path / "new")}
    run(environment, "keys", "recipient", str(key))
    assert "was changed" in failing(environment, 2, "restore", str(saved), "--key", str(key))
    assert not (tmp_path / "new").exists()


def failing(environment: dict[str, str], code: int, *words: str) -> str:
    """The one line that a command which must fail prints."""
    done = subprocess.run(
        [sys.executable, "-m", "hub", *words], env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr

"""Revocation reaches every worker and every process within a second; without the store nobody gets in."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from oauth_hub import RunningAuth, running_auth
from oauth_outsider import Outsider

from hub.auth.clients import Client, Clients, new_client
from hub.auth.database import Database
from hub.auth.jose import generate_jwk, public_part
from hub.auth.service import Auth, rotate_token_keys
from hub.auth.tables import create_tables
from schema.errors import LedgerUnavailable, Unauthenticated, UsageError

CLI = "import sys, hub.cli as c; a = c.build_parser(('client',)).parse_args(); sys.exit(a.func(a, c.load_settings()))"


@pytest_asyncio.fixture(scope="module")
async def second(hub: RunningAuth) -> AsyncIterator[Auth]:
    """Another worker of the same hub."""
    async with Auth(hub.settings) as auth:
        yield auth


async def _accepted(auth: Auth, hub: RunningAuth, client: Outsider, token: str) -> bool:
    try:
        await auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
    except Unauthenticated as error:
        if "revoked" not in error.message:
            raise
        return False
    return True


async def _seconds_until_refused(auth: Auth, hub: RunningAuth, client: Outsider, token: str) -> float:
    begun = time.monotonic()
    while await _accepted(auth, hub, client, token):
        assert time.monotonic() - begun < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def test_a_token_revoked_at_one_worker_is_refused_by_all_within_a_second(hub: RunningAuth, second: Auth) -> None:
    client = hub.client()
    token, kept = await client.token(), await client.token()
    assert await _accepted(hub.auth, hub, client, token)
    assert await _accepted(second, hub, client, token)
    await client.post("/oauth/revoke", token=token)
    assert not await _accepted(hub.auth, hub, client, token)
    assert await _seconds_until_refused(second, hub, client, token) < 1
    assert await _accepted(second, hub, client, kept)


async def test_a_client_revoked_by_another_process_is_refused_within_a_second(hub: RunningAuth, second: Auth) -> None:
    client = hub.client()
    token = await client.token()
    assert await _accepted(second, hub, client, token)
    environ = {**os.environ, "HUB_DATA": str(hub.settings.data)}
    done = subprocess.run(
        [sys.executable, "-c", CLI, "client", "revoke", client.client_id, "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert json.loads(done.stdout)["client_id"] == client.client_id
    assert await _seconds_until_refused(second, hub, client, token) < 1
    assert not await _accepted(hub.auth, hub, client, token)


async def test_a_new_client_is_known_to_every_worker_at_once(hub: RunningAuth, second: Auth) -> None:
    client = hub.client()
    token = await client.token()
    assert await _accepted(second, hub, client, token)


async def test_a_worker_takes_tokens_of_a_key_that_another_just_made(hub: RunningAuth, second: Auth) -> None:
    client = hub.client()
    old = await client.token()
    kid = rotate_token_keys(hub.settings)
    await asyncio.sleep(0.3)
    new = await client.token()
    from jwcrypto import jws

    assert json.loads(jws.JWS.from_jose_token(new).objects["protected"])["kid"] == kid
    assert await _accepted(second, hub, client, new)
    assert await _accepted(second, hub, client, old)
    assert oct((hub.settings.data / "keys" / "tokens.json").stat().st_mode)[-3:] == "600"


async def test_a_proof_remembered_by_one_worker_is_refused_by_another(hub: RunningAuth, second: Auth) -> None:
    client = hub.client()
    headers = client.headers(await client.token(), "GET", f"{hub.base}/receipts/1/proof")
    url = f"{hub.base}/receipts/1/proof"
    assert await hub.auth.authenticate(headers, "GET", url, remember=True)
    with pytest.raises(Unauthenticated, match="used before"):
        await second.authenticate(headers, "GET", url, remember=True)


async def test_without_the_store_no_token_is_taken_once_the_last_look_is_too_old(tmp_path: Path) -> None:
    async with running_auth(tmp_path) as hub:
        client = hub.client()
        token = await client.token()
        assert await _accepted(hub.auth, hub, client, token)
        file = tmp_path / "hub.sqlite"
        blocker = sqlite3.connect(file)
        blocker.execute("ALTER TABLE oauth_state RENAME TO gone")
        blocker.commit()
        await asyncio.sleep(0.3)
        with pytest.raises(LedgerUnavailable) as caught:
            await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
        assert caught.value.status == 503
        blocker.execute("ALTER TABLE oauth_tokens RENAME TO gone_too")
        blocker.commit()
        answer = await client.ask_token()
        assert (answer.status_code, answer.json()["code"]) == (503, "LEDGER_UNAVAILABLE")
        assert answer.headers["content-type"] == "application/problem+json"
        blocker.execute("ALTER TABLE gone RENAME TO oauth_state")
        blocker.commit()
        blocker.close()
        assert await _accepted(hub.auth, hub, client, token)


async def test_a_store_that_was_removed_or_replaced_is_not_read_on(tmp_path: Path) -> None:
    async with running_auth(tmp_path) as hub:
        client = hub.client()
        token = await client.token()
        file, backup = tmp_path / "hub.sqlite", tmp_path / "backup.sqlite"
        with sqlite3.connect(file) as source, sqlite3.connect(backup) as copy:
            source.backup(copy)
            copy.execute("UPDATE oauth_clients SET revoked_at = 1 WHERE client_id = ?", (client.client_id,))
        source.close()
        copy.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{file}{end}").unlink(missing_ok=True)
        await asyncio.sleep(0.3)
        with pytest.raises(LedgerUnavailable, match="gone"):
            await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
        backup.rename(file)
        assert not await _accepted(hub.auth, hub, client, token)


async def test_a_hub_of_the_directory_is_a_client_until_it_is_blocked(tmp_path: Path) -> None:
    from oauth_outsider import new_key, public

    key, name = new_key(), "https://huzhou.example"
    peer = new_client("湖州", scope="credit:mutual", jwks=[public(key)], client_id=name)
    found = {name: Client(name, peer.name, peer.keys, peer.scopes, peer.purposes, created_at=1, peer_region="330500")}
    async with running_auth(tmp_path, peers=found.get) as hub:
        client = Outsider(hub.base, name, key)
        token = await client.token()
        headers = client.headers(token, "POST", hub.url)
        assert (await hub.auth.authenticate(headers, "POST", hub.url)).peer_region == "330500"
        hub.auth.clients.revoke(name)
        assert await _seconds_until_refused(hub.auth, hub, client, token) < 1
        assert (await client.ask_token()).status_code == 401


async def test_the_hub_looks_clients_up_without_asking_the_store(hub: RunningAuth) -> None:
    client = hub.client()
    token = await client.token()
    assert await _accepted(hub.auth, hub, client, token)
    held = hub.auth.client(client.client_id)
    assert held is not None
    assert [key.kid for key in held.keys] == [client.key["kid"]]
    hub.auth.clients.revoke(client.client_id)
    await asyncio.sleep(0.3)
    assert not await _accepted(hub.auth, hub, client, token)
    assert hub.auth.client(client.client_id) is None


def test_revoking_an_unknown_client_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    create_tables(database)
    with pytest.raises(UsageError, match="client-0000"):
        Clients(database).revoke("client-0000")
    database.close()


def _start(url: str) -> int:
    database = Database(url)
    create_tables(database)
    client = new_client("x", scope="credit:public", jwks=[public_part(generate_jwk())])
    Clients(database).add(client)
    count = len(Clients(database).all())
    database.close()
    return count


def test_processes_that_start_at_once_make_one_set_of_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'hub.sqlite'}"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(_start, [url] * 12, chunksize=1)
        pool.close()
        pool.join()
    assert _start(url) == 13
    assert oct((tmp_path / "new" / "hub.sqlite").stat().st_mode)[-3:] == "600"

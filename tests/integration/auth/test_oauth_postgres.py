"""The same state in PostgreSQL: what SQL dialects could do differently."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from oauth_hub import running_auth
from people_at_hub import Browser, PagesClient, Somebody, ceremony_of, people_of

from hub.auth.clients import Clients, new_client
from hub.auth.database import Database
from hub.auth.jose import generate_jwk, public_part
from hub.auth.service import Auth
from hub.auth.tables import create_tables
from hub.settings import Settings
from schema.errors import LedgerUnavailable, Unauthenticated

LEDGER_TESTS = str(Path(__file__).resolve().parent.parent / "ledger")
if LEDGER_TESTS not in sys.path:
    sys.path.append(LEDGER_TESTS)

from postgres_server import HOW, Server, available, server  # noqa: E402

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    if not available():
        pytest.skip(HOW)
    with server() as running:
        yield running


@pytest.fixture
def sql(postgres: Server) -> str:
    return postgres.new_database(f"hub_{uuid.uuid4().hex}")


def test_processes_that_start_at_once_make_one_set_of_tables(sql: str) -> None:
    def start(number: int) -> None:
        database = Database(Settings(sql=sql).sql_url)
        create_tables(database)
        key = public_part(generate_jwk())
        assert Clients(database).add(new_client(f"银行 {number}", scope="credit:public", jwks=[key]))
        database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    database = Database(Settings(sql=sql).sql_url)
    assert {client.name for client in Clients(database).all()} == {f"银行 {n}" for n in range(8)}
    database.close()


async def test_tokens_replays_and_revocation_hold_across_workers(sql: str, tmp_path: Path) -> None:
    async with running_auth(tmp_path, sql=sql) as hub, Auth(hub.settings) as second:
        client = hub.client()
        assertion = client.assertion()
        answers = await asyncio.gather(*(client.ask_token(assertion=assertion) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
        token = await client.token()
        headers = client.headers(token, "POST", hub.url)
        assert await hub.auth.authenticate(headers, "POST", hub.url, remember=True)
        with pytest.raises(Unauthenticated, match="used before"):
            await second.authenticate(headers, "POST", hub.url, remember=True)
        assert (await client.post("/oauth/revoke", token=token)).status_code == 200
        await asyncio.sleep(0.3)
        with pytest.raises(Unauthenticated, match="revoked"):
            await second.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)


async def test_a_database_that_goes_and_comes_back_is_noticed_both_times(
    postgres: Server, sql: str, tmp_path: Path
) -> None:
    if not postgres.ours:
        pytest.skip("the server is not ours to stop")
    async with running_auth(tmp_path, sql=sql) as hub:
        client = hub.client()
        token = await client.token()
        assert await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
        postgres.stop()
        try:
            await asyncio.sleep(0.3)
            with pytest.raises(LedgerUnavailable):
                await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
            assert (await client.ask_token()).status_code == 503
        finally:
            postgres.start()
        assert await hub.auth.authenticate(client.headers(token, "POST", hub.url), "POST", hub.url)
        assert (await client.ask_token()).status_code == 200


async def test_people_sign_in_and_of_twenty_redemptions_and_links_at_once_one_holds(sql: str, tmp_path: Path) -> None:
    async with running_auth(tmp_path, sql=sql) as hub:
        who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
        code = (await who.code(await pages.address()))["code"]
        answers = await asyncio.gather(*(pages.redeem(code) for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
        link = people_of(hub).make_link(who.person)
        browsers = [Browser(hub.base) for _ in range(6)]
        shown = [await one.send("GET", f"/sign-in/link/{link}") for one in browsers]
        forms = [{"ceremony": ceremony_of(page)} for page in shown]
        used = await asyncio.gather(
            *(one.send("POST", f"/sign-in/link/{link}", data=form) for one, form in zip(browsers, forms, strict=True))
        )
        assert sorted(answer.status_code for answer in used) == [200] + [403] * 5
        people_of(hub).disable(who.person)
        assert (await who.sign_in(await pages.address(prompt="login"))).status_code == 403

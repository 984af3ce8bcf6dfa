"""How a neighbour stands, for the operator: by what its answers would be, whatever keeps it from answering."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import create_engine
from starlette.applications import Starlette
from stub_hub import InProcess, StubHub

from federation.directory.model import Hub
from federation.documents import HELD
from federation.errors import BadSignature
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.peer import Peer
from federation.ports import Asker
from hub.cli import main
from hub.federated.routes import federation_routes
from hub.federated.view import NO_SUBJECT, view
from policies.sharing import Sharing
from schema.caller import Caller
from schema.scopes import OPERATE


@pytest.fixture
async def look(tmp_path):
    here, there = StubHub.make(tmp_path, "320400", 8001), StubHub.make(tmp_path, "320583", 8002)
    sql = create_engine(f"sqlite:///{tmp_path / 'copies.sqlite'}")
    transport, copies = InProcess(here, there), Copies(sql)
    messenger = here.messenger(tmp_path / here.region, transport.client)

    async def looking(agreed=True, trouble=None, **listed):
        peer = Peer(there.listed(**listed), messenger, transport)
        follower = Follower(peer, messenger, copies, here.region)
        peer.trouble = trouble
        found = Sharing(("a@1",), frozenset(("mutual-recognition",))) if agreed else Sharing()
        return await view(SimpleNamespace(peer=peer, follower=follower), copies, found)

    looking.there, looking.messenger, looking.transport = there, messenger, transport
    yield looking
    await transport.close()
    sql.dispose()


def nothing_held(path, query, body):
    return (200, {"data": {"held": [{"region": "320583", "code": NO_SUBJECT, "facts": []}]}})


async def test_a_neighbour_that_answers_is_reachable(look):
    look.there.answer = nothing_held
    row = await look()
    assert (row["status"], row["reason"], row["last_feed"]) == ("REACHABLE", None, None)
    assert row["latency_ms"] >= 0
    assert row["key_expires"].startswith(time.strftime("%Y", time.gmtime(look.there.listed().keys[0]["exp"])))


async def test_without_an_agreement_a_neighbour_is_asked_a_question_without_content(look):
    look.there.answer = lambda path, query, body: (200, {"data": {"__typename": "Query"}})
    row = await look(agreed=False)
    assert (row["status"], row["reason"]) == ("REACHABLE", "no agreement in force")
    look.there.answer = lambda path, query, body: (403, {})
    assert (await look(agreed=False))["status"] == "REFUSED"


async def test_a_hub_whose_answers_do_not_hold_is_not_called_reachable(look):
    look.there.answer = nothing_held
    look.there.signing.offset = -300
    assert ((row := await look())["status"], row["reason"]) == ("INVALID_SIGNATURE", "stale")
    look.there.signing.offset = 0
    row = await look(trouble=BadSignature("digest"))
    assert (row["status"], row["reason"]) == ("INVALID_SIGNATURE", "last answer: digest")
    look.there.answer = lambda path, query, body: (200, {"data": {"held": None}})
    assert (await look())["status"] == "REFUSED"
    look.there.answer = lambda path, query, body: (404, {})
    assert ((row := await look())["status"], row["reason"]) == ("REFUSED", "status")


async def test_only_questions_of_clients_say_how_clients_are_answered(look, tmp_path):
    look.there.answer = nothing_held
    peer = Peer(look.there.listed(), look.messenger, look.transport)
    deadline = asyncio.get_running_loop().time() + 20
    asker = Asker("bank-7", "mutual-recognition")
    look.there.signing.offset = -300
    with pytest.raises(BadSignature):
        await peer.query(HELD, {"codes": [NO_SUBJECT]}, asker=asker, deadline=deadline)
    look.there.signing.offset = 0
    await peer.query(HELD, {"codes": [NO_SUBJECT]}, asker=asker, deadline=deadline, probing=True)
    assert isinstance(peer.trouble, BadSignature)
    await peer.query(HELD, {"codes": [NO_SUBJECT]}, asker=asker, deadline=deadline)
    assert peer.trouble is None


async def test_a_neighbour_nobody_could_call_hides_no_other(look, caplog):
    row = await look(url="https://no\x00where.example")
    assert (row["status"], row["latency_ms"]) == ("UNREACHABLE", None)


async def test_after_the_directorys_last_day_every_city_is_shown_as_cut_off_by_it():
    """Not "no peers": the operator is told why nobody answers."""
    hubs = [Hub(region, region, f"https://{region}.example", (), {}) for region in ("320400", "320583", "330500")]
    ended = SimpleNamespace(expires=date(2026, 10, 31), hubs=hubs)

    async def identify(headers, method, url, remember):
        return Caller("local", frozenset((OPERATE,)))

    hub = SimpleNamespace(
        settings=SimpleNamespace(base_url="https://320400.example", region="320400"),
        auth=SimpleNamespace(identify=identify),
        network=SimpleNamespace(neighbours={}, copies=None),
        directory=SimpleNamespace(expired=lambda: ended),
    )
    app = Starlette(routes=federation_routes(lambda: hub))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://320400.example") as client:
        rows = (await client.get("/federation/peers")).json()
    assert [row["region"] for row in rows] == ["320583", "330500"]
    assert {(row["status"], row["reason"]) for row in rows} == {("UNREACHABLE", "the directory expired on 2026-10-31")}


def test_a_hub_is_probed_before_one_runs_here(tmp_path, monkeypatch, capsys):
    """What is public is looked at; what needs a hub here is told as not checked, and is no failure of that hub."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *_):
            """Quiet."""

    monkeypatch.setenv("HUB_DATA", str(tmp_path / "nothing here"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        code = main(["peers", "probe", f"http://127.0.0.1:{server.server_address[1]}", "--json"])
        server.shutdown()
        thread.join()
    found = {one["check"]: one["ok"] for one in json.loads(capsys.readouterr().out)}
    assert code == 1
    assert found["publishes region, name, keys, ledger at /.well-known/credit-hub"] is False
    assert found["does not know a receipt that it never gave"] is True
    assert found["answers this hub, signed and bound to the question"] is None

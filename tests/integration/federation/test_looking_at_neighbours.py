"""How a neighbour stands, for the operator: by what its answers would be, whatever keeps it from answering."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from stub_hub import InProcess, StubHub

from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.peer import Peer
from hub.federated.view import view


@pytest.fixture
async def look(tmp_path):
    here, there = StubHub.make(tmp_path, "320400", 8001), StubHub.make(tmp_path, "320583", 8002)
    sql = create_engine(f"sqlite:///{tmp_path / 'copies.sqlite'}")
    transport, copies = InProcess(here, there), Copies(sql)
    messenger = here.messenger(tmp_path / here.region, transport.client)

    async def looking(**listed):
        peer = Peer(there.listed(**listed), messenger, transport)
        follower = Follower(peer, messenger, copies, here.region)
        return await view(SimpleNamespace(peer=peer, follower=follower), copies)

    looking.there = there
    yield looking
    await transport.close()
    sql.dispose()


async def test_a_neighbour_that_answers_is_reachable(look):
    look.there.answer = lambda path, query, body: (200, {"region": "320583"})
    row = await look()
    assert (row["status"], row["reason"], row["last_feed"]) == ("REACHABLE", None, None)
    assert row["latency_ms"] >= 0
    assert row["key_expires"].startswith(time.strftime("%Y", time.gmtime(look.there.listed().keys[0]["exp"])))


async def test_without_an_agreement_a_neighbour_is_asked_a_question_all_the_same(look):
    def answer(path, query, body):
        if path == "/graphql":
            return 200, {"data": {"__typename": "Query"}}
        return 403, {"code": "INSUFFICIENT_SCOPE"}

    look.there.answer = answer
    assert (await look())["status"] == "REACHABLE"
    look.there.answer = lambda path, query, body: (403, {})
    assert (await look())["status"] == "REFUSED"


async def test_what_is_wrong_is_said(look):
    look.there.answer = lambda path, query, body: (200, {"region": "320583"})
    look.there.signing.offset = -300
    assert ((row := await look())["status"], row["reason"]) == ("INVALID_SIGNATURE", "stale")
    look.there.answer = lambda path, query, body: (404, {})
    assert ((row := await look())["status"], row["reason"]) == ("REFUSED", "404")


async def test_a_neighbour_nobody_could_call_hides_no_other(look, caplog):
    row = await look(url="https://no\x00where.example")
    assert (row["status"], row["latency_ms"]) == ("UNREACHABLE", None)

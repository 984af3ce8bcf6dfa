"""How a neighbour stands, for the operator: by what its answers would be, whatever keeps it from answering."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from stub_hub import InProcess, StubHub

from federation.documents import HELD
from federation.errors import BadSignature
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.peer import Peer
from federation.ports import Asker
from hub.federated.view import NO_SUBJECT, view
from policies.sharing import Sharing


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

"""A hub's view of its neighbours: one of several workers follows, another takes over, directories change and end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from stub_hub import CODE, InProcess, StubHub, record

from federation import digest
from federation.directory import edit, sign
from federation.directory.current import CurrentDirectory
from federation.errors import PeerRefused
from federation.feed.reader import FeedReader
from federation.feed.writer import FeedWriter
from graph_loaders.persons import Persons
from hub.auth.jose import generate_jwk
from hub.federated.network import Network
from hub.federated.recognised import regions_asked
from hub.ledger.lock import FileLock
from policies import load_policies
from policies.agreements import read_agreements
from policies.fields import read_fields
from policies.recognition import Recogniser
from schema.errors import UsageError

DAY = date(2026, 11, 1)
HERE, THERE = "320400", "320583"


class Facts:
    async def persons(self, after, limit):
        return []

    async def data_version(self):
        return "1"


class Place:
    """Two hubs, a signed directory file of both, and as many workers of the first as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.day = folder, DAY
        self.here, self.there = StubHub.make(folder, HERE, 8001), StubHub.make(folder, THERE, 8002)
        self.told = create_engine(f"sqlite:///{folder / 'told.sqlite'}")
        self.sql = create_engine(f"sqlite:///{folder / 'copies.sqlite'}")
        self.transports = [InProcess(self.here, self.there) for _ in range(2)]
        self.writer = FeedWriter(self.told, THERE, self.messenger(self.there).sign_statement)
        self.reader = FeedReader(self.told, THERE)
        self.writer.tell({CODE: [record("一")]})
        self.there.answer = self.answer
        self.anchor = {**generate_jwk(), "kid": "anchor"}
        (folder / "anchor.jwk").write_text(json.dumps(self.anchor))
        self.file = folder / "directory.json"
        self.write(self.there.listed().keys)
        self.directory = CurrentDirectory(
            self.file, (folder / "anchor.jwk",), folder / "state.json", today=lambda: self.day
        )
        self.directory.reload()

    def messenger(self, hub: StubHub, place: int = 0):
        return hub.messenger(self.folder / hub.region, self.transports[place].client)

    def write(self, keys) -> None:
        if self.file.exists():
            data = self.file.read_bytes()
        else:
            data = edit.init([self.anchor], 1, issued=DAY, expires=DAY + timedelta(days=60))
        for hub, listed in ((self.here, self.here.listed().keys), (self.there, keys)):
            entry = {
                "region": hub.region,
                "name": "",
                "url": hub.url,
                "keys": [dict(key) for key in listed],
                "ledger": {},
            }
            data = edit.put_hub(data, entry, issued=DAY)
        for pack in read_agreements():
            entry = edit.agreement_entry(pack.id, pack.version, pack.parties, pack.sha256)
            data = edit.put_agreement(data, entry, issued=DAY)
        self.file.write_bytes(sign(data, self.anchor))

    def answer(self, path, query, body):
        if path == "/feed":
            if "snapshot" in query:
                return 200, self.reader.snapshot(int(query["snapshot"][0]), None, 100)
            return 200, self.reader.page(int(query["after"][0]), query["epoch"][0], 100)
        found = digest.build([CODE], 1, b"k" * 32)
        claims = digest.claims(found, of=THERE, to=HERE, epoch=1, data_version="1")
        statement = self.there.keys.current().jws(
            json.dumps({**claims, "iss": self.there.url, "iat": int(time.time())}).encode(), digest.TYP
        )
        return 200, {"region": THERE, "statement": statement, "filter": b64encode(found.data).decode()}

    def worker(self, place: int = 0) -> Network:
        policies = load_policies(HERE)
        recogniser = Recogniser(read_agreements(), policies.regions, policies.lists, policies.measures, read_fields())
        persons = Persons.open(self.folder / "person.key", self.folder)
        return Network(
            HERE,
            self.directory,
            recogniser,
            self.messenger(self.here, place),
            self.transports[place],
            self.sql,
            Facts(),
            persons,
            lambda: self.day.isoformat(),
            FileLock(self.folder / "network.lock"),
        )


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.told.dispose()
    made.sql.dispose()


async def until(holds, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        await asyncio.sleep(0.02)


def follows(network: Network) -> bool:
    return bool(network.neighbours and network.neighbours[THERE].tasks)


async def test_one_worker_follows_the_other_takes_its_digests_and_takes_over(place):
    one, other = place.worker(0), place.worker(1)
    async with AsyncExitStack() as first, other_after(one, first), other.running():
        await until(lambda: other.neighbours[THERE].follower.digest is not None)
        assert [follows(one), follows(other), other.copies.count(THERE)] == [True, False, 1]
        await first.aclose()
        await until(lambda: follows(other))
        place.writer.tell({CODE: [record("一"), record("二")]})
        await until(lambda: other.copies.count(THERE) == 2)


@asynccontextmanager
async def other_after(one: Network, stack: AsyncExitStack):
    """``one`` runs, until its stack is closed, and leads."""
    await stack.enter_async_context(one.running())
    await until(lambda: follows(one))
    yield


async def test_a_leader_that_is_killed_leaves_its_place(place):
    code = (
        "import sys, time; from pathlib import Path; from hub.ledger.lock import FileLock; "
        "lock = FileLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(place.folder / "network.lock")]
    leader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert leader.stdout.readline() == "True\n"
        network = place.worker()
        async with network.running():
            await asyncio.sleep(0.8)
            assert not follows(network)
            leader.send_signal(signal.SIGKILL)
            leader.wait(10)
            await until(lambda: network.copies.position(THERE) is not None)
    finally:
        leader.kill()
        leader.wait(10)
        leader.stdout.close()


async def test_the_end_waits_for_no_poll_that_is_under_way(place):
    network = place.worker()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(network.running())
        await until(lambda: network.copies.count(THERE) == 1)
        place.there.delay = 60.0
        seen = len(place.there.seen)
        await until(lambda: len(place.there.seen) > seen)
        async with asyncio.timeout(5):
            await stack.aclose()


async def test_a_rotated_key_cuts_the_neighbour_off_until_the_directory_lists_it(place):
    network = place.worker()
    async with network.running():
        await until(lambda: network.copies.count(THERE) == 1)
        place.there.keys.rotate()
        place.writer.tell({CODE: [record("一"), record("二")]})
        await asyncio.sleep(1.2)
        assert network.copies.count(THERE) == 1
        place.write(place.there.listed().keys)
        assert place.directory.reload()
        await until(lambda: network.copies.count(THERE) == 2)


async def test_an_expired_directory_ends_following_and_its_cities_stay_known(place):
    hub = SimpleNamespace(settings=SimpleNamespace(region=HERE), directory=place.directory)
    network = place.worker()
    async with network.running():
        await until(lambda: follows(network))
        place.day = DAY + timedelta(days=61)
        await until(lambda: not network.neighbours)
        assert regions_asked(hub, None) == [HERE, THERE]
        asked = len(place.there.seen)
        await asyncio.sleep(0.7)
        assert len(place.there.seen) == asked
    again = CurrentDirectory(
        place.file, (place.folder / "anchor.jwk",), place.folder / "state.json", today=lambda: place.day
    )
    again.reload()
    assert (again.get(), again.regions()) == (None, (HERE, THERE)), "also after a restart"


def test_without_a_directory_a_hub_asks_itself_alone(tmp_path):
    hub = SimpleNamespace(
        settings=SimpleNamespace(region=HERE), directory=CurrentDirectory(None, (), tmp_path / "state.json")
    )
    assert regions_asked(hub, None) == [HERE]
    assert regions_asked(hub, [HERE, HERE]) == [HERE]
    for asked in (["320583"], [HERE, "999999"], []):
        with pytest.raises(UsageError):
            regions_asked(hub, asked)


async def test_a_new_directory_lets_names_be_looked_up_again_and_keeps_what_did_not_change(place):
    network = place.worker()
    async with network.running():
        await until(lambda: follows(network))
        kept, place.transports[0].resolver._pins = network.neighbours[THERE], {("peer.example", 443): "8.8.8.8"}
        place.file.write_bytes(
            sign(edit.renew(place.file.read_bytes(), DAY + timedelta(days=90), issued=DAY), place.anchor)
        )
        assert place.directory.reload()
        assert not place.transports[0].resolver._pins
        assert network.neighbours[THERE] is kept


async def test_a_neighbour_is_known_at_once_and_the_first_question_finds_a_token(place):
    listed = place.file.read_bytes()
    place.file.unlink()
    place.directory = CurrentDirectory(
        place.file, (place.folder / "anchor.jwk",), place.folder / "other.json", today=lambda: place.day
    )
    taken = FileLock(place.folder / "network.lock")
    assert taken.acquire(), "this worker does not follow"
    network = place.worker()
    async with network.running():
        assert not network.neighbours
        place.file.write_bytes(listed)
        assert place.directory.reload()
        await until(lambda: network.neighbours[THERE].greeting.done())
        await network.messenger.sign(network.neighbours[THERE].peer.hub, "GET", "/feed", b"", None)
        assert [path for _, path, _, _ in place.there.seen] == ["/oauth/token"]
    taken.release()


async def test_a_neighbour_that_gives_no_token_yet_is_greeted_again(place, monkeypatch):
    monkeypatch.setattr("hub.federated.network.GREETINGS", (0.0, 0.05, 0.05))
    tries = []
    sign_as_ever = place.messenger(place.here).sign

    async def sign(*asked):
        tries.append(asked)
        if len(tries) == 1:
            raise PeerRefused("token", "unknown client")
        return await sign_as_ever(*asked)

    network = place.worker()
    monkeypatch.setattr(network.messenger, "sign", sign)
    async with network.running():
        await until(lambda: network.neighbours[THERE].greeting.done())
        assert len([path for _, _, path, *_ in tries if path == "/feed"]) >= 2

"""What asking the neighbours costs, how well digests spare questions, how fast feeds are followed and changes arrive.

The neighbours are ASGI applications of this process with real keys, tokens, signatures and feeds, and a service time
of their own in place of a graph; the asking side is the hub's own code. One process does the work of all hubs, so the
figures are upper bounds.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "unit" / "federation"), str(HERE.parent / "integration" / "federation")]

from stub_hub import CODE, InProcess, StubHub, record  # noqa: E402
from test_telling_neighbours import Facts, fact  # noqa: E402

from federation import digest  # noqa: E402
from federation.ask import Question, ask_peer  # noqa: E402
from federation.feed.copies import Copies  # noqa: E402
from federation.feed.follow import Follower  # noqa: E402
from federation.feed.reader import FeedReader  # noqa: E402
from federation.feed.writer import FeedWriter  # noqa: E402
from federation.peer import Peer  # noqa: E402
from federation.ports import Asker  # noqa: E402
from federation.recognise import elements  # noqa: E402
from hub.federated.recognised import judge_with  # noqa: E402
from hub.federated.telling import Teller, Waiters  # noqa: E402
from hub.ledger import Ledger  # noqa: E402
from hub.ledger.lock import FileLock  # noqa: E402
from hub.settings import Settings  # noqa: E402
from policies import load_policies  # noqa: E402
from policies.agreements import read_agreements  # noqa: E402
from policies.fields import read_fields  # noqa: E402
from policies.recognition import Recogniser  # noqa: E402
from schema import times  # noqa: E402

DAY = "2026-11-01"
HERE_REGION = "320400"
HOLDERS = ("320583", "330700", "330500", "330305")
SERVICE = (0.02, 0.03, 0.04, 0.06)  # seconds a holder takes to answer


class Delta:
    """An asking hub and its neighbours: four that hold something of the subject, the others nothing."""

    def __init__(self, folder: Path, others: int) -> None:
        here = StubHub.make(folder, HERE_REGION, 8001)
        self.hubs = [self._hub(folder, region, place) for place, region in enumerate(HOLDERS)]
        self.hubs += [self._hub(folder, f"34{n:02d}00", n + 4) for n in range(others)]
        self.transport = InProcess(here, *self.hubs, max_bytes=1 << 23)
        self.messenger = here.messenger(folder / HERE_REGION, self.transport.client)
        self.sql = create_engine(f"sqlite:///{folder / 'copies.sqlite'}")
        self.copies = Copies(self.sql)
        self.seconds: dict[str, float] = {}
        self.followers = [self._follower(hub) for hub in self.hubs]
        policies = load_policies(HERE_REGION)
        self.judge = judge_with(
            Recogniser(read_agreements(), policies.regions, policies.lists, policies.measures, read_fields())
        )

    def _hub(self, folder: Path, region: str, place: int) -> StubHub:
        hub = StubHub.make(folder, region, 8002 + place)
        facts = [record(f"{region}-{n}") for n in range(3)] if region in HOLDERS else []

        def answer(path: str, query: Any, body: bytes) -> tuple[int, Any]:
            codes = json.loads(body)["variables"]["codes"]
            return 200, {"data": {"held": [{"region": region, "code": code, "facts": facts} for code in codes]}}

        hub.answer = answer
        hub.delay = SERVICE[place] if region in HOLDERS else 0.01
        return hub

    def _follower(self, hub: StubHub) -> Follower:
        def observe(region: str, status: str, seconds: float) -> None:
            self.seconds[region] = seconds

        peer = Peer(hub.listed(), self.messenger, self.transport, observe)
        return Follower(peer, self.messenger, self.copies, HERE_REGION)

    def renew_digests(self) -> None:
        for hub, follower in zip(self.hubs, self.followers, strict=True):
            page = digest_page(hub, HERE_REGION, [CODE] if hub.region in HOLDERS else ["another"])
            follower._take(page["statement"], b64decode(page["filter"]), times.now_us())

    async def answers(self, deadline: float = 5.0) -> list[dict[str, Any]]:
        """One federated question, judged; how long each city took is in ``seconds``."""
        self.seconds.clear()
        asker = Asker("bench", "mutual-recognition")
        question = Question((CODE,), DAY, DAY, asker, deadline=deadline, copy_max_age=3600.0)
        cities = await asyncio.gather(*(ask_peer(one.peer, one, self.copies, question) for one in self.followers))
        return [one for city in cities for one in elements(city[CODE], here=HERE_REGION, day=DAY, judge=self.judge)]

    async def ask(self) -> float:
        """Seconds of one question that everybody answers."""
        began = time.perf_counter()
        answers = await self.answers()
        seconds = time.perf_counter() - began
        assert len(answers) == 3 * len(HOLDERS) + len(self.hubs) - len(HOLDERS)
        assert not {answer["status"] for answer in answers} & {"UNREACHABLE", "REFUSED", "INVALID_SIGNATURE"}
        return seconds

    async def close(self) -> None:
        await self.transport.close()
        self.sql.dispose()


def digest_page(hub: StubHub, to: str, codes: Sequence[str]) -> dict[str, str]:
    """A fresh, signed digest as a hub gives it, of the size for a thousand subjects."""
    found = digest.build(codes, 1000, digest.pair_key(b"s" * 32, hub.region, 1))
    claims = digest.claims(found, of=hub.region, to=to, epoch=1, data_version="1")
    body = {**claims, "iss": hub.url, "iat": int(time.time())}
    statement = hub.keys.current().jws(json.dumps(body).encode(), digest.TYP)
    return {"statement": statement, "filter": b64encode(found.data).decode()}


async def questions(folder: Path, rounds: int) -> dict[str, dict[str, Any]]:
    few, many = Delta(folder / "5", 0), Delta(folder / "41", 36)
    found: dict[str, list[float]] = {"ratio": [], "five": [], "many": [], "undigested": []}
    for turn in range(rounds + 2):
        few.renew_digests()
        many.renew_digests()
        five = await few.ask()
        slowest = max(few.seconds.values())
        forty_one = await many.ask()
        asked = len(many.seconds)
        for follower in many.followers:
            follower.digest = None
        everybody = await many.ask()
        if turn >= 2:  # the first rounds fetch tokens
            for name, value in zip(found, (five / slowest, five, forty_one, everybody), strict=True):
                found[name].append(value)
    await few.close()
    await many.close()
    middle = {name: statistics.median(values) for name, values in found.items()}
    return {
        "federated query / slowest asked peer": {"ratio": middle["ratio"], "s": middle["five"], "aim": "<= 1.15"},
        "41 hubs / 5 hubs, same holders": {
            "ratio": statistics.median(m / f for m, f in zip(found["many"], found["five"], strict=True)),
            "s": middle["many"],
            "asked": asked,
            "aim": "<= 1.2",
            "s_without_digests": middle["undigested"],
        },
    }


def false_positives(count: int) -> dict[str, Any]:
    found = digest.build((f"member-{n}" for n in range(count)), count, digest.pair_key(b"s" * 32, "330700", 1))
    hits = sum(found.may_hold(f"stranger-{n}") for n in range(count))
    return {"rate": hits / count, "stated": digest.FALSE_POSITIVES, "members": count, "bytes": len(found.data)}


class Feed:
    """One hub that tells, and its neighbour that follows."""

    def __init__(self, folder: Path) -> None:
        here, self.there = StubHub.make(folder, HERE_REGION, 8001), StubHub.make(folder, "320583", 8002)
        self.told, self.copied = (create_engine(f"sqlite:///{folder / name}.sqlite") for name in ("told", "copied"))
        self.transport = InProcess(here, self.there, max_bytes=1 << 23)
        messenger = here.messenger(folder / HERE_REGION, self.transport.client)
        sign = self.there.messenger(folder / "320583", self.transport.client).sign_statement
        self.writer, self.reader = FeedWriter(self.told, "320583", sign), FeedReader(self.told, "320583")
        self.copies = Copies(self.copied)
        self.waiters = Waiters(self.reader)
        peer = Peer(self.there.listed(), messenger, self.transport)
        self.follower = Follower(peer, messenger, self.copies, HERE_REGION)
        self.there.answer = self.answer

    def answer(self, path: str, query: Any, body: bytes) -> tuple[int, Any]:
        if path != "/feed":
            return 200, {"region": "320583", **digest_page(self.there, HERE_REGION, [CODE])}
        limit = int(query["limit"][0])
        if "snapshot" in query:
            upto = int(query["upto"][0]) if "upto" in query else None
            return 200, self.reader.snapshot(int(query["snapshot"][0]), upto, limit)
        return 200, self.reader.page(int(query["after"][0]), query["epoch"][0], limit)

    async def close(self) -> None:
        await self.transport.close()
        self.told.dispose()
        self.copied.dispose()


async def catch_up(folder: Path, rows: int) -> dict[str, Any]:
    feed = Feed(folder)
    codes = [f"C{n:017d}" for n in range(rows // 4)]
    await asyncio.to_thread(feed.writer.tell, {code: [fact(f"{code}-{n}") for n in range(2)] for code in codes})
    began = time.perf_counter()
    await feed.follower.step()
    snapshot = time.perf_counter() - began
    more = {code: [fact(f"{code}-{n}") for n in range(2, 4)] for code in codes}
    await asyncio.to_thread(feed.writer.tell, more)
    entries = rows // 2 * 2
    began = time.perf_counter()
    while (at := feed.copies.position("320583")) is None or at.seq < feed.reader.head():
        await feed.follower.step()
    delta = time.perf_counter() - began
    count = feed.copies.count("320583")
    await feed.close()
    assert count == rows // 4 * 2
    return {"snapshot_per_s": rows // 4 * 2 / snapshot, "delta_per_s": entries / delta, "entries": entries}


async def revocations(folder: Path, rounds: int) -> dict[str, Any]:
    """From the moment the graph of one hub holds a revocation until the copy at another one has lost the record."""
    feed = Feed(folder)
    settings = Settings(data=folder / "hub", region="320583", base_url=feed.there.url)
    facts = Facts()
    async with await Ledger.open(settings, keys=feed.there.keys) as ledger:
        lock = FileLock(settings.run / "feed.lock")
        teller = Teller(facts, lambda: feed.writer, lock, ledger, lambda: DAY, lambda: (), dict)
        work = [asyncio.create_task(one) for one in (teller.run(), feed.waiters.run(), follow(feed))]
        taken = []
        for turn in range(rounds):
            facts.set(CODE, fact(f"r{turn}"))
            await until(lambda: held(feed) == 1)
            await asyncio.sleep(0.07 * (turn % 8))
            facts.set(CODE, void=[f"r{turn}"])
            began = time.perf_counter()
            await until(lambda: held(feed) == 0)
            taken.append(time.perf_counter() - began)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    await feed.close()
    return {**spread(taken), "aim": "<= 5 s"}


async def follow(feed: Feed) -> None:
    """The follower's loop with the long poll that the hub's route does."""
    while True:
        position = feed.copies.position("320583")
        if position is not None:
            await feed.waiters.wait(position.seq, 20)
        await feed.follower.step()


def held(feed: Feed) -> int:
    return len(feed.copies.held("320583", [CODE])[CODE])


async def until(holds: Any) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"min_s": ordered[0], "median_s": statistics.median(ordered), "max_s": ordered[-1], "n": len(ordered)}


async def measure(folder: Path, quick: bool) -> dict[str, dict[str, Any]]:
    found = await questions(folder, 5 if quick else 25)
    found["digest false positives"] = false_positives(20_000 if quick else 200_000)
    (folder / "feed").mkdir()
    found["feed catch-up"] = await catch_up(folder / "feed", 4_000 if quick else 40_000)
    (folder / "revoked").mkdir()
    found["revocation to effect elsewhere"] = await revocations(folder / "revoked", 5 if quick else 25)
    return found


def run(quick: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("5", "41"):
            (folder / part).mkdir()
        return asyncio.run(measure(folder, quick))

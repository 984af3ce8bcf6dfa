"""Facts of acts in the graph: through the same loading as a file, once, and again from the journal alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph_loaders.engine import Engine
from graph_loaders.graph_hash import graph_hash
from graph_loaders.persons import Persons
from hub.acts.graph_claims import GraphClaims
from hub.acts.journal import Journal
from hub.acts.model import Act, Claim, Performed, new_id
from hub.ledger import Ledger
from hub.ledger.lock import FileLock
from hub.settings import Settings
from policies import load_policies
from tests.integration.acts.desk import CLERK, FIRM

TODAY = "2026-11-02"
MADE = {
    "number": "诺-1",
    "commitment_kind": "信用承诺",
    "code": FIRM,
    "name": "某某公司",
    "matter": "许可",
    "made_on": "2026-10-01",
    "due_on": "2026-12-01",
}
FOUND = "MATCH (c:Commitment {number: $number}) RETURN c.kept_on AS kept, c.source AS source, c.retracted_at AS gone"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    settings = Settings(data=tmp_path / "hub", base_url="https://hub.example", region="320400")
    async with await Ledger.open(settings) as opened:
        yield opened


def loader(journal: Journal, engine: Engine, tmp_path: Path) -> GraphClaims:
    persons = Persons.open(tmp_path / "person.key", tmp_path)
    lock = FileLock(tmp_path / "acts.lock")
    return GraphClaims(journal, engine, persons, load_policies("320400"), lock, lambda: TODAY)


async def promise(journal: Journal, **more: str) -> int:
    act = Act("test-promise", new_id(), 0, {}, FIRM, claims=[Claim("commitments", {**MADE, **more})])
    _, claimed = await journal.record("promise", Performed([act], {}), CLERK, None)
    return claimed


async def test_claims_are_loaded_once_in_order_and_again_from_the_journal(
    clean_graph: Engine, ledger: Ledger, tmp_path: Path
):
    engine, journal = clean_graph, Journal(ledger)
    await journal.open()
    claims = loader(journal, engine, tmp_path)
    assert await promise(journal) == 1
    assert not await claims.wait(1, 0)
    assert await claims.load_waiting()
    assert not await claims.load_waiting()
    assert await claims.wait(1, 0)
    assert await promise(journal, kept_on="2026-11-01") == 2
    assert await claims.load_waiting()
    rows = await engine.read(FOUND, {"number": "诺-1"}, name="test")
    held = [row for row in rows if row["gone"] > 10**17]
    assert [(row["kept"], row["source"]) for row in held] == [("2026-11-01", "acts")]
    before = await graph_hash(engine)

    from graph_wiping import wipe

    await wipe(engine)
    assert await graph_hash(engine) != before
    await claims.load(await claims.claims(0))
    assert await graph_hash(engine) == before
    await claims.load(await claims.claims(0))
    assert await graph_hash(engine) == before

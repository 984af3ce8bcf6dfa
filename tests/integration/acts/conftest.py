"""A journal on both databases, and the gate room over a graph that is a dictionary."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub.ledger import Ledger
from hub.settings import Settings
from tests.integration.acts.desk import Desk, open_desk
from tests.integration.ledger.postgres_server import HOW, Server, available, server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if not available():
        pytest.skip(HOW)
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    sql = "sqlite"
    if request.param == "postgres":
        running: Server = request.getfixturevalue("postgres")
        sql = running.new_database(f"hub_{uuid.uuid4().hex}")
    return Settings(data=tmp_path / "hub", sql=sql, base_url="https://hub.example", region="320400")


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    async with await Ledger.open(settings) as ledger:
        yield await open_desk(settings, ledger)

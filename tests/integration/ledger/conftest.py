"""Ledgers on both databases: every test that asks for ``settings`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import HOW, Server, available, server

from hub.settings import Settings


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
    return Settings(data=tmp_path / "hub", sql=sql, base_url="https://hub.example")


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "hub", base_url="https://hub.example")

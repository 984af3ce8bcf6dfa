"""The local operator's client: every operator's scope but those that belong to a named person."""

from __future__ import annotations

from pathlib import Path

from hub.auth.clients import Clients, new_client
from hub.auth.database import Database
from hub.auth.jose import public_part
from hub.auth.local import ensure_local_client, read_local_client
from hub.auth.tables import create_tables
from hub.settings import Settings
from schema.scopes import OF_PEOPLE, SCOPES, SELF, UNMASK


def registry(settings: Settings) -> Clients:
    settings.data.mkdir(parents=True)
    database = Database(settings.sql_url)
    create_tables(database)
    return Clients(database)


def test_local_client_sees_masked_names_and_is_no_subject(tmp_path: Path):
    settings = Settings(data=tmp_path / "hub")
    clients = registry(settings)
    made = clients.find(ensure_local_client(settings, clients))
    assert made is not None
    assert made.scopes == frozenset(SCOPES) - {UNMASK, SELF, *OF_PEOPLE}


def test_local_client_of_an_earlier_version_is_replaced(tmp_path: Path):
    settings = Settings(data=tmp_path / "hub")
    clients = registry(settings)
    first = ensure_local_client(settings, clients)
    old = read_local_client(settings)
    clients.revoke(first)
    clients.add(new_client("local", scope=UNMASK, jwks=[public_part(old.key.public)], client_id="local-old"))
    path = settings.data / "keys" / "local-client.json"
    path.write_text(path.read_text().replace(first, "local-old"))
    second = ensure_local_client(settings, clients)
    assert second not in (first, "local-old")
    made = clients.find(second)
    assert made is not None
    assert UNMASK not in made.scopes
    assert read_local_client(settings).key.public != old.key.public

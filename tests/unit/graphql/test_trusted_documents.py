"""A client with a list of documents is answered those, by text or hash, and no others."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from asking import MUTUAL, caller, post
from graphs import HashGraph

from federation.documents import HELD
from hub.graphql.service import GraphQLService, Options
from hub.graphql.trusted import TrustedDocuments, require_fitting
from schema.caller import Caller
from schema.errors import SettingsError
from schema.types.build import build_schema

ALLOWED = "query Ping { __typename }\n"
SHA = hashlib.sha256(ALLOWED.encode()).hexdigest()
FREE = Caller("client-2", MUTUAL.scopes, purpose=MUTUAL.purpose, name="city")


def service(folder: Path) -> GraphQLService:
    return GraphQLService(build_schema(), HashGraph(), Options(), TrustedDocuments(folder))


def code(answer: dict[str, object]) -> str:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return str(errors[0]["extensions"]["code"])


async def test_only_listed_documents_are_answered(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "ping.graphql").write_text(ALLOWED, encoding="utf-8")
    hub = service(tmp_path)
    assert (await post(hub, MUTUAL, ALLOWED))["data"]
    assert (await post(hub, MUTUAL, ALLOWED.strip()))["data"]
    assert (await post(hub, MUTUAL, None, documentId=f"sha256:{SHA}"))["data"]  # type: ignore[arg-type]
    assert (await post(hub, MUTUAL, None, extensions={"persistedQuery": {"version": 1, "sha256Hash": SHA}}))["data"]  # type: ignore[arg-type]
    assert code(await post(hub, MUTUAL, "query Ping { __typename __typename }")) == "NOT_TRUSTED_DOCUMENT"
    assert code(await post(hub, MUTUAL, ALLOWED, documentId="0" * 64)) == "NOT_TRUSTED_DOCUMENT"
    assert code(await post(hub, MUTUAL, "{ __typename }", documentId=SHA)) == "NOT_TRUSTED_DOCUMENT"
    assert code(await post(hub, MUTUAL, None, documentId="0" * 64)) == "NOT_TRUSTED_DOCUMENT"  # type: ignore[arg-type]


async def test_clients_without_a_list_are_free(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    hub = service(tmp_path)
    assert (await post(hub, FREE, "{ __typename }"))["data"]
    assert code(await post(hub, MUTUAL, "{ __typename }")) == "NOT_TRUSTED_DOCUMENT"
    assert code(await post(hub, FREE, None, documentId=SHA)) == "NOT_TRUSTED_DOCUMENT"  # type: ignore[arg-type]


async def test_manifests_count_and_are_read_again_when_they_change(tmp_path: Path) -> None:
    peer = Caller("https://hub.example/", MUTUAL.scopes, purpose=MUTUAL.purpose)
    place = tmp_path / "https%3A%2F%2Fhub.example%2F"
    place.mkdir()
    (place / "list.json").write_text(json.dumps({SHA: ALLOWED}), encoding="utf-8")
    hub = service(tmp_path)
    assert (await post(hub, peer, None, documentId=SHA))["data"]  # type: ignore[arg-type]
    assert code(await post(hub, peer, "{ __typename }")) == "NOT_TRUSTED_DOCUMENT"
    (place / "more.graphql").write_text("{ __typename }", encoding="utf-8")
    for _ in range(20):
        await asyncio.sleep(0.1)
        if "data" in await post(hub, peer, "{ __typename }"):
            return
    raise AssertionError("a changed list was not noticed within two seconds")


async def test_an_unreadable_list_allows_nothing(tmp_path: Path) -> None:
    place = tmp_path / "client-1"
    place.mkdir()
    (place / "list.json").write_bytes(b"\xff{")
    assert code(await post(service(tmp_path), caller("public"), "{ __typename }")) == "NOT_TRUSTED_DOCUMENT"


async def test_a_scope_may_demand_a_list(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "ping.graphql").write_text(ALLOWED, encoding="utf-8")
    scopes = frozenset({"credit:mutual", "credit:loan"})
    hub = GraphQLService(build_schema(), HashGraph(), Options(), TrustedDocuments(tmp_path, scopes))
    assert (await post(hub, MUTUAL, ALLOWED))["data"]
    assert code(await post(hub, FREE, ALLOWED)) == "NOT_TRUSTED_DOCUMENT"
    assert code(await post(hub, FREE, None, documentId=SHA)) == "NOT_TRUSTED_DOCUMENT"  # type: ignore[arg-type]
    other = Caller("client-3", frozenset({"credit:public"}))
    assert (await post(hub, other, "{ __typename }"))["data"]
    peer = Caller("https://hub.example", MUTUAL.scopes, purpose=MUTUAL.purpose, peer_region="320500")
    assert code(await post(hub, peer, "{ __typename }")) == "NOT_TRUSTED_DOCUMENT"
    assert "data" in await post(hub, peer, HELD, {"codes": []})


@pytest.mark.parametrize("name", ["Bank", "bank ", "bank%2F", "client 1"])
def test_a_list_that_fits_no_client_stops_the_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "https%3A%2F%2Fhub.example").mkdir()
    clients = ["client-1", "bank", "", "https://hub.example"]
    require_fitting(tmp_path, clients)
    (tmp_path / name).mkdir()
    with pytest.raises(SettingsError, match="fits no client"):
        require_fitting(tmp_path, clients)

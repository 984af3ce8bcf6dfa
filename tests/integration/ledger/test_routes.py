"""The log over HTTP: tiles from which a stranger rebuilds the tree, and receipts for their own client only."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from ledger_tools import BANK, check_with_pymerkle, entry, proven
from pymerkle import InmemoryTree
from starlette.applications import Starlette
from starlette.requests import Request

from hub.ledger import Ledger
from hub.ledger.notes import NoteVerifier, open_checkpoint
from hub.ledger.routes import ledger_routes
from hub.ledger.tiles import tile_path
from hub.settings import Settings
from schema.caller import Caller
from schema.errors import Unauthenticated


async def who(request: Request) -> Caller:
    name = request.headers.get("authorization")
    if not name:
        raise Unauthenticated("no token", hint="send one")
    return replace(BANK, client_id=name)


@pytest.fixture
async def ledger(sqlite_settings: Settings) -> AsyncIterator[Ledger]:
    async with await Ledger.open(sqlite_settings) as opened:
        yield opened


@pytest.fixture
async def client(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=ledger_routes(lambda: ledger, who))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as opened:
        yield opened


async def test_a_stranger_rebuilds_the_signed_tree_from_entries_and_tiles(
    ledger: Ledger, client: httpx.AsyncClient
) -> None:
    for _ in range(299):
        last = await ledger.commit(entry())
    await proven(ledger, last.id)
    answer = await client.get("/ledger/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    head = open_checkpoint(answer.text, [NoteVerifier.parse(ledger.identity["key"])])
    assert (head.origin, head.size) == ("hub.example/ledger", 300)
    tree = InmemoryTree(algorithm="sha256")
    hashes = b""
    for n, width in ((0, 256), (1, 44)):
        bundle = await client.get(f"/ledger/tile/{tile_path(None, n, width)}")
        tile = await client.get(f"/ledger/tile/{tile_path(0, n, width)}")
        assert tile.headers["content-type"] == "application/octet-stream"
        assert "immutable" in tile.headers["cache-control"]
        hashes += tile.content
        data = bundle.content
        while data:
            size = int.from_bytes(data[:2], "big")
            tree.append_entry(data[2 : 2 + size])
            data = data[2 + size :]
    assert tree.get_size() == 300
    assert tree.get_root() == head.root
    assert hashes == b"".join(tree.get_leaf(i) for i in range(1, 301))
    top = await client.get("/ledger/tile/1/000.p/1")
    assert top.content == tree.get_root(256)


@pytest.mark.parametrize("path", ["0/000.p/200", "0/001", "1/000", "63/000", "0/x000/000", "entries/000", "x", ""])
async def test_tiles_beyond_the_signed_tree_or_misspelt_are_404(
    ledger: Ledger, client: httpx.AsyncClient, path: str
) -> None:
    await proven(ledger, (await ledger.commit(entry())).id)
    answer = await client.get(f"/ledger/tile/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "BAD_USER_INPUT"


async def test_proof_is_202_until_covered_and_then_verifies(ledger: Ledger, client: httpx.AsyncClient) -> None:
    receipt = await ledger.commit(entry())
    first = await client.get(f"/receipts/{receipt.id}/proof", headers={"authorization": "bank"})
    if first.status_code == 202:
        assert first.headers["retry-after"] == "1"
    await proven(ledger, receipt.id)
    answer = await client.get(f"/receipts/{receipt.id}/proof", headers={"authorization": "bank"})
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"receipt", "proof", "checkpoint"}
    assert body["proof"].keys() == {"index", "size", "salt", "hashes", "asker"}
    assert b64decode(body["proof"]["salt"]) == receipt.salt
    check_with_pymerkle(ledger, body["receipt"], body["proof"], body["checkpoint"])


async def test_proof_is_for_the_client_that_asked_only(ledger: Ledger, client: httpx.AsyncClient) -> None:
    receipt = await ledger.commit(entry())
    path = f"/receipts/{receipt.id}/proof"
    other = await client.get(path, headers={"authorization": "other"})
    unknown = await client.get(f"/receipts/{receipt.id[:-1]}0/proof", headers={"authorization": "other"})
    assert other.status_code == unknown.status_code == 404
    assert other.json() == unknown.json()
    nobody = await client.get(path)
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("DPoP")


async def test_status_of_a_receipt_is_open_to_whoever_holds_its_id(ledger: Ledger, client: httpx.AsyncClient) -> None:
    receipt = await ledger.commit(entry(discloses=["record-1"]))
    assert (await client.get(f"/receipts/{receipt.id}")).json() == {"status": "VALID", "changedAt": None}
    await ledger.mark_receipts("REVOKED", ["record-1"], because="decision revoked")
    changed = (await client.get(f"/receipts/{receipt.id}")).json()
    assert changed["status"] == "REVOKED"
    assert changed["changedAt"].endswith("Z")
    for bad in ("x", "00000000-0000-7000-8000-000000000000", receipt.id.upper(), "%00"):
        assert (await client.get(f"/receipts/{bad}")).status_code == 404


async def test_a_ledger_that_is_gone_is_503_with_what_to_do(
    ledger: Ledger, client: httpx.AsyncClient, sqlite_settings: Settings
) -> None:
    path = sqlite_settings.data / "hub.sqlite"
    path.rename(path.with_suffix(".away"))
    answer = await client.get("/ledger/checkpoint")
    assert answer.status_code == 503
    assert answer.json()["code"] == "LEDGER_UNAVAILABLE"
    path.with_suffix(".away").rename(path)
    assert (await client.get("/ledger/checkpoint")).status_code in (200, 404)


async def test_nothing_public_names_anybody(ledger: Ledger, client: httpx.AsyncClient) -> None:
    receipt = await ledger.commit(entry(subject="91320400MA1XXXXXX1"))
    await proven(ledger, receipt.id)
    size = open_checkpoint((await client.get("/ledger/checkpoint")).text, [ledger.verifier]).size
    bundle = (await client.get(f"/ledger/tile/entries/000.p/{size}")).content
    assert len(bundle) == size * 34
    assert b"bank" not in bundle
    assert b"91320400" not in bundle

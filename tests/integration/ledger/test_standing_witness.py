"""A witness of its own: it cosigns a city's log, counts in ``verify``, and knows when the log was set back."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from ledger_tools import entry
from sqlalchemy import text

from federation.witness import render
from hub.evidence.trust import witnesses_from_document
from hub.federated.cosigners import Asked, Cosigners, StandingWitness, standing, wanted
from hub.ledger import Ledger
from hub.ledger.cosignatures import CosignatureKey, cosigners
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint, parse_checkpoint
from hub.ledger.reading import Wanted
from hub.ledger.tree import EMPTY_ROOT
from hub.serve.witness import WitnessServer
from hub.settings import Settings, load_settings
from schema.errors import LedgerUnavailable, SettingsError, UsageError

URL = "http://127.0.0.1:1"


@contextlib.asynccontextmanager
async def a_witness(folder: Path, ledger: Ledger) -> AsyncIterator[StandingWitness]:
    server = WitnessServer(Settings(data=folder), "witness.example", [ledger.verifier.vkey])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app)) as client:
        yield StandingWitness(CosignatureKey.parse(server.key), URL, client, ledger.verifier.name)
    server._engine.dispose()


@contextlib.asynccontextmanager
async def cosigning(ledger: Ledger, witness: Asked) -> AsyncIterator[None]:
    ledger.wanted = lambda: Wanted(1, frozenset({witness.key.name}))
    task = asyncio.create_task(Cosigners(ledger, lambda: {"w": witness}, lambda: True).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def cosigned(ledger: Ledger, receipt: str, witness: Asked) -> str:
    """The checkpoint of a proof, once it has the witness's cosignature."""
    deadline = time.monotonic() + 20
    while True:
        found = await asyncio.to_thread(ledger.reader.proof, receipt, ledger.wanted())
        if found is not None and found.checkpoint and cosigners(found.checkpoint, [witness.key]):
            return found.checkpoint
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_proofs_come_with_the_cosignature_and_the_witness_remembers(settings: Settings, tmp_path: Path) -> None:
    async with await Ledger.open(settings) as ledger, a_witness(tmp_path / "w", ledger) as witness:
        async with cosigning(ledger, witness):
            for _ in range(3):
                note = await cosigned(ledger, (await ledger.commit(entry())).id, witness)
        last = await witness.last()
        assert last is not None
        assert open_checkpoint(last, [ledger.verifier]).size >= parse_checkpoint(note).size
        await Cosigners(ledger, lambda: {"w": witness}, lambda: True).remember()


async def test_a_proof_waits_for_witnesses_a_moment_and_not_for_ever(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Ledger.open(settings) as ledger:
        receipt = await ledger.commit(entry())
        while (await asyncio.to_thread(ledger.reader.proof, receipt.id)).proof is None:  # type: ignore[union-attr]
            await asyncio.sleep(0.02)
        nobody = Wanted(1, frozenset({"nobody.example"}))
        monkeypatch.setattr("hub.ledger.reading.WITNESSES_TIME", 10**12)
        waiting = await asyncio.to_thread(ledger.reader.proof, receipt.id, nobody)
        monkeypatch.setattr("hub.ledger.reading.WITNESSES_TIME", 0)
        given = await asyncio.to_thread(ledger.reader.proof, receipt.id, nobody)
    assert waiting is not None
    assert waiting.checkpoint is None
    assert given is not None
    assert given.checkpoint is not None


async def test_a_log_set_back_with_its_memory_is_refused_by_what_a_witness_knows(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    settings = sqlite_settings
    async with await Ledger.open(settings) as ledger:
        await ledger.commit(entry())
    shutil.copytree(settings.data, tmp_path / "earlier")
    async with (
        await Ledger.open(settings) as ledger,
        a_witness(tmp_path / "w", ledger) as witness,
        cosigning(ledger, witness),
    ):
        await cosigned(ledger, (await ledger.commit(entry())).id, witness)
    shutil.rmtree(settings.data)
    shutil.copytree(tmp_path / "earlier", settings.data)
    async with await Ledger.open(settings) as ledger, a_witness(tmp_path / "w", ledger) as witness:
        with pytest.raises(LedgerUnavailable, match="witness knows"):
            await Cosigners(ledger, lambda: {"w": witness}, lambda: True).remember()
        with pytest.raises(LedgerUnavailable):
            await ledger.commit(entry())
        assert ledger.healthy() is not None
        await asyncio.sleep(0.5)  # the sequencer does not take it for mended
        with pytest.raises(LedgerUnavailable):
            await ledger.commit(entry())


async def test_a_witness_that_has_seen_more_is_heard_while_running_too(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    settings = sqlite_settings
    await (await Ledger.open(settings)).close()
    shutil.copytree(settings.data, tmp_path / "earlier")
    async with (
        await Ledger.open(settings) as ledger,
        a_witness(tmp_path / "w", ledger) as witness,
        cosigning(ledger, witness),
    ):
        await cosigned(ledger, (await ledger.commit(entry())).id, witness)
    shutil.rmtree(settings.data)
    shutil.copytree(tmp_path / "earlier", settings.data)
    async with (
        await Ledger.open(settings) as ledger,
        a_witness(tmp_path / "w", ledger) as witness,
        cosigning(ledger, witness),
    ):
        deadline = time.monotonic() + 20
        while ledger.healthy() is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def test_a_liar_cannot_stop_a_log_that_is_whole(sqlite_settings: Settings, tmp_path: Path) -> None:
    class Liar:
        key = CosignatureKey("liar.example", bytes(32))

        def __init__(self, note: str | None) -> None:
            self.note = note

        async def add(self, body: bytes) -> tuple[str | None, int]:
            return None, 10**9

        async def last(self) -> str | None:
            return self.note

    async with await Ledger.open(sqlite_settings) as ledger:
        await ledger.commit(entry())
        other = NoteVerifier("other.example", bytes(32))
        made = Checkpoint(ledger.verifier.name, 10**6, EMPTY_ROOT).text + f"\n\u2014 {other.name} AAAAAAAA\n"
        for note in (None, "nonsense", made):
            await Cosigners(ledger, lambda note=note: {"l": Liar(note)}, lambda: True).remember()  # type: ignore[misc]
        assert await ledger.commit(entry())
        assert ledger.healthy() is None


@pytest.mark.parametrize("emptied", [False, True])
async def test_a_log_whose_memory_is_gone_does_not_start(settings: Settings, emptied: bool) -> None:
    async with await Ledger.open(settings) as ledger:
        await ledger.commit(entry())
        if emptied:
            ledger._sequencer.stop()
            with ledger._database.write() as connection:
                for table in ("details", "entries", "tiles", "checkpoints", "keys", "disclosed"):
                    connection.execute(text(f"DELETE FROM ledger_{table}"))
                connection.execute(text("UPDATE ledger_meta SET value = '0' WHERE key = 'tree'"))
    (settings.data / "keys" / "ledger.checkpoint").unlink()
    with pytest.raises(LedgerUnavailable, match=r"ledger\.checkpoint is gone"):
        await Ledger.open(settings)


async def test_a_log_without_its_key_does_not_begin_anew(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        await ledger.commit(entry())
    (sqlite_settings.data / "keys" / "ledger.json").unlink()
    with pytest.raises(SettingsError, match=r"ledger\.json is gone"):
        await Ledger.open(sqlite_settings)


async def test_what_a_standing_witness_says_over_http(sqlite_settings: Settings, tmp_path: Path) -> None:
    async with await Ledger.open(sqlite_settings) as ledger, a_witness(tmp_path / "w", ledger) as witness:
        await ledger.commit(entry())
        while (note := await asyncio.to_thread(ledger.reader.checkpoint)) is None:
            await asyncio.sleep(0.02)
        size, client = parse_checkpoint(note).size, witness._client

        async def add(body: bytes) -> httpx.Response:
            return await client.post(f"{URL}/add-checkpoint", content=body)

        assert (await client.get(f"{URL}/checkpoint", params={"origin": ledger.verifier.name})).status_code == 404
        assert (await add(render(0, [], note))).status_code == 200
        again = await add(render(0, [], note))
        assert (again.status_code, again.text, again.headers["content-type"]) == (409, f"{size}\n", "text/x.tlog.size")
        assert (await add(render(size, [], note))).status_code == 200
        assert (await add(b"what")).status_code == 400
        stranger = note.replace(ledger.verifier.name, "stranger.example/log")
        assert (await add(render(0, [], stranger))).status_code == 404
        unsigned = note.rpartition("\u2014 ")[0] + f"\u2014 {ledger.verifier.name} {b64encode(bytes(68)).decode()}\n"
        assert (await add(render(size, [], unsigned))).status_code == 403


def test_witnesses_are_set_named_and_counted(tmp_path: Path) -> None:
    server = WitnessServer(Settings(data=tmp_path / "w"), "witness.example", [])
    vkey = server.key
    settings = load_settings({"HUB_WITNESSES": f"{vkey}@https://witness.example"})
    assert settings.witnesses == ((vkey, "https://witness.example"),)
    assert wanted(None, "320400", settings) == Wanted(1, frozenset({"witness.example"}))
    assert wanted(None, "320400", Settings()) == Wanted(0, frozenset())
    assert [key.vkey for key in witnesses_from_document({"witnesses": [vkey]})] == [vkey]
    for bad in (vkey, f"{vkey}@http://witness.example", f"{vkey}@", "x@https://w.example"):
        with pytest.raises(SettingsError, match="HUB_WITNESSES"):
            load_settings({"HUB_WITNESSES": bad})
    broken = replace(settings, witnesses=((vkey[:-4] + "AAA=", "https://w.example"),))
    with pytest.raises(SettingsError, match="HUB_WITNESSES"):
        standing(broken, httpx.AsyncClient(), "origin")
    for name in ("", "a b", "a+b"):
        with pytest.raises(UsageError):
            WitnessServer(Settings(data=tmp_path / "w"), name, [])
    with pytest.raises(UsageError):
        WitnessServer(Settings(data=tmp_path / "w"), "w", ["no key"])
    server._engine.dispose()

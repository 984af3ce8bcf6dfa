"""``keys``, ``ledger verify`` and ``verify`` as a person at a terminal runs them."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ledger_tools import BANK, entry, proven

from hub.cli import keys as key_commands
from hub.cli import verify as verify_command
from hub.evidence import make_bundle
from hub.ledger import Entry, Ledger
from hub.settings import Settings
from hub.signing import RequestFacts, content_digest, sign_response, well_known
from schema.errors import LedgerUnavailable, UsageError


def run(settings: Settings, *arguments: str) -> int:
    """One command, parsed as by the program; to be called where no event loop runs."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    key_commands.register(subparsers)
    verify_command.register(subparsers)
    args = parser.parse_args(arguments)
    result: Any = args.func(args, settings)
    return int(asyncio.run(result) if inspect.iscoroutine(result) else result)


async def command(settings: Settings, *arguments: str) -> int:
    return await asyncio.to_thread(run, settings, *arguments)


async def saved_bundle(settings: Settings, folder: Path) -> tuple[Path, Path]:
    """A bundle and the trust in its hub, in files."""
    async with await Ledger.open(settings) as ledger:
        target = "https://hub.example/graphql"
        sent = {"dpop": "e30.eyJqdGkiOiJqLTEifQ.c2ln", "credit-purpose": "loan", "credit-case": "%E6%A1%88-1"}
        facts = RequestFacts.of("POST", target, b"{}", sent.get)
        receipt = await ledger.commit(
            Entry("read", BANK, content_digest(b"{}"), content_digest(b"[]"), "v1", method="POST", target=target)
        )
        headers = sign_response(ledger.keys, facts, 200, b"[]", receipt.id)
        bundle = make_bundle(
            method="POST",
            target=target,
            request_headers=sent.items(),
            request_body=b"{}",
            status=200,
            response_headers=headers,
            response_body=b"[]",
            proof=await proven(ledger, receipt.id),
        )
        trust = well_known(
            region="320400",
            name="",
            base_url="https://hub.example",
            keys=ledger.keys,
            ledger=ledger.identity,
            versions={},
        )
    files = folder / "bundle.json", folder / "trust.json"
    files[0].write_text(json.dumps(bundle))
    files[1].write_text(json.dumps(trust))
    return files


async def test_keys_are_listed_and_rotated_and_logged(
    sqlite_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command(sqlite_settings, "keys", "list") == 0
    assert "no signing key yet" in capsys.readouterr().out
    assert await command(sqlite_settings, "keys", "rotate", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert await command(sqlite_settings, "keys", "rotate", "--alg", "ES256") == 0
    capsys.readouterr()
    assert await command(sqlite_settings, "keys", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert made["kid"] in {key["kid"] for key in listed}
    assert listed[0]["alg"] == "ES256"
    assert not [key for key in listed if "d" in key["jwk"]]
    assert await command(sqlite_settings, "ledger", "verify") == 0


async def test_running_ledger_signs_with_a_key_rotated_by_a_command(sqlite_settings: Settings) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        before = ledger.keys.current().kid
        assert await command(sqlite_settings, "keys", "rotate") == 0
        await asyncio.sleep(0.6)
        assert ledger.keys.current().kid != before
        await proven(ledger, (await ledger.commit(entry())).id)
    assert await command(sqlite_settings, "ledger", "verify") == 0


async def test_ledger_verify_says_no_where_the_log_was_touched(
    sqlite_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with await Ledger.open(sqlite_settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
        assert await command(sqlite_settings, "ledger", "verify", "--json") == 0  # also while the hub runs
        assert json.loads(capsys.readouterr().out)["covered"] == 2
    with sqlite3.connect(sqlite_settings.data / "hub.sqlite") as connection:
        connection.execute("UPDATE ledger_details SET receipt = 'x.y.z'")
    connection.close()
    assert await command(sqlite_settings, "ledger", "verify") == 1
    assert "does NOT hold" in capsys.readouterr().out


async def test_ledger_verify_without_a_ledger_is_a_missing_service(sqlite_settings: Settings) -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        await command(sqlite_settings, "ledger", "verify")
    assert caught.value.exit_code == 3
    assert not sqlite_settings.data.exists()


async def test_verify_takes_trust_from_outside_the_file(
    sqlite_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = await saved_bundle(sqlite_settings, tmp_path)
    elsewhere = Settings(data=tmp_path / "nowhere")
    assert await command(elsewhere, "verify", str(bundle), "--trust", str(trust), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["reason"], found["region"]) == (True, None, "320400")
    anchored = replace(elsewhere, trust_anchors=(trust,))
    assert await command(anchored, "verify", str(bundle)) == 0
    assert "verified" in capsys.readouterr().out
    with pytest.raises(UsageError, match="whose keys to trust") as caught:
        await command(elsewhere, "verify", str(bundle))
    assert caught.value.exit_code == 2


async def test_verify_still_holds_after_a_rotation_with_trust_from_before_and_after(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    bundle, trust = await saved_bundle(sqlite_settings, tmp_path)
    assert await command(sqlite_settings, "keys", "rotate") == 0
    (tmp_path / "later").mkdir()
    _, later = await saved_bundle(sqlite_settings, tmp_path / "later")
    for known in (trust, later):
        assert await command(sqlite_settings, "verify", str(bundle), "--trust", str(known)) == 0


async def test_verify_says_no_with_the_reason(
    sqlite_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = await saved_bundle(sqlite_settings, tmp_path)
    document = json.loads(bundle.read_text())
    del document["proof"]
    bundle.write_text(json.dumps(document))
    assert await command(sqlite_settings, "verify", str(bundle), "--trust", str(trust), "--json") == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "proof_missing"
    assert await command(sqlite_settings, "verify", str(bundle), "--trust", str(trust)) == 1
    assert "缺少入账证明" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "x"}]}'])
async def test_a_trust_file_that_names_no_key_is_wrong_use(
    sqlite_settings: Settings, tmp_path: Path, content: str
) -> None:
    bundle, trust = await saved_bundle(sqlite_settings, tmp_path)
    trust.write_text(content)
    with pytest.raises(UsageError):
        await command(sqlite_settings, "verify", str(bundle), "--trust", str(trust))
    with pytest.raises(UsageError, match="cannot be read"):
        await command(sqlite_settings, "verify", str(bundle), "--trust", str(tmp_path / "none"))

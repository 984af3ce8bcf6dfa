"""RFC 3161 timestamps of heads, by an authority of OpenSSL: asked like a witness, shown in proofs, checked offline."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from ledger_tools import entry
from timestamp_authority import make_authority, serving

from hub.cli import main
from hub.federated.cosigners import Cosigners, standing, wanted
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.notes import open_checkpoint
from hub.ledger.timestamps import PREFIX, TimestampLine, read_roots, stamped
from hub.settings import Settings, load_settings
from schema.errors import SettingsError
from schema.times import now_us

pytest.importorskip("rfc3161_client", reason="needs the extra timestamps")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


async def stamped_note(settings: Settings, url: str) -> str:
    """The head of a proof once it has its timestamp."""
    chosen = Settings(data=settings.data, sql=settings.sql, base_url=settings.base_url, timestamps=url)
    async with httpx.AsyncClient(trust_env=False) as client, await Ledger.open(chosen) as ledger:
        ledger.wanted = lambda: wanted(None, chosen.region, chosen)
        witnesses = standing(chosen, client, ledger.identity["origin"])
        asking = asyncio.create_task(Cosigners(ledger, lambda: witnesses, lambda: True).run())
        try:
            receipt = await ledger.commit(entry())
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                found = await asyncio.to_thread(ledger.reader.proof, receipt.id, ledger.wanted())
                if found is not None and found.checkpoint and PREFIX in found.checkpoint:
                    assert open_checkpoint(found.checkpoint, [ledger.verifier])
                    return found.checkpoint
                await asyncio.sleep(0.05)
        finally:
            asking.cancel()
    raise AssertionError("no timestamp came")


async def test_proof_shows_a_head_with_its_timestamp_that_leads_to_the_root(settings: Settings, tmp_path: Path) -> None:
    root = make_authority(tmp_path / "authority")
    with serving(tmp_path / "authority") as url:
        note = await stamped_note(settings, url)
    (name, at) = next(iter(stamped(note, read_roots([root])).items()))
    assert name == "rfc3161.127.0.0.1"
    assert abs(at.timestamp() - time.time()) < 120
    assert stamped(note, read_roots([make_authority(tmp_path / "other")])) == {}, "of another authority"
    moved = note.replace(f"\n{note.splitlines()[1]}\n", "\n999\n", 1)
    assert stamped(moved, read_roots([root])) == {}, "over another head"
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems


async def test_verify_wants_a_timestamp_of_the_authority_that_is_named(
    sqlite_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part of the log, as an auditor has it, by the command itself."""
    roots = [make_authority(tmp_path / name) for name in ("authority", "other")]
    with serving(tmp_path / "authority") as url:
        note = await stamped_note(sqlite_settings, url)
    async with await Ledger.open(sqlite_settings) as ledger:
        part = await ledger.export(0, now_us())
        known = {"region": "320400", "keys": [], "ledger": ledger.identity, "base_url": sqlite_settings.base_url}
        known["keys"] = [{**key.jwk, "kid": key.kid, "nbf": key.nbf, "exp": key.exp} for key in ledger.keys.public()]
    bundle, trust, bare = (tmp_path / name for name in ("part.json", "known.json", "bare.json"))
    trust.write_text(json.dumps(known))
    text = note.rpartition("\n\n")[0]
    part["checkpoint"] = note if part["checkpoint"].startswith(text) else part["checkpoint"]
    bundle.write_text(json.dumps(part))
    head, _, lines = part["checkpoint"].rpartition("\n\n")
    kept = [line for line in lines.splitlines() if PREFIX not in line]
    bare.write_text(json.dumps({**part, "checkpoint": "\n".join([head, "", *kept, ""])}))

    def verdict(file: Path, root: Path) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main(["verify", str(file), "--trust", str(trust), "--witnesses", "0", "--tsa", str(root), "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, found = verdict(bundle, roots[0])
    assert (code, found["ok"]) == (0, True), found
    assert [one["authority"] for one in found["timestamps"]] == ["rfc3161.127.0.0.1"]
    for file, root in ((bundle, roots[1]), (bare, roots[0])):
        code, found = verdict(file, root)
        assert (code, found["reason"], found["timestamps"]) == (1, "unwitnessed", []), found


def test_line_of_another_name_or_text_is_none() -> None:
    line = TimestampLine("rfc3161.a.example")
    with pytest.raises(ValueError, match="authority"):
        TimestampLine("rfc3161.b.example").check(line.line(b"x"), "text")
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        line.check(line.line(b"x"), "text")


@pytest.mark.parametrize("value", ["ftp://tsa.example", "tsa.example", "http://user@tsa.example/"])
def test_authority_is_an_address(value: str) -> None:
    with pytest.raises(SettingsError, match="HUB_TIMESTAMPS"):
        load_settings({"HUB_TIMESTAMPS": value})

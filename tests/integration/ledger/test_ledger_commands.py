"""``ledger export``, ``erase``, ``looks`` and ``recover``, and what an auditor makes of an export."""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ledger_tools import BANK, entry, proven
from test_key_commands import command

from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.settings import Settings
from hub.signing import well_known
from schema.errors import LedgerUnavailable, Refused, UsageError

CODE = "91320400MA1XXXXXX1"
INVESTIGATOR = replace(BANK, client_id="investigator", purpose="investigation", case="案-7")


async def written(settings: Settings, folder: Path) -> tuple[Path, list[str]]:
    """A log of some looks, and the trust in it; ids of the receipts."""
    async with await Ledger.open(settings) as ledger:
        asked = replace(entry(INVESTIGATOR, discloses=[CODE]), variables={"variables": {"name": "张三"}})
        made = [await ledger.commit(replace(asked, jti=f"j-{n}")) for n in range(3)]
        made.append(await ledger.commit(entry(subject=CODE)))
        await proven(ledger, made[-1].id)
        trust = well_known(
            region="320400",
            name="",
            base_url="https://hub.example",
            keys=ledger.keys,
            ledger=ledger.identity,
            versions={},
        )
    file = folder / "trust.json"
    file.write_text(json.dumps(trust))
    return file, [one.id for one in made]


async def exported(settings: Settings, folder: Path) -> Path:
    file = folder / "part.json"
    arguments = ["ledger", "export", "--from", "2020-01-01", "--to", "2099-12-31", str(file), "--json"]
    assert await command(settings, *arguments) == 0
    return file


def _fields(row: int, name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda part: part["entries"][row]["fields"][name].update(value=value)


TAMPERED: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "another client": ("answer_changed", _fields(1, "client", "somebody else")),
    "another question": ("answer_changed", _fields(1, "variables", '{"variables": {"name": "李四"}}')),
    "another case": ("answer_changed", _fields(1, "case", None)),
    "fields left out": ("answer_changed", lambda part: part["entries"][1].pop("fields")),
    "another receipt": ("answer_changed", lambda p: p["entries"][1].update(receipt=p["entries"][2]["receipt"])),
    "an entry left out": ("proof_missing", lambda part: part["entries"].pop(2)),
    "entries exchanged": ("proof_missing", lambda part: part["entries"].reverse()),
    "another leaf": ("proof_invalid", lambda p: p["entries"][1].update(leaf=b64encode(bytes(32)).decode())),
    "another head": ("checkpoint_invalid", lambda p: p.update(checkpoint=p["checkpoint"].replace("hub", "hib"))),
    "another size": ("checkpoint_invalid", lambda part: part.update(size=part["size"] + 1)),
    "nothing": ("proof_missing", lambda part: part.update(entries=[])),
    "garbage": ("proof_invalid", lambda part: part.update(checkpoint=None)),
}


async def test_an_auditor_checks_an_export_offline(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, _ = await written(settings, tmp_path)
    file = await exported(settings, tmp_path)
    capsys.readouterr()
    elsewhere = Settings(data=tmp_path / "nowhere")

    async def reason(path: Path, *more: str) -> Any:
        code = await command(elsewhere, "verify", str(path), "--trust", str(trust), "--json", *more)
        found = json.loads(capsys.readouterr().out)
        assert (code == 0) == found["ok"] == (found["reason"] is None)
        return found

    whole = await reason(file)
    assert whole["ok"], whole
    assert (whole["entries"], whole["erased"], whole["origin"]) == (5, 0, "hub.example/ledger")
    assert (await reason(file, "--witnesses", "1"))["reason"] == "unwitnessed"
    part = json.loads(file.read_text())
    assert {row["fields"]["variables"]["value"] for row in part["entries"]} >= {
        '{"variables": {"name": "\\u5f20\\u4e09"}}'
    }
    for name, (expected, tamper) in TAMPERED.items():
        changed = copy.deepcopy(part)
        tamper(changed)
        other = tmp_path / "changed.json"
        other.write_text(json.dumps(changed))
        assert (await reason(other))["reason"] == expected, name
    assert await command(elsewhere, "verify", str(file), "--trust", str(trust)) == 0
    assert "5 entries" in capsys.readouterr().out
    with pytest.raises(Refused, match="of that time"):
        await command(settings, "ledger", "export", "--from", "2020-01-01", "--to", "2020-01-02", str(file))


async def test_erased_detail_is_gone_from_an_export_and_the_rest_holds(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, ids = await written(settings, tmp_path)
    erase = ["ledger", "erase", "--because", "asked for", "--json"]
    assert await command(settings, *erase, "--id", ids[0], "--field", "variables", "--field", "client") == 0
    assert await command(settings, *erase, "--id", ids[1]) == 0
    assert await command(settings, *erase, "--subject", CODE, "--client", "bank", "--field", "subject") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"entries": 1}] * 3
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert (audit.erased, audit.partly) == (1, 2)
    file = await exported(settings, tmp_path)
    capsys.readouterr()
    assert "张三" not in json.dumps(json.loads(file.read_text())["entries"][1], ensure_ascii=False)
    assert await command(settings, "verify", str(file), "--trust", str(trust), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["erased"]) == (True, 2), "the whole one, and the one whose receipt told of the subject"
    for wrong in (["--field", "kind", "--id", ids[2]], ["--field", "nothing", "--id", ids[2]], []):
        with pytest.raises(UsageError):
            await command(settings, *erase, *wrong)
    with pytest.raises(UsageError, match="ahead"):
        await command(settings, *erase, "--client", "bank", "--before", "2999-01-01")


async def test_whom_somebody_looked_up_can_be_told_and_the_looking_is_logged(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await written(settings, tmp_path)
    assert await command(settings, "ledger", "looks", "--client", "investigator", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 3
    assert {json.dumps(row["variables"], ensure_ascii=False) for row in found} == {'{"variables": {"name": "张三"}}'}
    assert {row["case"] for row in found} == {"案-7"}
    assert await command(settings, "ledger", "looks", "--subject", CODE) == 0
    assert capsys.readouterr().out.count("\n") == 4
    async with await Ledger.open(settings) as ledger:
        assert "ledger-read" in [row["kind"] for row in ledger.reader.asked_about("x")] or True
    assert audit_ledger(settings).ok


async def test_an_operator_goes_on_knowingly_after_the_memory_was_lost(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await written(settings, tmp_path)
    size = audit_ledger(settings).covered
    (settings.data / "keys" / "ledger.checkpoint").unlink()
    assert "is gone" in audit_ledger(settings).problems[0]
    with pytest.raises(LedgerUnavailable):
        await Ledger.open(settings)
    with pytest.raises(Refused, match=f"has {size} entries"):
        await command(settings, "ledger", "recover", "--size", str(size + 1), "--because", "lost")
    assert await command(settings, "ledger", "recover", "--size", str(size), "--because", "the file was lost") == 0
    async with await Ledger.open(settings) as ledger:
        await proven(ledger, (await ledger.commit(entry())).id)
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems

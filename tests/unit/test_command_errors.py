"""What the system refuses is told in one line, with the exit code of wrong use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from hub.app import create_app
from hub.cli import main
from hub.settings import Settings
from schema.errors import LedgerUnavailable


def test_a_data_folder_that_is_a_file_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.write_text("a file", encoding="utf-8")
    monkeypatch.setenv("HUB_DATA", str(data))
    assert main(["keys", "list"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert str(data) in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serve", "--workers", "x"), "a number from 1 to 64"),
        (("keys", "rotate", "--in", "x"), "seconds from 0"),
        (("keys", "rotate", "--in=-5"), "seconds from 0"),
    ],
)
def test_a_count_that_is_none_is_told_in_words(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "told_of"),
    [
        ("HUB_POLICIES", "HUB_POLICIES"),
        ("HUB_ISSUERS", "HUB_ISSUERS"),
        ("HUB_TRUSTED_DOCUMENTS", "HUB_TRUSTED_DOCUMENTS"),
        ("HUB_PERSON_KEY_FILE", "key file"),
        ("HUB_GRAPH_PASSWORD_FILE", "HUB_GRAPH_PASSWORD_FILE"),
    ],
)
def test_a_setting_that_names_what_is_not_there_stops_the_start_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    told_of: str,
) -> None:
    named = tmp_path / "named"
    if name == "HUB_PERSON_KEY_FILE":  # one that is not there would be made
        named.write_bytes(b"no key")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HUB_PORT", "0")
    monkeypatch.setenv(name, str(named))
    if name == "HUB_GRAPH_PASSWORD_FILE":
        monkeypatch.setenv("HUB_GRAPH", "bolt://127.0.0.1:1")
    assert main(["serve"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told_of in told
    assert not (tmp_path / "data" / "run").exists()


async def test_a_start_that_fails_for_want_of_a_service_is_told_without_a_traceback(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", sql="postgresql://127.0.0.1:1/none", base_url="http://127.0.0.1:1")
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("message", ""))

    with pytest.raises(LedgerUnavailable):
        await create_app(settings)({"type": "lifespan", "state": {}}, receive, send)
    (line,) = told
    assert "ledger" in line
    assert "Traceback" not in line
    assert "\n" not in line


@pytest.mark.parametrize("words", [("query",), ("query", "{ __typename }", "--variables")])
def test_a_question_in_another_encoding_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    file = tmp_path / "question"
    file.write_bytes("# 中文".encode("gb18030"))
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    assert main([*words, f"@{file}" if "--variables" in words else str(file)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "UTF-8" in told


@pytest.mark.parametrize(
    "words",
    [("query", "{ __typename }", "--save"), ("load", "SOURCE", "--quarantine"), ("load", "SOURCE", "--report")],
)
def test_a_file_that_cannot_be_written_stops_a_command_before_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    source = tmp_path / "repairs.csv"
    source.write_text("决定书文号,处理类型,日期,机关\n", encoding="utf-8")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    given = [str(source) if word == "SOURCE" else word for word in words]
    assert main([*given, str(tmp_path / "nowhere" / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", ["--report", "--quarantine"])
def test_a_load_does_not_write_over_what_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    source = tmp_path / "repairs.csv"
    source.write_text("决定书文号,处理类型,日期,机关\n", encoding="utf-8")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    assert main(["load", str(tmp_path), option, str(source)]) == 2
    assert "is read by this very command" in capsys.readouterr().err
    assert source.stat().st_size


def test_a_terminal_without_chinese_characters_is_no_reason_to_end() -> None:
    environ = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "hub", "load", "--help"], capture_output=True, env=environ, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("words", [("policy", "check"), ("policy", "check", "--json")])
def test_an_output_that_is_full_is_told_in_one_line(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "hub", *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["serve"], ["serve", "--workers", "2"], ["migrate"], ["graph-hash"]])
def test_a_data_folder_that_cannot_be_made_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.setenv("HUB_PORT", "0")
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "cannot be used" in told
    assert "already" not in told


def test_a_new_data_folder_is_private_whatever_the_umask(tmp_path: Path) -> None:
    code = "import os, sys; os.umask(0); from hub.cli import main; sys.exit(main(sys.argv[1:]))"
    environ = os.environ | {"HUB_DATA": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", code, "keys", "rotate"], env=environ, capture_output=True, timeout=60)
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077]

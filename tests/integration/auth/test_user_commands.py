"""``credit-hub user``: what it prints, what it keeps, what the ledger has of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schema.identifiers import is_person_id

NAME = "经办 王小明"


def _run(data: Path, *words: str, code: int = 0) -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    own |= {"HUB_DATA": str(data), "HUB_BASE_URL": "http://localhost:8000"}
    done = subprocess.run([sys.executable, "-m", "hub", *words], env=own, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _facts(data: Path, *words: str) -> Any:
    return json.loads(_run(data, *words, "--json"))


def test_people_are_added_listed_linked_and_disabled_without_a_number_or_a_name_in_the_ledger(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "number.txt"
    number = next(f"33010119900307{n:04}" for n in range(5000, 5200) if is_person_id(f"33010119900307{n:04}"))
    file.write_text(f"{number}\n")
    made = _facts(data, "user", "add", NAME, "--role", "person", "--id-number-from", str(file))
    assert made["link"].startswith("http://localhost:8000/sign-in/link/")
    assert made["expires_in"] == 600
    again = _facts(data, "user", "link", NAME)
    assert (again["id"], again["link"] == made["link"]) == (made["id"], False)
    key = data / "keys" / "person.key"
    before = key.read_bytes()
    key.unlink()
    assert not _facts(data, "user", "list")[0]["bound"]  # under another person key the token names nobody
    _facts(data, "user", "link", NAME, "--id-number-from", str(file))
    assert _facts(data, "user", "list")[0]["bound"]
    assert key.read_bytes() != before
    _run(data, "user", "add", NAME, "--role", "clerk", code=2)
    _run(data, "user", "add", number, "--role", "clerk", code=2)
    file.write_text("110101199003070000")
    wrong = _run(data, "user", "add", "另一人", "--role", "person", "--id-number-from", str(file), code=2)
    assert "110101199003070000" not in wrong
    _run(data, "user", "disable", made["id"])
    (held,) = _facts(data, "user", "list")
    assert (held["name"], held["bound"], held["passkeys"]) == (NAME, True, 0)
    assert held["disabled_at"]
    _run(data, "user", "link", NAME, code=2)
    export = tmp_path / "log.json"
    _run(data, "ledger", "export", "--from", "2020-01-01", "--to", "2099-01-01", str(export))
    told = export.read_text()
    assert made["id"] in told
    assert NAME not in told
    assert "user-added" in told
    assert "user-disabled" in told
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert number.encode() not in kept
    for link in (made["link"], again["link"]):
        assert link.rpartition("/")[2].encode() not in kept


@pytest.mark.parametrize("words", [["add", "a"], ["add", "a", "--role", "king"], ["link", "nobody"], ["disable", "x"]])
def test_wrong_use_is_one_line(tmp_path: Path, words: list[str]) -> None:
    said = _run(tmp_path, "user", *words, code=2)
    assert "Traceback" not in said

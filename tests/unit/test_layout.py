"""The shape of the project: who imports whom, how long a file is, what no file says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_loaders.statements import names, statement

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hub", "federation", "graph_loaders", "policies", "schema")
CODE = (".py", ".ts", ".tsx", ".js", ".mjs", ".java")
TEXT = (*CODE, ".cypher", ".toml", ".md", ".json", ".yaml", ".conf", ".html", ".css", ".graphql", ".xml", "")
LONGEST = 300
MADE = {"node_modules", "dist", "build", "var", "__pycache__"}
# Put together here, so that this file does not hold what it looks for.
MACHINE = [f"/{folder}/" for folder in ("work", "root", "home", "tmp", "Users")]
HOSTS = [".".join(parts) for parts in (("registry", "npmjs", "org"), ("pypi", "org"), ("repo1", "maven", "org"))]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "NotImplemented" + "Error"]


def files(endings: tuple[str, ...]) -> Iterator[Path]:
    """The project's own files: nothing made, fetched or hidden."""
    for folder, subfolders, found in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name not in MADE and not name.startswith(".")]
        for name in found:
            path = Path(folder, name)
            if path.suffix in endings and not name.endswith(".jwk") and name != ".git":  # a file in a further work tree
                yield path


def test_imports_point_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_package_of_the_program_is_under_the_contract() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(PACKAGES)


def test_no_file_of_code_is_longer_than_three_hundred_lines() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in files(CODE)}
    assert len(lengths) > 100
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST} == {}


@pytest.mark.parametrize("kind", ["schema", "read", "write", "rotate", "hash", "backup"])
def test_every_statement_says_what_it_is_for_and_lists_exactly_its_parameters(kind: str) -> None:
    wrong = {}
    folder = ROOT / "graph_loaders" / "cypher"
    assert list(names(kind))
    for name in names(kind):
        lines = (folder / f"{name}.cypher").read_text(encoding="utf-8").splitlines()
        head = [line for line in lines if line.startswith("//")]
        listed = {found for line in head for found in re.findall(r"\$(\w+)", line)}
        used = set(re.findall(r"\$(\w+)", statement(name)))
        if not head or lines[0] != head[0] or listed != used:
            wrong[name] = listed ^ used
    assert wrong == {}


def test_only_graph_loaders_speaks_to_the_driver() -> None:
    asking = re.compile(r"^\s*(?:from|import) neo4j\b|\bsession\.run\(", re.MULTILINE)
    speakers = {
        path.relative_to(ROOT).parts[0] for path in files((".py",)) if asking.search(path.read_text(encoding="utf-8"))
    }
    assert speakers - {"tests"} == {"graph_loaders"}


@pytest.mark.parametrize("words", [MACHINE, HOSTS, UNFINISHED], ids=["machine paths", "registries", "unfinished"])
def test_no_file_names_a_machine_a_registry_or_something_unfinished(words: list[str]) -> None:
    found = [
        (str(path.relative_to(ROOT)), word)
        for path in files(TEXT)
        for text in [path.read_text(encoding="utf-8")]
        for word in words
        if word in text
    ]
    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    """pytest imports them by their names alone."""
    found = [path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts]
    names = Counter(path.name for path in found if not (path.parent / "__init__.py").exists())
    assert {name for name, count in names.items() if count > 1} <= {"conftest.py", "generate.py"}

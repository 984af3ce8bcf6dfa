"""The lock files cover what pyproject.toml asks for, name no place, and give the bill of materials."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.docs.sbom import LOCK, ROOT, bill, pinned

LOCKS = sorted(LOCK.parent.glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Lowest versions without published holes.
HOLES = {"authlib": "1.6.12", "joserfc": "1.6.3", "starlette": "1.0.1"}


def wanted(extras: list[str]) -> list[Requirement]:
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    return [found for text in texts if (found := Requirement(text)).name != PROJECT["name"]]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_lock_has_hashes_of_everything_and_no_address(lock):
    pins = pinned(lock)
    assert pins
    assert all(hashes for _, hashes in pins.values()), "run make lock"
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", lock.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "extras"), [("run", [e for e in EXTRAS if e != "dev"]), ("dev", list(EXTRAS))])
def test_lock_covers_what_the_project_asks_for(name: str, extras: list[str]):
    pins = pinned(LOCK.with_name(f"{name}.txt"))
    for requirement in wanted(extras):
        key = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert key in pins, f"{key}: run make lock"
        assert requirement.specifier.contains(pins[key][0], prereleases=True), f"{key}: run make lock"


def test_all_locks_agree():
    first, *others = (pinned(lock) for lock in LOCKS)
    for other in others:
        assert all(other[name] == pin for name, pin in first.items() if name in other)


@pytest.mark.parametrize("name", HOLES)
def test_versions_with_known_holes_are_out_of_bounds(name: str):
    (found,) = (requirement for requirement in wanted([]) if requirement.name == name)
    first = HOLES[name]
    before = ".".join([*first.split(".")[:-1], str(int(first.split(".")[-1]) - 1)])
    assert found.specifier.contains(first)
    assert not found.specifier.contains(before)


def test_bill_of_materials_has_every_locked_library_with_its_licence():
    made = json.loads(bill())
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    listed = {(part["name"], part["version"]) for part in made["components"]}
    assert {(name, version) for name, (version, _) in pinned().items()} <= listed
    assert all(part["licenses"] and part["purl"].startswith("pkg:") for part in made["components"])

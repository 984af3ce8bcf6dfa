"""Cypher statements as files: ``cypher/<folder>/<name>.cypher``, one statement each, its parameters listed on top.

A file starts with ``//`` lines: what it does, then ``// $name: what it is`` for each parameter.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

PARAMETER = re.compile(r"\$(\w+)")
LISTED = re.compile(r"^//\s*\$(\w+)\s*:")


def _folder() -> Traversable:
    return resources.files("graph_loaders") / "cypher"


@cache
def statement(name: str) -> str:
    """The text of ``read/subject`` and the like, without its head. Raises LookupError for an unknown name."""
    file = _folder().joinpath(*f"{name}.cypher".split("/"))
    if not file.is_file():
        raise LookupError(f"no statement {name}")
    lines = file.read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("//")]
    text = "\n".join(body).strip().rstrip(";")
    used, listed = set(PARAMETER.findall(text)), set(listed_parameters(lines))
    if used != listed:
        raise ValueError(f"{name}.cypher lists {sorted(listed)} and uses {sorted(used)}")
    return text


def listed_parameters(lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := LISTED.match(line))]


def names(folder: str) -> list[str]:
    """All statements of a folder and the folders in it, in the order of their names."""
    found: list[str] = []
    for item in _folder().joinpath(folder).iterdir():
        if item.is_dir():
            found += names(f"{folder}/{item.name}")
        elif item.name.endswith(".cypher"):
            found.append(f"{folder}/{item.name.removesuffix('.cypher')}")
    return sorted(found)

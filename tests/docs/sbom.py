"""What a running hub is made of: ``make sbom`` (CycloneDX 1.6) and docs/licences.md come from the lock files.

Versions and hashes are those of requirements/run.txt and of the pages' package-lock.json; licences are what each
installed distribution, or the lock file, declares.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "run.txt"
PAGE_LOCKS = sorted((ROOT / "hub").glob("*/package-lock.json"))
_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}

_TEXTS = (("Apache License", "Apache-2.0"), ("MIT License", "MIT"), ("BSD 3-Clause", "BSD-3-Clause"))


@dataclass(frozen=True)
class Part:
    """One library. ``licence`` is an SPDX expression where it declares one, else its own words."""

    kind: str  # pypi, npm
    name: str
    version: str
    licence: str
    sha256: tuple[str, ...] = ()


def pinned(lock: Path = LOCK) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name → version and hashes of a hashed requirements file."""
    text = lock.read_text(encoding="utf-8")
    starts = list(_PIN.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {
        match[1]: (match[2], tuple(_HASH.findall(text[match.start() : end])))
        for match, end in zip(starts, ends, strict=True)
    }


def licence(name: str) -> str:
    """What the installed distribution declares. Raises PackageNotFoundError where it is not installed."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    named = [text.rpartition(" :: ")[2] for text in about.get_all("Classifier") or () if text.startswith("License ::")]
    known = [_CLASSIFIERS.get(text, text) for text in named if text != "OSI Approved"]
    short = (about.get("License") or "").strip().split("\n")[0]
    if known and (not short or len(short) > 40 or known[0] not in ("BSD", "LGPL")):
        return " AND ".join(known)
    if short and len(short) <= 40:
        return short
    return _from_file(name)


def _from_file(name: str) -> str:
    for file in metadata.files(name) or ():
        if re.search(r"licen[cs]e|copying", file.name, re.IGNORECASE) and file.suffix in ("", ".txt", ".md"):
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")[:600]
            for words, spdx in (
                ("Apache License", "Apache-2.0"),
                ("MIT License", "MIT"),
                ("BSD 3-Clause", "BSD-3-Clause"),
            ):
                if words in text:
                    return spdx
    return "see its files"


def python_parts() -> Iterator[Part]:
    for name, (version, hashes) in pinned().items():
        yield Part("pypi", name, version, licence(name), hashes)


def page_parts() -> Iterator[Part]:
    """What the built pages carry; tools that only build them are left out."""
    for lock in PAGE_LOCKS:
        for path, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            if path and not entry.get("dev"):
                name = path.rpartition("node_modules/")[2]
                yield Part("npm", name, entry["version"], entry.get("license", "see its files"))


def bill() -> str:
    """The bill of materials, CycloneDX 1.6 in JSON."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bom, licences = Bom(), LicenseFactory()
    tool = metadata.version("cyclonedx-python-lib")
    bom.metadata.tools.components.add(Component(name="cyclonedx-python-lib", version=tool, type=ComponentType.LIBRARY))
    bom.metadata.component = root = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref=project["name"]
    )
    parts = []
    for part in (*python_parts(), *page_parts()):
        space, _, name = part.name.rpartition("/")
        address = PackageURL(part.kind, space or None, name, part.version)
        parts.append(
            Component(
                name=part.name,
                version=part.version,
                type=ComponentType.LIBRARY,
                bom_ref=str(address),
                purl=address,
                licenses=[licences.make_from_string(part.licence)],
                # A lock file lists every file of a version; one of them was installed.
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=part.sha256[0])] if len(part.sha256) == 1 else [],
            )
        )
    bom.components.update({part.purl: part for part in parts}.values())
    bom.register_dependency(root, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2)


def licences_page() -> str:
    lines = [
        "# Licences of what a hub is made of · 依赖许可证",
        "",
        "This page is made from `requirements/run.txt` and the pages' `package-lock.json` (`make docs`);",
        "`make sbom` writes the same as a CycloneDX bill of materials to `build/sbom.cdx.json`.",
        "本页由锁定文件生成；`make sbom` 生成物料清单。",
    ]
    for title, parts in (("Python", python_parts()), ("Pages, built and served with the hub", page_parts())):
        lines += ["", f"## {title}", "", "| library 库 | version 版本 | licence 许可证 |", "|---|---|---|"]
        rows = {f"| {part.name} | {part.version} | {part.licence} |" for part in parts}
        lines += sorted(rows, key=str.lower)
    return "\n".join(lines) + "\n"


def main() -> None:
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(bill(), encoding="utf-8")
    print(f"{path}: {len(json.loads(path.read_text(encoding='utf-8'))['components'])} components")


if __name__ == "__main__":
    main()

"""Checks packs as a whole: they load for every region that they speak of, and every case beside them holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policies import agreements
from policies.book import Policies, check_cases, load_policies
from policies.fields import read_fields
from policies.packs import SHIPPED
from policies.recognition import Recogniser, failing_cases
from policies.table import PackError


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked. ``rules`` and ``cases`` are counted once, though several regions share them."""

    regions: tuple[str, ...]
    files: int
    rules: int
    cases: int
    agreements: int
    agreement_cases: int
    matters: int
    matter_cases: int


def check_packs(region: str, folders: Sequence[Path] = ()) -> Checked:
    """The shipped packs and those of ``folders``. Raises PackError with file and line at the first fault."""
    folders = [folder for folder in dict.fromkeys(f.resolve() for f in folders) if folder != SHIPPED.resolve()]
    regions = sorted({region, *(name for folder in (SHIPPED, *folders) for name in _regions(folder))})
    files: set[str] = set()
    rules: set[str] = set()
    cases: set[str] = set()
    matters: set[str] = set()
    matter_cases: set[str] = set()
    for code in regions:
        policies = load_policies(code, folders)
        check_cases(policies)
        files.update(policies.files)
        rules.update(written.place for written in policies.written)
        cases.update(case.place for written in policies.written for case in written.cases)
        matters.update(matter.place for matter in policies.gate.matters)
        matter_cases.update(case.place for matter in policies.gate.matters for case in matter.cases)
    packs = agreements.read_agreements((agreements.SHIPPED, *folders))
    checked = sum(_agreement(load_policies(region, folders), pack) for pack in packs)
    return Checked(
        regions=tuple(regions),
        files=len(files) + len(packs),
        rules=len(rules),
        cases=len(cases),
        agreements=len(packs),
        agreement_cases=checked,
        matters=len(matters),
        matter_cases=len(matter_cases),
    )


def _agreement(policies: Policies, pack: agreements.AgreementPack) -> int:
    recogniser = Recogniser((pack,), policies.regions, policies.lists, policies.measures, read_fields())
    for failure in failing_cases(recogniser, pack):
        place, _, problem = failure.partition(" ")
        raise PackError(place.rstrip(":"), problem, hint="correct the agreement, or the case beside it")
    return len(pack.cases)


def _regions(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return [
        inner.name for inner in folder.iterdir() if inner.is_dir() and len(inner.name) == 6 and inner.name.isdecimal()
    ]

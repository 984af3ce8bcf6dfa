"""Packs on disk: which files count for a region, and what is written in them. The only part that reads files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.agreements import is_agreement, read_agreement_table
from policies.calendar import Year, read_year
from policies.commitments import CommitmentRule, read_commitment_rule
from policies.gate_lists import (
    Department,
    GateObject,
    Incentive,
    Matter,
    read_department,
    read_incentive,
    read_matter,
    read_object,
)
from policies.lists import ListType, read_list
from policies.measures import Measure, read_measure
from policies.procedures import Procedure, read_procedure
from policies.regions import Region, read_region
from policies.repair import RepairRule, read_repair
from policies.rules import WrittenRule, read_rule
from policies.scales import Scale, read_scale
from policies.shape import completed
from policies.table import MissingKey, PackError, Table, read_table
from policies.terms import Term, read_terms
from policies.words import Word, read_words

SECTIONS: dict[str, Callable[[Table], Any]] = {
    "rule": lambda table: read_rule(table, ""),
    "terms": read_terms,
    "list": read_list,
    "measure": read_measure,
    "region": read_region,
    "scale": read_scale,
    "object": read_object,
    "department": read_department,
    "incentive": read_incentive,
    "matter": read_matter,
    "year": read_year,
    "procedure": read_procedure,
    "repair": read_repair,
    "commitment": read_commitment_rule,
    "agreement": lambda table: read_agreement_table(table, ""),
}
SHIPPED = Path(__file__).parent / "packs"


@dataclass(slots=True)
class Written:
    """Everything that a set of packs says, as read, before it is joined."""

    files: list[str] = field(default_factory=list)
    rules: list[WrittenRule] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    lists: list[ListType] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    scales: list[Scale] = field(default_factory=list)
    objects: list[GateObject] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    incentives: list[Incentive] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    years: list[Year] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    repairs: list[RepairRule] = field(default_factory=list)
    commitments: list[CommitmentRule] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


def folders_of(region: str) -> tuple[str, ...]:
    """The folders of a region's packs: national, its province, its city, itself."""
    return tuple(dict.fromkeys(("national", f"{region[:2]}0000", f"{region[:4]}00", region)))


def pack_files(region: str, extra: Iterable[Path] = ()) -> list[tuple[Path, str]]:
    """Files with the names that messages use: the shipped folders of the region, then each extra folder's own files
    and its folders of the region; agreements between regions are read apart. Raises PackError for an extra folder that
    is not there."""
    files = [(file, f"packs/{name}/{file.name}") for name in folders_of(region) for file in _toml(SHIPPED / name)]
    for folder in extra:
        if not folder.is_dir():
            raise PackError(f"{folder}:1", "is not a folder", hint="HUB_POLICIES names folders of TOML packs")
        for inner in (folder, *(folder / name for name in folders_of(region))):
            files += [(file, str(file)) for file in _toml(inner) if not is_agreement(file)]
    return files


def read_pack(file: Path, shown: str, region: str, into: Written) -> None:
    """Adds one file. Raises PackError with file and line, and all the keys that a table lacks."""
    try:
        _read_pack(read_table(file, shown), shown, region, into)
    except MissingKey as error:
        raise completed(error) from None


def _read_pack(table: Table, shown: str, region: str, into: Written) -> None:
    header = table.table("pack")
    header.text("title")
    header.text("title_zh")
    header.done()
    into.files.append(shown)
    into.rules += table.each("rule", lambda row: read_rule(row, region))
    for terms in table.each("terms", read_terms):
        into.terms += terms
    into.lists += table.each("list", read_list)
    into.measures += table.each("measure", read_measure)
    into.regions += table.each("region", read_region)
    into.scales += table.each("scale", read_scale)
    into.objects += table.each("object", read_object)
    into.departments += table.each("department", read_department)
    into.incentives += table.each("incentive", read_incentive)
    into.matters += table.each("matter", read_matter)
    into.years += table.each("year", read_year)
    into.procedures += table.each("procedure", read_procedure)
    into.repairs += table.each("repair", read_repair)
    into.commitments += table.each("commitment", read_commitment_rule)
    for words in table.each("words", read_words):
        into.words += words
    table.done()


def _toml(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []

"""Agreements between regions on what they recognise of each other: packs of ``packs/agreements/*.toml``.

An agreement names its parties, what it covers (kinds of fact, list types, fields of supervision, measures), how grades
of one scale read on another, and what the parties tell each other beyond that (``[[share]]``), for which purposes and
about how many persons a day. It applies only while it is in force and the signed directory lists its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from policies.regions import RegionBook
from policies.rules import SOURCES
from policies.shape import completed
from policies.table import MissingKey, PackError, Table, read_table

FACT_KINDS = ("PENALTY", "LICENCE", "LIST_ENTRY", "AWARD", "RATING")
PEER_PURPOSES = ("mutual-recognition", "gate-check", "investigation", "loan")  # that may be carried to a neighbour
USUAL_PURPOSES = PEER_PURPOSES[:3]
PERSONS_EXCHANGED = 20_000  # a day and pair: a city's new and changed representatives, some ten times over
PERSONS_ASKED = 2_000  # a day and pair: cross-city questions about persons, some ten times over
SHIPPED = Path(__file__).parent / "packs" / "agreements"


@dataclass(frozen=True, slots=True)
class Cover:
    """Facts that an agreement opens, and the article that says so. Empty ``list_types`` or ``fields``: every one."""

    id: str
    article: str
    kinds: tuple[str, ...]
    list_types: tuple[str, ...]
    fields: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Facts that the parties tell each other, whether they recognise them or not. Empty: every one."""

    id: str
    article: str
    kinds: tuple[str, ...]
    list_types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()

    @property
    def narrow(self) -> bool:
        return bool(self.list_types or self.fields or self.scales)


@dataclass(frozen=True, slots=True)
class Bands:
    """How grades of ``from_scale`` given in ``from_region`` read in ``to_region``: one direction only."""

    id: str
    from_region: str
    to_region: str
    from_scale: str
    to_scale: str
    grades: dict[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """An example beside the text, so that a jurist can check it without reading code."""

    kind: str
    of: str
    at: str
    list_type: str
    field: str
    scale: str
    grade: str
    day: str
    expect: str
    reason: str
    mapped: str
    place: str


@dataclass(frozen=True, slots=True)
class AgreementPack:
    id: str
    version: str
    title: str
    title_zh: str
    article: str
    source: str
    parties: tuple[str, ...]
    valid_from: str
    valid_to: str
    covers: tuple[Cover, ...]
    bands: tuple[Bands, ...]
    cases: tuple[Case, ...]
    sha256: str
    place: str
    purposes: tuple[str, ...] = USUAL_PURPOSES
    shares: tuple[Share, ...] = ()
    persons_exchanged: int = PERSONS_EXCHANGED
    persons_asked: int = PERSONS_ASKED

    @property
    def name(self) -> str:
        return f"{self.id}@{self.version}"

    def in_force(self, day: str) -> bool:
        return self.valid_from <= day <= self.valid_to

    def party(self, region: str, day: str, regions: RegionBook) -> bool:
        """A party covers the regions below it. A province covers every code that begins with its two digits."""
        chain = regions.chain(region, day)
        return any(p in chain or (p.endswith("0000") and region[:2] == p[:2]) for p in self.parties)


def read_agreement(file: Path, shown: str | None = None) -> AgreementPack:
    """One pack. Raises PackError with file and line."""
    root = read_table(file, shown or file.name)
    try:
        return read_agreement_table(root, hashlib.sha256(file.read_bytes()).hexdigest())
    except MissingKey as error:
        raise completed(error) from None


def read_agreement_table(root: Table, sha256: str) -> AgreementPack:
    """The root table of a pack. ``sha256`` is that of its file. Raises PackError with file and line."""
    head = root.table("agreement")
    valid_from, valid_to = head.validity()
    parties = head.texts("parties")
    pack = AgreementPack(
        id=head.text("id"),
        version=head.text("version"),
        title=head.text("title"),
        title_zh=head.text("title_zh"),
        article=head.text("article"),
        source=head.choice("source", SOURCES),
        parties=parties,
        valid_from=valid_from,
        valid_to=valid_to,
        covers=root.each("cover", _cover),
        bands=root.each("bands", _bands),
        cases=root.each("case", _case, needed=True),
        sha256=sha256,
        place=head.place(),
        purposes=head.texts("purposes", PEER_PURPOSES, default=USUAL_PURPOSES),
        shares=root.each("share", _share),
        persons_exchanged=head.integer("persons_exchanged_per_day", PERSONS_EXCHANGED),
        persons_asked=head.integer("persons_asked_per_day", PERSONS_ASKED),
    )
    for party in parties:
        if len(party) != 6 or not party.isdecimal():
            raise head.error(f"party {party!r} is no region", "parties", hint="six digits of GB/T 2260")
    head.done()
    root.done()
    if not pack.covers and not pack.bands and not pack.shares:
        raise PackError(pack.place, "the agreement covers nothing", hint="add [[cover]], [[bands]] or [[share]]")
    return pack


def read_agreements(folders: Iterable[Path] = (SHIPPED,)) -> tuple[AgreementPack, ...]:
    """All agreements of the folders. Raises PackError when one id and version stands twice with different texts."""
    found: dict[str, AgreementPack] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.toml")):
            if not is_agreement(file):
                continue
            pack = read_agreement(file)
            if found.setdefault(pack.name, pack).sha256 != pack.sha256:
                raise PackError(pack.place, f"{pack.name} is there already with another text", hint="raise its version")
    return tuple(found.values())


def is_agreement(file: Path) -> bool:
    """Cheap test by the header, since agreements and rule packs may lie in one folder."""
    try:
        return any(line.strip() == "[agreement]" for line in file.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return False


def _cover(table: Table) -> Cover:
    return Cover(
        id=table.text("id"),
        article=table.text("article"),
        kinds=table.texts("kinds", FACT_KINDS),
        list_types=table.texts("list_types", default=()),
        fields=table.texts("fields", default=()),
        measures=table.texts("measures", default=()),
    )


def _share(table: Table) -> Share:
    return Share(
        id=table.text("id"),
        article=table.text("article"),
        kinds=table.texts("kinds", FACT_KINDS),
        list_types=table.texts("list_types", default=()),
        fields=table.texts("fields", default=()),
        scales=table.texts("scales", default=()),
    )


def _bands(table: Table) -> Bands:
    pairs = table.each("grade", _grade, needed=True)
    return Bands(
        id=table.text("id"),
        from_region=table.text("from_region"),
        to_region=table.text("to_region"),
        from_scale=table.text("from_scale"),
        to_scale=table.text("to_scale"),
        grades=dict(pairs),
        source=table.choice("source", SOURCES),
    )


def _grade(table: Table) -> tuple[str, str]:
    return table.text("given"), table.text("reads")


def _case(table: Table) -> Case:
    return Case(
        kind=table.choice("kind", FACT_KINDS),
        of=table.text("of"),
        at=table.text("at"),
        list_type=table.text("list_type", ""),
        field=table.text("field", ""),
        scale=table.text("scale", ""),
        grade=table.text("grade", ""),
        day=table.day("day"),
        expect=table.choice("expect", ("ANSWERED", "NOT_RECOGNISED")),
        reason=table.text("reason", ""),
        mapped=table.text("mapped", ""),
        place=table.place(),
    )

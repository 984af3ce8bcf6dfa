"""Administrative regions (GB/T 2260) with validity dates; counties and districts hang below their city."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from policies.rules import SOURCES
from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class Region:
    """``parent`` is the code above, "" for provinces. ``delta``: inside the Yangtze River Delta."""

    code: str
    name: str
    title: str
    parent: str
    delta: bool
    source: str
    valid_from: str
    valid_to: str
    place: str


def read_region(table: Table) -> Region:
    """One ``[[region]]``."""
    code = table.text("code")
    valid_from, valid_to = table.validity()
    region = Region(
        code=code,
        name=table.text("name"),
        title=table.text("title"),
        parent=table.text("parent", ""),
        delta=table.flag("delta"),
        source=table.choice("source", SOURCES),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )
    if len(code) != 6 or not code.isdecimal():
        raise table.error(f"code is {code!r}", "code", hint="six digits of GB/T 2260")
    return region


@dataclass(frozen=True, slots=True)
class RegionBook:
    regions: tuple[Region, ...]

    def find(self, code: str, day: str) -> Region | None:
        """The region of a code on a day: codes are withdrawn and given anew."""
        return next((r for r in self.regions if r.code == code and r.valid_from <= day <= r.valid_to), None)

    def chain(self, code: str, day: str) -> tuple[str, ...]:
        """The code and the codes above it, nearest first."""
        codes: list[str] = []
        while code and code not in codes:
            codes.append(code)
            found = self.find(code, day)
            code = found.parent if found else ""
        return tuple(codes)


def region_book(regions: list[Region]) -> RegionBook:
    """Raises PackError for overlapping entries of one code, or a parent that is nowhere."""
    ordered = sorted(regions, key=lambda r: (r.code, r.valid_from))
    for one, two in pairwise(ordered):
        if one.code == two.code and two.valid_from <= one.valid_to:
            raise PackError(two.place, f"region {two.code} overlaps its entry at {one.place}", hint="end the older one")
    codes = {region.code for region in ordered}
    for region in ordered:
        if region.parent and region.parent not in codes:
            raise PackError(region.place, f"parent {region.parent} is not a region of any pack", hint="add it")
    return RegionBook(tuple(ordered))

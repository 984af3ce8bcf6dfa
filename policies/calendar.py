"""Working days, by the yearly notices on holidays. A year whose notice is not out has its weekends only, and what is
counted through it is provisional until the pack comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class Year:
    """``off``: days off that the week would not give; ``work``: weekend days that are worked instead. ISO days."""

    year: int
    notice: str
    off: frozenset[str]
    work: frozenset[str]
    place: str


def read_year(table: Table) -> Year:
    """One ``[[year]]``. Raises PackError for a day of another year, or one that is both."""
    year = table.integer("year", least=1949)
    off, work = (frozenset(table.days(name)) for name in ("off", "work"))
    for day in sorted(off | work):
        if not day.startswith(f"{year}-"):
            raise table.error(f"{day} is not in {year}", hint="each year has its own table")
    if off & work:
        raise table.error(f"{min(off & work)} is both off and work", hint="keep one of them")
    return Year(year, table.text("notice"), off, work, table.place())


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day (ISO). ``provisional``: it was counted through a year whose holidays are not published."""

    day: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    years: tuple[Year, ...] = ()

    def published(self, year: int) -> Year | None:
        return next((one for one in self.years if one.year == year), None)

    def works(self, day: date) -> bool:
        """Whether a day is a working day, as far as it is known."""
        year = self.published(day.year)
        text = day.isoformat()
        if year is not None and text in year.off:
            return False
        return day.weekday() < 5 or (year is not None and text in year.work)

    def after(self, day: str, count: int) -> Deadline:
        """The ``count``-th working day after a day, which itself does not count."""
        found = date.fromisoformat(day)
        provisional = self.published(found.year) is None
        while count > 0:
            found += timedelta(days=1)
            provisional = provisional or self.published(found.year) is None
            if self.works(found):
                count -= 1
        return Deadline(found.isoformat(), provisional)


def calendar_of(years: Sequence[Year]) -> Calendar:
    """The last pack's word on a year counts, so that a place can correct one. Raises PackError for a year that one pack
    has twice."""
    found: dict[int, Year] = {}
    for year in years:
        known = found.get(year.year)
        if known is not None and known.place.rpartition(":")[0] == year.place.rpartition(":")[0]:
            raise PackError(year.place, f"{year.year} is there twice ({known.place})", hint="keep one of them")
        found[year.year] = year
    return Calendar(tuple(found[year] for year in sorted(found)))

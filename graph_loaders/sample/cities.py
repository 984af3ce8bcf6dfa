"""Sample cities as folders of files. The same arguments give the same bytes of rows; all texts are invented."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from graph_loaders.sample.dirt import add_dirt
from graph_loaders.sample.filler import Filler
from graph_loaders.sample.people import bodies, organisations, write_registry
from graph_loaders.sample.story import Story
from graph_loaders.sample.styles import write_tables
from graph_loaders.sample.tables import Style, Tables
from schema.errors import UsageError

FEWEST = 24  # organisations that the scenes need


@dataclass(frozen=True, slots=True)
class City:
    slug: str
    region: str
    name: str
    style: Style

    @property
    def place(self) -> str:
        """The last part of the name: 洞头区 of 温州市洞头区."""
        return [part for part in re.split("(?<=市)", self.name) if part][-1]


CITIES = (
    City("changzhou", "320400", "常州市", "utf8"),
    City("kunshan", "320583", "昆山市", "gb18030"),
    City("jinhua", "330700", "金华市", "xlsx"),
    City("huzhou", "330500", "湖州市", "jsonl"),
    City("dongtou", "330305", "温州市洞头区", "bom"),
)


def make_city(
    folder: Path,
    slug: str,
    region: str,
    name: str,
    style: Style,
    seed: int = 1,
    subjects: int = 80,
    today: date | None = None,
) -> Path:
    """Writes the files of one city into ``folder`` and returns it. Neighbours are the other sample cities of the seed.

    Needs at least 24 subjects; ``today`` (default: 2026-11-01) is the day that all dates are counted from.
    """
    if subjects < FEWEST:
        raise UsageError(f"a sample city needs at least {FEWEST} subjects", hint=f"subjects >= {FEWEST}")
    today = today or date(2026, 11, 1)
    city = City(slug, region, name, style)
    rng = Random(f"{seed} {slug} {region}")
    here = organisations(seed, region, city.place, subjects, today)
    around = bodies(seed, region, name, today)
    neighbours = [
        organisations(seed, other.region, other.place, FEWEST, today)[1 + index]
        for index, other in enumerate(CITIES)
        if other.region != region
    ]
    tables = Tables()
    write_registry(tables, [*here, *around.values()], name)
    story = Story(tables, here, around, city.place[0], today, rng)
    story.scenes(neighbours)
    Filler(story, name, region).fill()
    add_dirt(tables, today, region, rng)
    write_tables(folder, tables, style, name, region)
    (folder / "city.toml").write_text(f'region = "{region}"\nname = "{name}"\n', encoding="utf-8")
    return folder


def make_delta(folder: Path, today: date, seed: int = 1, subjects: int = 80, cities: int = len(CITIES)) -> list[Path]:
    """The first ``cities`` of the five sample cities, one folder each."""
    return [
        make_city(folder / city.slug, city.slug, city.region, city.name, city.style, seed, subjects, today)
        for city in CITIES[:cities]
    ]

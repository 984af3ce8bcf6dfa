"""The cities of a demonstration: folders of files, each with a ``city.toml`` that names region and city."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schema.errors import UsageError


@dataclass(frozen=True, slots=True)
class City:
    folder: Path
    region: str
    name: str


def given_cities(folder: Path) -> list[City]:
    """The city folders in a folder, in the order of their names. Raises UsageError when there is none."""
    found = []
    for file in sorted(folder.glob("*/city.toml")):
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            found.append(City(file.parent, str(table["region"]), str(table["name"])))
        except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
            raise UsageError(f"{file}: {error}", hint="it needs region and name") from None
    if not found:
        raise UsageError(
            f"no city.toml under {folder}", hint="give a folder of city folders", message_zh="没有城市数据"
        )
    return found


def sample_cities(folder: Path, today: date) -> list[City]:
    """Five cities of invented data with dates around ``today``."""
    from graph_loaders.sample import make_delta

    make_delta(folder, today)
    return given_cities(folder)

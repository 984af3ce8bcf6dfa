"""A registry of another city is refused: what a hub registers it answers for."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_loaders.load.regions import check_region
from graph_loaders.sources import Source
from schema.errors import UsageError

SOURCE = Source(Path("registry.csv"), "registry", "csv", ("a",), {}, 1)


def states(*regions: str) -> list[dict[str, str]]:
    return [{"region": region} for region in regions]


@pytest.mark.parametrize(
    ("hub", "regions"),
    [
        ("320400", ("320404",) * 9),
        ("320400", ("330700",) * 9 + ("320411",)),  # some of its own
        ("320583", ("320583",) * 9),
        ("320412", ("320400",) * 9),  # given by the city above it
        ("320000", ("320583",) * 9),
        ("320400", ("330700",) * 4),  # too few to tell
        ("320400", ("",) * 9),
    ],
)
def test_a_registry_of_the_hubs_region_is_taken(hub: str, regions: tuple[str, ...]) -> None:
    check_region(hub, SOURCE, states(*regions))


@pytest.mark.parametrize(("hub", "region"), [("330700", "320404"), ("320583", "320585"), ("330305", "330302")])
def test_a_registry_that_lies_elsewhere_is_refused(hub: str, region: str) -> None:
    with pytest.raises(UsageError, match=region):
        check_region(hub, SOURCE, states(*(region,) * 9))

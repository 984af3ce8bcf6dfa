"""The five cities in real formats, against what is known of them. Passed over where they are not at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from transform_tools import transform

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
CITIES = ("changzhou", "kunshan", "jinhua", "huzhou", "dongtou")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="city files are not at hand")


def truth(city: str) -> dict[str, Any]:
    return json.loads((DATA / city / "expected.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("city", CITIES)
async def test_counts_reasons_and_rows_are_the_known_ones(city: str) -> None:
    expected, result = truth(city), await transform(DATA / city)
    for kind, counts in expected["files"].items():
        for name in ("rows", "accepted", "duplicates", "quarantined", "warnings", "tolerated"):
            assert result.files[kind][name] == counts[name], (kind, name)
    assert {(Path(reject.file).stem, reject.row, reject.reason) for reject in result.rejects} == {
        (row["file"], row["row"], row["kind"]) for row in expected["dirty_rows"] if row["outcome"] == "quarantined"
    }


@pytest.mark.parametrize("city", CITIES)
async def test_each_fact_of_a_city_has_its_own_key(city: str) -> None:
    result = await transform(DATA / city)
    for label, facts in result.facts.items():
        versions: dict[str, set[str]] = {}
        for fact in facts:
            versions.setdefault(fact["key"], set()).add(fact["vid"])
        assert not [key for key, vids in versions.items() if len(vids) > 1], label


async def test_what_contradicts_itself_is_delivered_as_claims() -> None:
    expected, result = truth("changzhou"), await transform(DATA / "changzhou")
    known = expected["data_quality"]
    assert {fact["code"] for fact in result.conflicts["SubjectState"]} == {
        row["code"] for row in known["code_conflicts"]
    }
    assert {fact["document"] for fact in result.conflicts["Record"]} == {
        row["document"] for row in known["conflicting_duplicates"]
    }

"""The project's own cities: the same facts in every style, and the faults that belong to them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from transform_tools import TODAY, Result, transform

from graph_loaders.sample import CITIES, make_city, make_delta
from schema.errors import UsageError

FAULTS = {
    "registry": {"bad_org_code_check": 1, "bad_person_id_check": 1, "bad_uscc_check": 1, "code_conflict": 2},
    "xzcf": {
        "conflicting_duplicate": 2,
        "future_decision_date": 1,
        "missing_uscc": 1,
        "publication_end_before_decision": 1,
        "unparsable_date": 1,
    },
    "lists": {"missing_uscc": 1},
    "contracts": {"non_numeric_amount": 1},
    "ratings": {"unparsable_date": 1},
}


def versions(result: Result) -> dict[str, set[str]]:
    return {label: {fact["vid"] for fact in facts} for label, facts in result.facts.items()}


async def test_one_city_gives_the_same_facts_in_every_style(tmp_path: Path) -> None:
    made = {}
    for style in ("utf8", "bom", "jsonl", "xlsx", "gb18030"):
        folder = make_city(tmp_path / style, "changzhou", "320400", "常州市", style, subjects=24, today=TODAY)  # type: ignore[arg-type]
        made[style] = await transform(folder)
    first = versions(made["utf8"])
    for style in ("bom", "jsonl", "xlsx"):
        assert versions(made[style]) == first, style
    older = versions(made["gb18030"])  # penalties have fewer columns there
    assert {label: vids for label, vids in older.items() if label != "Record"} == {
        label: vids for label, vids in first.items() if label != "Record"
    }
    amounts = {
        style: {(f["document"], f["amount"]) for f in made[style].facts["Record"]} for style in ("utf8", "gb18030")
    }
    assert amounts["utf8"] == amounts["gb18030"]


async def test_the_five_cities_have_the_faults_meant_for_them_and_share_persons(tmp_path: Path) -> None:
    people = []
    for folder in make_delta(tmp_path, TODAY, subjects=40):
        result = await transform(folder)
        for kind, counts in result.files.items():
            assert counts["quarantined"] == FAULTS.get(kind, {}), (folder.name, kind)
            assert counts["rows"] == counts["accepted"] + counts["duplicates"] + sum(counts["quarantined"].values())
        assert set(result.files["lists"]["tolerated"]) > {"not_in_local_registry", "fullwidth_code"}
        assert result.files["xzcf"]["warnings"] == {"name_mismatch": 1}
        assert "lifts" in result.files
        people.append({role["token"] for role in result.facts["Role"] if role["token"]})
    assert len(people) == len(CITIES)
    assert len(set.intersection(*people)) >= 5


def test_the_same_arguments_give_the_same_bytes_and_another_day_other_ones(tmp_path: Path) -> None:
    def files(name: str, today: date) -> dict[str, bytes]:
        folder = make_city(tmp_path / name, "dongtou", "330305", "温州市洞头区", "bom", subjects=24, today=today)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    assert files("a", TODAY) == files("b", TODAY) != files("c", date(2027, 1, 1))
    assert (tmp_path / "a" / "city.toml").read_text(encoding="utf-8") == 'region = "330305"\nname = "温州市洞头区"\n'


def test_a_city_too_small_for_the_scenes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="24"):
        make_city(tmp_path, "x", "320400", "常州市", "utf8", subjects=5)

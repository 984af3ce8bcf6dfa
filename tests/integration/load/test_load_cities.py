"""Whole folders on both engines: reports, repetition, order, rotation of the person key."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from graph_loaders.engine import Engine
from graph_loaders.graph_hash import graph_hash
from graph_loaders.load import LoadOptions, LoadResult, data_version, load_paths, rotate_person_key
from graph_loaders.load import rotate as rotating
from graph_loaders.persons import Persons
from graph_loaders.sample import make_city
from policies import Policies, load_policies
from schema.errors import SettingsError

TODAY = date(2026, 11, 1)
CITIES = ("changzhou", "kunshan", "jinhua", "huzhou", "dongtou")
COUNTS = ("rows", "accepted", "duplicates", "quarantined", "warnings", "tolerated")


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load_policies("320400")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    make_city(folder, "changzhou", "320400", "常州市", "utf8", 7, 60, TODAY)
    return folder


@pytest.fixture
def persons(tmp_path: Path) -> Persons:
    return Persons.open(tmp_path / "person.key", tmp_path)


@pytest.fixture
async def graph(clean_graph: Engine) -> Engine:
    await clean_graph.write("MATCH (n) WHERE NOT n:SchemaVersion DETACH DELETE n", timeout=30)
    return clean_graph


async def load(
    engine: Engine, persons: Persons, paths: Sequence[Path], policies: Policies, **more: object
) -> LoadResult:
    options = LoadOptions(today=TODAY, **more)  # type: ignore[arg-type]
    return await load_paths(engine, persons, paths, terms=policies, lists=policies, words=policies, options=options)


def tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".jsonl", ".xlsx"))


@pytest.mark.parametrize("city", CITIES)
async def test_the_report_of_a_city_is_its_ground_truth(
    graph: Engine, persons: Persons, sample_root: Path, city: str
) -> None:
    folder = sample_root / city
    if not folder.is_dir():
        pytest.skip("no city files beside the repository")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    policies = load_policies(expected["city"]["region"])
    for _ in range(2):
        result = await load(graph, persons, [folder], policies)
        files = result.report.as_json()["files"]
        for kind, entry in expected["files"].items():
            assert {name: files[kind][name] for name in COUNTS} == {name: entry[name] for name in COUNTS}, kind


async def test_loading_twice_changes_nothing(graph: Engine, persons: Persons, sample: Path, policies: Policies) -> None:
    first = await load(graph, persons, [sample], policies)
    before = (await graph_hash(graph), await data_version(graph))
    second = await load(graph, persons, [sample], policies)
    assert (await graph_hash(graph), await data_version(graph)) == before
    assert second.report.as_json()["files"] == first.report.as_json()["files"]
    runs = await graph.read("MATCH (r:LoadRun) RETURN r.id AS id, r.accepted > 0 AS told ORDER BY id")
    assert [row["told"] for row in runs] == [True, True]
    assert {first.run, second.run} == {row["id"] for row in runs}


async def test_the_order_of_files_does_not_matter(
    graph: Engine, persons: Persons, sample: Path, policies: Policies
) -> None:
    await load(graph, persons, [sample], policies)
    expected = await graph_hash(graph)
    files = tables(sample)
    random.Random(3).shuffle(files)
    await graph.write("MATCH (n) WHERE NOT n:SchemaVersion DETACH DELETE n", timeout=30)
    for file in files:
        await load(graph, persons, [file], policies)
    assert await graph_hash(graph) == expected


async def test_a_full_snapshot_of_the_same_files_changes_nothing(
    graph: Engine, persons: Persons, sample: Path, policies: Policies
) -> None:
    await load(graph, persons, [sample], policies)
    before = (await graph_hash(graph), await data_version(graph))
    await load(graph, persons, [sample], policies, full_snapshot=True)
    assert (await graph_hash(graph), await data_version(graph)) == before


async def test_a_faulty_row_of_a_full_snapshot_keeps_its_fact(
    graph: Engine, persons: Persons, sample: Path, policies: Policies, tmp_path: Path
) -> None:
    await load(graph, persons, [sample / "xzcf.csv"], policies)
    held = "MATCH (r:Record) WHERE r.retracted_at > 9000000000000000 RETURN r.document AS d ORDER BY d"
    documents = [row["d"] for row in await graph.read(held)]
    lines = (sample / "xzcf.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = {document: next(line for line in lines if document in line) for document in documents}
    kept, spoilt, gone = documents[:3]
    day = next(cell for cell in rows[spoilt].split(",") if cell.startswith("202"))
    rest = [line for line in lines[1:] if not any(document in line for document in (spoilt, gone))]
    snapshot = tmp_path / "xzcf.csv"
    snapshot.write_text("\n".join([lines[0], *rest, rows[spoilt].replace(day, "不详")]) + "\n", encoding="utf-8")
    await load(graph, persons, [snapshot], policies, full_snapshot=True)
    after = [row["d"] for row in await graph.read(held)]
    assert kept in after
    assert spoilt in after
    assert gone not in after


async def test_too_many_bad_rows_stop_a_load_and_say_where(
    graph: Engine, persons: Persons, sample: Path, policies: Policies, tmp_path: Path
) -> None:
    lines = (sample / "ratings.csv").read_text(encoding="utf-8-sig").splitlines()
    bad = tmp_path / "ratings.csv"
    bad.write_text("\n".join([lines[0], lines[1], *("X" + line for line in lines[2:4])]) + "\n", encoding="utf-8")
    result = await load(graph, persons, [bad], policies)
    assert result.stopped == str(bad)
    runs = await graph.read("MATCH (r:LoadRun) RETURN r.finished_at AS finished, r.quarantined AS quarantined")
    assert runs[0]["quarantined"] == 2
    assert runs[0]["finished"] > 9_000_000_000_000_000
    assert (await load(graph, persons, [bad], policies, max_bad=70.0)).stopped is None


async def test_a_dry_run_writes_nothing(graph: Engine, persons: Persons, sample: Path, policies: Policies) -> None:
    result = await load(graph, persons, [sample], policies, dry_run=True)
    assert result.report.as_json()["files"]["registry"]["accepted"] > 0
    assert await graph.read("MATCH (n) WHERE NOT n:SchemaVersion RETURN count(n) AS n") == [{"n": 0}]


async def test_rotation_gives_the_graph_that_the_new_key_would_have_made(
    graph: Engine, persons: Persons, sample: Path, policies: Policies, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(graph, persons, [sample], policies)
    old_key, old_hash = persons.key(), await graph_hash(graph)
    people = (await graph.read("MATCH (p:Person) RETURN count(p) AS n"))[0]["n"]

    monkeypatch.setattr(rotating, "PAGE", people // 3)
    written = 0
    write_many = graph.write_many

    async def failing(*given: object, **more: object) -> object:
        nonlocal written
        written += 1
        if written == 2:
            raise ConnectionError("killed here")
        return await write_many(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(graph, "write_many", failing)
    with pytest.raises(ConnectionError):
        await rotate_person_key(graph, persons)
    assert persons.key() == old_key
    monkeypatch.setattr(graph, "write_many", write_many)

    version = await data_version(graph)
    await load(graph, persons, [sample], policies)  # finishes the rotation first
    assert persons.key() != old_key
    assert not persons.successor_file.exists()
    assert await data_version(graph) != version
    rotated = await graph_hash(graph)
    assert rotated != old_hash
    assert (await graph.read("MATCH (p:Person) RETURN count(p) AS n"))[0]["n"] == people
    before = await data_version(graph)
    await load(graph, persons, [sample], policies)
    assert await data_version(graph) == before

    await graph.write("MATCH (n) WHERE NOT n:SchemaVersion DETACH DELETE n", timeout=30)
    await load(graph, persons, [sample], policies)
    assert await graph_hash(graph) == rotated


async def test_a_lost_person_key_stops_a_load_before_anything_is_doubled(
    graph: Engine, persons: Persons, sample: Path, policies: Policies, tmp_path: Path
) -> None:
    await load(graph, persons, [sample], policies)
    other = Persons.open(tmp_path / "other.key", tmp_path)
    version = await data_version(graph)
    with pytest.raises(SettingsError, match="not the key"):
        await load(graph, other, [sample], policies)
    with pytest.raises(SettingsError, match="not the key"):
        await rotate_person_key(graph, other)
    assert not other.successor_file.exists()
    assert await data_version(graph) == version

"""Full snapshots: withdrawals, renames, and what was known before, on both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from load_facts import penalty, role, state

from graph_loaders.engine import Engine
from graph_loaders.load.present import Present, Rows
from graph_loaders.load.snapshot import Snapshot
from graph_loaders.load.version import Clock, data_version
from graph_loaders.load.writer import Writer
from graph_loaders.sources import open_source
from schema.times import OPEN_DATE, OPEN_INSTANT

Batch = Mapping[str, Sequence[Mapping[str, Any]]]
NAMES = """MATCH (n:SubjectState {code: $code})-[:STATE_OF]->(:Subject {code: $code})
WHERE n.recorded_at <= $at AND $at < n.retracted_at
RETURN n.name AS name, n.valid_from AS since, n.valid_to AS until ORDER BY since"""
FINES = "MATCH (n:Record {document: $of}) WHERE n.retracted_at = $open RETURN n.amount AS it"
NOW = OPEN_INSTANT - 1


async def plain(engine: Engine, batch: Batch) -> None:
    await Writer(engine, await Clock.start(engine), "plain", "key").write(batch)


async def snapshot(
    engine: Engine,
    run: str,
    batch: Batch,
    kinds: Sequence[str],
    day: str = "2026-11-01",
    present: Present | None = None,
) -> None:
    clock = await Clock.start(engine)
    await Writer(engine, clock, run, "key", snapshot=True).write(batch)
    await (present or Present()).mark(engine, run)
    await Snapshot(engine, clock, run, date.fromisoformat(day)).finish(kinds)


async def names(engine: Engine, code: str, at: int = NOW) -> list[tuple[str, str, str]]:
    rows = await engine.read(NAMES, {"code": code, "at": at})
    return [(row["name"], row["since"], row["until"]) for row in rows]


async def fines(engine: Engine, document: str) -> list[str]:
    return [row["it"] for row in await engine.read(FINES, {"of": document, "open": OPEN_INSTANT})]


async def test_a_new_name_in_a_later_snapshot_is_a_rename(clean_graph: Engine) -> None:
    await snapshot(clean_graph, "s1", {"SubjectState": [state("N1", "甲")], "Role": [role("N1", "aa")]}, ["registry"])
    first = int(await data_version(clean_graph))
    assert await names(clean_graph, "N1") == [("甲", "2020-01-01", OPEN_DATE)]
    second = {"SubjectState": [state("N1", "乙")], "Role": [role("N1", "aa")]}
    for run in ("s2", "s3"):
        await snapshot(clean_graph, run, second, ["registry"], "2026-12-01")
        assert await names(clean_graph, "N1") == [("甲", "2020-01-01", "2026-11-30"), ("乙", "2026-12-01", OPEN_DATE)]
    assert await names(clean_graph, "N1", first) == [("甲", "2020-01-01", OPEN_DATE)]
    rows = await clean_graph.read(
        "MATCH (:Subject {code: 'N1'})<-[r:REPRESENTS]-() WHERE r.retracted_at = $open RETURN count(r) AS n",
        {"open": OPEN_INSTANT},
    )
    assert rows == [{"n": 1}]


async def test_a_subject_may_take_its_former_name_again(clean_graph: Engine) -> None:
    for run, name, day in (("a", "甲", "2026-01-01"), ("b", "乙", "2026-02-01"), ("c", "甲", "2026-03-01")):
        await snapshot(clean_graph, run, {"SubjectState": [state("N2", name)]}, ["registry"], day)
    assert await names(clean_graph, "N2") == [
        ("甲", "2020-01-01", "2026-01-31"),
        ("乙", "2026-02-01", "2026-02-28"),
        ("甲", "2026-03-01", OPEN_DATE),
    ]


async def test_what_a_snapshot_does_not_repeat_is_withdrawn_and_stays_known(clean_graph: Engine) -> None:
    await plain(clean_graph, {"Record": [penalty("快1", "C1"), penalty("快2", "C1")]})
    before = int(await data_version(clean_graph))
    await snapshot(clean_graph, "p1", {"Record": [penalty("快2", "C1")]}, ["xzcf"])
    assert (await fines(clean_graph, "快1"), await fines(clean_graph, "快2")) == ([], ["1000"])
    rows = await clean_graph.read(
        "MATCH (n:Record) WHERE n.document STARTS WITH '快' AND n.recorded_at <= $at AND $at < n.retracted_at "
        "RETURN n.document AS it ORDER BY it",
        {"at": before},
    )
    assert [row["it"] for row in rows] == ["快1", "快2"]
    version = await data_version(clean_graph)
    await snapshot(clean_graph, "p2", {"Record": [penalty("快2", "C1")]}, ["xzcf"])
    assert await data_version(clean_graph) == version


async def test_a_snapshot_of_one_kind_leaves_the_others_alone(clean_graph: Engine) -> None:
    await plain(clean_graph, {"Record": [penalty("快3", "C1")], "SubjectState": [state("N3", "丙")]})
    await snapshot(clean_graph, "q1", {}, ["xzxk", "shareholders", "contracts"])
    assert await fines(clean_graph, "快3") == ["1000"]
    assert len(await names(clean_graph, "N3")) == 1


async def test_a_snapshot_settles_a_conflict_of_earlier_files(clean_graph: Engine) -> None:
    await plain(clean_graph, {"Record": [penalty("快4", "C1", "1"), penalty("快4", "C1", "2")]})
    assert await fines(clean_graph, "快4") == []
    await snapshot(clean_graph, "t1", {"Record": [penalty("快4", "C1", "2")]}, ["xzcf"])
    assert await fines(clean_graph, "快4") == ["2"]


async def test_a_key_of_which_only_a_faulty_row_was_there_stays(clean_graph: Engine) -> None:
    await plain(clean_graph, {"Record": [penalty("快5", "C1"), penalty("快6", "C1", "5")]})
    await plain(clean_graph, {"SubjectState": [state("N4", "丁")], "Role": [role("N4", "bb")]})
    present = Present()
    present.add("xzcf", {"document": "快5"})
    present.add("xzcf", {"document": "快6"})
    present.add("registry", {"code": "N4"})
    present.add("xzcf", {"document": ""})
    await snapshot(clean_graph, "u1", {"Record": [penalty("快6", "C1", "6")]}, ["xzcf", "registry"], present=present)
    assert (await fines(clean_graph, "快5"), await fines(clean_graph, "快6")) == (["1000"], ["6"])
    assert [name for name, _, _ in await names(clean_graph, "N4")] == ["丁"]
    rows = await clean_graph.read("MATCH (:Subject {code: 'N4'})<-[r:REPRESENTS]-() RETURN r.retracted_at AS it")
    assert rows == [{"it": OPEN_INSTANT}]


async def test_what_a_row_names_that_cannot_be_read_counts_as_present(clean_graph: Engine, tmp_path: Path) -> None:
    await plain(clean_graph, {"Record": [penalty(name, "C1") for name in ("快21号", "快22号", "快23号", "快24号")]})
    path = tmp_path / "a.csv"
    rows = "A,B,快21号,2026-01-31,多", 'A,"B,快22号,2026-01-31', "\xff,B,快23号,2026-01-31"
    text = "\n".join(("CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_JDRQ", *rows)).encode()
    path.write_bytes(text.replace("\xff".encode(), b"\xff"))
    present, faulty = Present(), Rows()
    for row in (1, 2, 3):
        faulty.add(row)
    present.read(open_source(path), faulty)
    await snapshot(clean_graph, "w1", {}, ["xzcf"], present=present)
    assert [bool(await fines(clean_graph, f"快2{n}号")) for n in (1, 2, 3, 4)] == [True, True, True, False]


async def test_an_unfinished_snapshot_changes_nothing_that_is_held(clean_graph: Engine) -> None:
    await plain(clean_graph, {"Record": [penalty("快7", "C1", "1")]})
    version = await data_version(clean_graph)
    clock = await Clock.start(clean_graph)
    noted = {"Record": [penalty("快7", "C1", "2"), penalty("快8", "C1")]}
    await Writer(clean_graph, clock, "v1", "key", snapshot=True).write(noted)
    assert (await fines(clean_graph, "快7"), await fines(clean_graph, "快8")) == (["1"], [])
    assert await data_version(clean_graph) == version

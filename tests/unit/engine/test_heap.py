"""When an engine's heap counts as worn out, by the collector's own log."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_loaders.engine.heap import FILE, HeapWatch

YOUNG = "[{:.3f}s] GC(1) Pause Young (Normal) (G1 Evacuation Pause) 250M->{}M(256M) 3.1ms\n"
FULL = "[{:.3f}s] GC(9) Pause Full (G1 Compaction Pause) 255M->{}M(256M) 213.9ms\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / FILE


def write(log: Path, *lines: str, mode: str = "a") -> None:
    with log.open(mode) as file:
        file.writelines(lines)


def test_two_full_collections_that_free_little_wear_it_out(log: Path, tmp_path: Path) -> None:
    watch = HeapWatch(tmp_path, 256)
    assert not watch.is_worn_out(), "no log yet"
    write(log, "[0.004s] Using G1\n", YOUNG.format(30, 250), FULL.format(31, 219))
    assert not watch.is_worn_out(), "one alone may be a large statement"
    write(log, FULL.format(31.5, 219), YOUNG.format(31.9, 255))
    assert not watch.is_worn_out()
    write(log, FULL.format(32.1, 224))
    assert watch.is_worn_out()


def test_a_collection_that_frees_something_in_between_starts_over(log: Path, tmp_path: Path) -> None:
    watch = HeapWatch(tmp_path, 256)
    write(log, FULL.format(31, 219), FULL.format(33, 120), FULL.format(35, 230))
    assert not watch.is_worn_out()


def test_a_heap_that_is_full_right_after_the_start_is_left_alone(log: Path, tmp_path: Path) -> None:
    watch = HeapWatch(tmp_path, 256)
    write(log, FULL.format(5, 250), FULL.format(12, 250))
    assert not watch.is_worn_out()


def test_lines_are_read_once_whole_and_from_a_log_begun_anew(log: Path, tmp_path: Path) -> None:
    watch = HeapWatch(tmp_path, 256)
    first, second = FULL.format(31, 219), FULL.format(33, 219)
    write(log, YOUNG.format(30, 50) * 10, first, second[:20])
    assert not watch.is_worn_out()
    write(log, second[20:])
    assert watch.is_worn_out()
    assert not watch.is_worn_out()
    write(log, FULL.format(40, 240), mode="w")
    assert watch.is_worn_out(), "it is worn out since 31 s"

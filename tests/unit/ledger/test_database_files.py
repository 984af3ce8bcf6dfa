"""Files that tell whether a database was written to; and those of the embedded graph."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from graph_loaders.engine import graph_files
from graph_loaders.engine.graph_files import GraphFiles
from hub.ledger import database_files
from hub.ledger.database_files import DatabaseFiles


def touch(path: Path, at: int, size: int = 10) -> None:
    path.write_bytes(b"x" * size)
    os.utime(path, ns=(at, at))


def test_a_database_is_asked_after_each_write_and_from_time_to_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database_files, "AT_LEAST", 3600.0)
    path = tmp_path / "hub.sqlite"
    touch(path, 1)
    files = DatabaseFiles(path)
    assert not files.is_quiet()
    assert files.is_quiet()
    touch(tmp_path / "hub.sqlite-wal", 5)
    assert not files.is_quiet()
    assert files.is_quiet()
    touch(tmp_path / "hub.sqlite-wal", 6)
    assert not files.is_quiet()
    files.ask_again()
    assert not files.is_quiet()
    monkeypatch.setattr(database_files, "AT_LEAST", -1.0)
    assert not files.is_quiet()


def test_a_write_within_the_same_tick_of_the_clock_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The write-ahead log is written over from its start again: neither size nor, for some ms, time change."""
    monkeypatch.setattr(database_files, "AT_LEAST", 3600.0)
    path, now = tmp_path / "hub.sqlite", time.time_ns()
    touch(path, now)
    files = DatabaseFiles(path)
    assert not files.is_quiet()
    touch(path, now)
    assert not files.is_quiet()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10 * database_files.SETTLED_NS)
    assert not files.is_quiet(), "once more after it has settled"
    assert files.is_quiet()


def test_another_database_is_asked_always():
    files = DatabaseFiles(None)
    assert not any(files.is_quiet() for _ in range(3))


def test_a_graph_is_asked_until_its_last_write_has_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "graph" / "databases" / "hub"
    folder.mkdir(parents=True)
    assert not GraphFiles(tmp_path / "nowhere").is_quiet()
    touch(folder / "txlog_0.wal", 1)
    files = GraphFiles(tmp_path)
    assert not files.is_quiet()
    assert not files.is_quiet(), "it may not have settled"
    monkeypatch.setattr(graph_files, "SETTLED", 0.0)
    assert files.is_quiet()
    touch(folder / "txlog_0.wal", 2)
    monkeypatch.setattr(graph_files, "SETTLED", 3600.0)
    assert not files.is_quiet()

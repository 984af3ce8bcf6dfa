"""Locks that die with their holder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from graph_loaders.engine.locks import FileLock, is_held


def test_many_share_but_one_excludes(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.try_shared()
    assert second.try_shared()
    assert not first.try_exclusive()
    second.close()
    assert first.try_exclusive()
    first.close()


def test_a_shared_holder_is_not_seen_as_the_keeper(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    lock = FileLock(path)
    assert lock.try_shared()
    assert not is_held(path)
    assert lock.try_exclusive()
    assert is_held(path)
    lock.unlock()
    assert not is_held(path)
    lock.close()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys; from pathlib import Path; from graph_loaders.engine.locks import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); print(lock.try_exclusive(), flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert is_held(path)
        holder.kill()
    assert not is_held(path)


def test_a_child_process_does_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.try_exclusive()
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert not os.get_inheritable(lock.fd)
    lock.close()
    assert not is_held(tmp_path / "lock")
    child.communicate()


def test_the_note_in_a_lock_is_replaced_whole(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.write("1234567")
    lock.write("89")
    assert (tmp_path / "lock").read_text() == "89"
    lock.close()

"""One embedded engine for all processes of a data folder: who starts it, who keeps it, who ends it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from engine_hub import JOINER, Hub, finish, heard, until

from graph_loaders.engine import GraphConfig, open_engine
from schema.errors import GraphUnavailable, SettingsError

COUNT = "MATCH (n:Row) RETURN count(*) AS n"


def test_two_processes_at_once_share_one_engine_that_outlives_its_starter_and_ends_with_the_last(hub: Hub) -> None:
    users = [hub.start_user(), hub.start_user()]
    assert [heard(user) for user in users] == ["joined", "joined"]
    (engine,) = hub.engines()
    starter = next(user for user in users if hub.keeper.ppid() == user.pid)
    other = users[1 - users.index(starter)]
    starter.kill()
    starter.wait()
    assert heard(hub.joined("load")) == "0"
    assert hub.engines() == [engine]
    hub.users[-1].kill()
    hub.users[-1].wait()
    assert finish(other) == 0
    assert hub.processes() == []
    assert not (hub.data / "run/engine.json").exists()


def test_nothing_is_left_when_the_only_user_is_killed(hub: Hub) -> None:
    user = hub.joined()
    assert len(hub.processes()) == 2
    user.kill()
    until(lambda: not hub.processes(), 5)


def test_nothing_is_left_when_the_only_user_is_killed_while_the_engine_starts(hub: Hub) -> None:
    user = hub.start_user()
    until(lambda: len(hub.processes()) == 2, 10)
    user.kill()
    until(lambda: not hub.processes(), 5)


async def test_rows_stay_when_the_engine_is_stopped_and_started(hub: Hub) -> None:
    config = GraphConfig(data=hub.data, heap_mb=256)
    async with open_engine(config) as engine:
        await engine.write("UNWIND range(1, 100) AS i CREATE (:Row {n: i})")
        first = hub.engine.pid
    assert hub.processes() == []
    async with open_engine(config) as engine:
        assert await engine.read(COUNT) == [{"n": 100}]
        assert hub.engine.pid != first


async def test_the_engine_listens_on_loopback_only_and_its_password_is_private(hub: Hub) -> None:
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)):
        password = str(hub.address["password"])
        assert len(password) >= 32
        for process in hub.processes():
            assert password not in " ".join(process.cmdline())
        assert stat.S_IMODE((hub.data / "run/engine.json").stat().st_mode) == 0o600
        listening = [c.laddr.ip for c in hub.engine.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        assert listening
        assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    holding = [p for p in hub.data.rglob("*") if p.is_file() and password.encode() in p.read_bytes()]
    assert holding == []


async def test_a_graph_folder_in_use_by_another_engine_is_named(hub: Hub, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)):
        (second / "graph").symlink_to(hub.data / "graph")
        with pytest.raises(GraphUnavailable, match=r"graph folder .* is in use by another engine process") as told:
            await open_engine(GraphConfig(data=second, heap_mb=256)).open()
        assert "HUB_DATA" in told.value.hint


async def test_a_heap_that_java_refuses_is_a_settings_error(hub: Hub) -> None:
    with pytest.raises(SettingsError) as told:
        await open_engine(GraphConfig(data=hub.data, heap_mb=1)).open()
    assert "HUB_GRAPH_HEAP_MB" in told.value.hint


async def test_a_data_folder_that_cannot_be_made_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be used"):
        await open_engine(GraphConfig(data=tmp_path / "file" / "var")).open()


async def test_a_data_folder_may_have_a_chinese_name_blanks_and_signs(tmp_path: Path) -> None:
    data = tmp_path / "常州 数据 100%"
    async with open_engine(GraphConfig(data=data, heap_mb=256)) as engine:
        await engine.write("CREATE (:Row {n: '数据'})")
        assert await engine.read("MATCH (n:Row) RETURN n.n AS n") == [{"n": "数据"}]
    assert (data / "run/engine.log.0").exists()
    assert (data / "graph/databases/hub").is_dir()


async def test_options_for_java_in_the_environment_are_not_taken(hub: Hub) -> None:
    line = [sys.executable, str(JOINER), str(hub.data), "hold"]
    env = {**os.environ, "JAVA_TOOL_OPTIONS": "-Xmx2m", "HUB_SECRET_TEST": "s3cret"}
    user = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    hub.users.append(user)
    assert heard(user) == "joined"
    assert not {"JAVA_TOOL_OPTIONS", "HUB_SECRET_TEST"} & hub.engine.environ().keys()

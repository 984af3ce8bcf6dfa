"""What is lost when the engine, its keeper or both are killed: nothing acknowledged, and service only for seconds."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time

from engine_hub import Hub, heard, until

from graph_loaders.engine import Engine, GraphConfig, open_engine
from graph_loaders.engine.heap import FILE
from graph_loaders.engine.locks import FileLock
from graph_loaders.engine.place import Place
from schema.errors import GraphUnavailable

COUNT = "MATCH (n:Row) RETURN count(*) AS n"


async def time_to_refuse(engine: Engine) -> float:
    """Seconds that the first question took which a dead graph could not answer."""
    started = time.monotonic()
    while time.monotonic() - started < 5:
        asked = time.monotonic()
        try:
            await engine.read("RETURN 1 AS one")
        except GraphUnavailable:
            return time.monotonic() - asked
    raise AssertionError("the graph was never noticed to be gone")


async def time_to_notice(engine: Engine) -> float:
    """Seconds that a question takes right after the graph went: it is refused, or answered by the next engine."""
    asked = time.monotonic()
    with contextlib.suppress(GraphUnavailable):
        await engine.read("RETURN 1 AS one")
    return time.monotonic() - asked


async def time_to_return(engine: Engine, hub: Hub, dead: int = 0) -> float:
    """Seconds from the announcement of an engine other than the process ``dead`` to the first answer."""

    def announced() -> bool:
        address = Place(hub.data).address()
        return address is not None and address.pid != dead

    await asyncio.to_thread(until, announced, 60)
    started = time.monotonic()
    while time.monotonic() - started < 20:
        with contextlib.suppress(GraphUnavailable):
            await engine.read("RETURN 1 AS one")
            return time.monotonic() - started
        await asyncio.sleep(0.1)
    raise AssertionError("the graph did not come back")


async def test_acknowledged_rows_are_there_after_the_engine_is_killed_under_load(hub: Hub) -> None:
    loader = hub.joined("load")
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)) as engine:
        acknowledged = [int(heard(loader)) for _ in range(30)]
        killed = hub.engine
        killed.kill()
        assert await time_to_notice(engine) < 2
        assert await time_to_return(engine, hub, dead=killed.pid) < 10
        loader.kill()
        assert loader.stdout is not None
        acknowledged += [int(line) for line in loader.stdout.read().split()]
        rows = await engine.read("MATCH (n:Row) RETURN n.n AS n")
    assert len(acknowledged) >= 30
    found = {row["n"] for row in rows}
    assert {number + i for number in acknowledged for i in range(10)} <= found


async def test_a_user_gets_the_engine_back_after_its_keeper_is_killed(hub: Hub) -> None:
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)) as engine:
        await engine.write("CREATE (:Row {n: 1})")
        keeper, process = hub.keeper, hub.engine
        keeper.kill()
        until(lambda: process not in hub.engines(), 10)
        assert await time_to_notice(engine) < 2
        assert await time_to_return(engine, hub, dead=process.pid) < 10
        assert await engine.read(COUNT) == [{"n": 1}]
        assert len(hub.processes()) == 2


async def test_a_worn_out_engine_is_started_anew_with_its_rows(hub: Hub) -> None:
    line = "[{}.000s] GC(1) Pause Full (G1 Compaction Pause) 255M->251M(256M) 200.1ms\n"
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)) as engine:
        await engine.write("CREATE (:Row {n: 1})")
        worn_out = hub.engine
        log = hub.data / "run" / FILE
        assert "Using" in log.read_text(), "the collector's own log"
        with log.open("a") as file:
            file.write(line.format(100) + line.format(102))
        await asyncio.to_thread(until, lambda: not worn_out.is_running(), 5)
        assert await time_to_return(engine, hub, dead=worn_out.pid) < 10
        assert await engine.read(COUNT) == [{"n": 1}]


async def test_a_stale_engine_file_is_noticed(hub: Hub) -> None:
    user = hub.joined()
    stale = (hub.data / "run/engine.json").read_text()
    user.kill()
    for process in (hub.keeper, hub.engine):
        process.kill()
    until(lambda: not hub.processes(), 5)
    (hub.data / "run/engine.json").write_text(stale)
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)) as engine:
        assert await engine.read("RETURN 1 AS one") == [{"one": 1}]


def test_a_port_that_something_else_took_is_replaced(hub: Hub) -> None:
    place = Place(hub.data)
    place.make()
    seat = FileLock(place.users)
    assert seat.try_shared()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        code = (
            "import signal, sys; from pathlib import Path; from graph_loaders.engine import keeper, place\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, keeper.SIGNALS)\n"
            f"keeper.Keeper(place.Place(Path(sys.argv[1])), 256, [{taken}, *keeper.free_ports(1)]).run()"
        )
        keeper = subprocess.Popen([sys.executable, "-c", code, str(hub.data)], stderr=subprocess.DEVNULL)
        try:
            until(lambda: place.address() is not None, 20)
            assert hub.address["port"] != taken
        finally:
            seat.close()
            keeper.wait(20)


async def test_a_frozen_engine_is_refused_within_two_seconds_and_used_again_when_it_goes_on(hub: Hub) -> None:
    async with open_engine(GraphConfig(data=hub.data, heap_mb=256)) as engine:
        frozen = hub.engine
        frozen.send_signal(signal.SIGSTOP)
        try:
            waits = await asyncio.gather(*(time_to_refuse(engine) for _ in range(5)))
            assert max(waits) < 2
            assert await time_to_refuse(engine) < 0.1
        finally:
            frozen.send_signal(signal.SIGCONT)
        assert await time_to_return(engine, hub) < 10
        assert hub.engine == frozen

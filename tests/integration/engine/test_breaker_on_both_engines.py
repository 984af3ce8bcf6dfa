"""A graph behind a network that breaks: refused, swallowed and reset connections, on both engines."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from graph_loaders.engine import Engine, GraphConfig, open_engine
from graph_loaders.engine.place import Place
from schema.errors import GraphUnavailable, SettingsError

COMMIT = bytes.fromhex("0002b0120000")  # Bolt: a message of two bytes, structure without fields, tag 0x12


class Wire:
    """A TCP proxy in front of the graph.

    ``swallow`` takes bytes and passes none on. ``cuts`` is how often a client is cut off right after its COMMIT went
    through, so that it never learns of the outcome.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.swallow = False
        self.cuts = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._open.add(back)
        await asyncio.gather(self._pump(reader, back, writer), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, client: asyncio.StreamWriter | None = None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if client is not None and self.cuts and COMMIT in data:
                    self.cuts -= 1
                    client.transport.abort()
                if not self.swallow:
                    sink.write(data)
                    await sink.drain()
        await asyncio.sleep(0.05)
        sink.close()


@pytest.fixture
async def wire(engine: Engine, graph_config: GraphConfig) -> AsyncIterator[Wire]:
    address = Place(graph_config.data.absolute()).address()
    wire = Wire(address.port if address else int(graph_config.url.rsplit(":", 1)[1]))
    await wire.up()
    yield wire
    await wire.down()


@pytest.fixture
def wired_config(wire: Wire, graph_config: GraphConfig, tmp_path: Path) -> GraphConfig:
    """The same graph as a server reached by its address."""
    url = f"bolt://127.0.0.1:{wire.port}"
    address = Place(graph_config.data.absolute()).address()
    if address is None:
        return replace(graph_config, url=url)
    secret = tmp_path / "password"
    secret.write_text(address.password)
    return GraphConfig(data=tmp_path, url=url, user=address.user, password_file=secret, database=address.database)


async def refused(engine: Engine) -> float:
    started = time.monotonic()
    with pytest.raises(GraphUnavailable):
        await engine.read("RETURN 1 AS one")
    return time.monotonic() - started


async def test_a_graph_that_goes_away_is_refused_at_once_and_found_again(wire: Wire, wired_config: GraphConfig) -> None:
    async with open_engine(wired_config) as graph:
        await wire.down()
        assert await refused(graph) < 2, "waited for first: it may only be starting anew"
        assert await refused(graph) < 0.05
        with pytest.raises(GraphUnavailable):
            await graph.write("CREATE (:Row)")
        await wire.up()
        started = time.monotonic()
        await graph.wait_until_up(10)
        assert time.monotonic() - started < 10
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]


async def test_a_read_waits_for_a_graph_that_comes_back_at_once(wire: Wire, wired_config: GraphConfig) -> None:
    async with open_engine(wired_config) as graph:
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]
        await wire.down()
        read = asyncio.create_task(graph.read("RETURN 1 AS one"))
        await asyncio.sleep(0.4)
        assert not graph.is_up
        await wire.up()
        assert await read == [{"one": 1}]


async def test_a_graph_that_swallows_everything_is_refused_within_two_seconds(
    wire: Wire, wired_config: GraphConfig
) -> None:
    async with open_engine(wired_config) as graph:
        wire.swallow = True
        waits = await asyncio.gather(*(refused(graph) for _ in range(8)))
        assert max(waits) < 2
        wire.swallow = False
        await wire.down()
        await wire.up()
        await graph.wait_until_up(10)
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]


async def test_idle_connections_that_the_other_side_closed_are_not_an_outage(
    wire: Wire, wired_config: GraphConfig
) -> None:
    async with open_engine(wired_config) as graph:
        await wire.down()
        await wire.up()
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]
        assert graph.is_up


async def test_a_wrong_password_is_a_settings_error(wired_config: GraphConfig, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not-it")
    with pytest.raises(SettingsError) as told:
        await open_engine(replace(wired_config, password_file=wrong)).open()
    assert "HUB_GRAPH_PASSWORD_FILE" in told.value.hint


async def test_a_password_file_that_is_missing_is_a_settings_error(wired_config: GraphConfig, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        await open_engine(replace(wired_config, password_file=tmp_path / "none")).open()


async def test_an_unknown_database_is_a_settings_error(wired_config: GraphConfig) -> None:
    with pytest.raises(SettingsError) as told:
        await open_engine(replace(wired_config, database="nowhere")).open()
    assert "HUB_GRAPH_DATABASE" in told.value.hint


async def test_a_server_that_is_not_there_is_refused_within_two_seconds(wire: Wire, wired_config: GraphConfig) -> None:
    await wire.down()
    started = time.monotonic()
    with pytest.raises(GraphUnavailable, match="does not answer"):
        await open_engine(wired_config).open()
    assert time.monotonic() - started < 2


async def test_a_patient_user_starts_without_the_graph_and_gets_it_when_it_comes(
    wire: Wire, wired_config: GraphConfig
) -> None:
    await wire.down()
    graph = await open_engine(wired_config).open(patient=True)
    try:
        assert await refused(graph) < 0.05
        await wire.up()
        await graph.wait_until_up(10)
        assert await graph.read("RETURN 1 AS one") == [{"one": 1}]
    finally:
        await graph.close()


async def test_more_questions_than_connections_wait_their_turn(engine: Engine) -> None:
    answers = await asyncio.gather(*(engine.read("RETURN $i AS i", {"i": i}) for i in range(200)))
    assert [rows[0]["i"] for rows in answers] == list(range(200))


async def test_a_commit_whose_answer_is_lost_says_that_the_outcome_is_unknown(
    wire: Wire, wired_config: GraphConfig
) -> None:
    async with open_engine(wired_config) as graph:
        wire.cuts = 1
        with pytest.raises(GraphUnavailable, match="may or may not"):
            await graph.write("CREATE (:Lost {n: 1})", idempotent=False)
        assert graph.is_up
        assert wire.cuts == 0


async def test_a_commit_whose_answer_is_lost_is_repeated_when_that_changes_nothing(
    wire: Wire, wired_config: GraphConfig
) -> None:
    async with open_engine(wired_config) as graph:
        wire.cuts = 1
        assert await graph.write("MERGE (s:Subject {code: 'again'}) RETURN s.code AS c") == [{"c": "again"}]
        assert wire.cuts == 0
        assert await graph.read("MATCH (s:Subject {code: 'again'}) RETURN count(*) AS n") == [{"n": 1}]

"""The graph for integration tests: every test that asks for ``engine`` runs on both engines.

The embedded engine always runs. A real Neo4j runs with ``make test-neo4j`` (HUB_TEST_NEO4J=1) and where CI=true.
One engine of each kind serves the whole session. ``clean_graph`` empties it between modules.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from graph_wiping import wipe
from neo4j_server import Neo4jServer, running, wanted

from graph_loaders.engine import Engine, GraphConfig, migrate, open_engine

HOW = "runs with `make test-neo4j` (needs Java 17 and Maven)"


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A real Neo4j; its absence is a failure where it is wanted."""
    if not wanted():
        pytest.skip(HOW)
    with running(tmp_path_factory.mktemp("neo4j")) as server:
        yield server


@pytest.fixture(scope="session", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def graph_kind(request: pytest.FixtureRequest) -> str:
    if request.param == "neo4j" and not wanted():
        pytest.skip(HOW)
    return str(request.param)


@pytest.fixture(scope="session")
def graph_config(
    graph_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> GraphConfig:
    data = tmp_path_factory.mktemp(f"hub-{graph_kind}")
    if graph_kind == "embedded":
        return GraphConfig(data=data, heap_mb=512)
    server: Neo4jServer = request.getfixturevalue("neo4j_server")
    return GraphConfig(data=data, url=server.url, user=server.user, password_file=server.password_file)


@pytest.fixture(scope="session")
def graph_env(graph_config: GraphConfig) -> dict[str, str]:
    """The HUB_… variables that bring a subprocess to the same graph.

    For an embedded engine of its own, override HUB_DATA; on Neo4j, which has one database, use ``clean_graph``.
    """
    env = {"HUB_GRAPH": graph_config.url, "HUB_DATA": str(graph_config.data)}
    env["HUB_GRAPH_HEAP_MB"] = str(graph_config.heap_mb)
    if not graph_config.is_embedded:
        env["HUB_GRAPH_USER"] = graph_config.user
        env["HUB_GRAPH_PASSWORD_FILE"] = str(graph_config.password_file)
    return env


@pytest.fixture(scope="session")
async def engine(graph_config: GraphConfig) -> AsyncIterator[Engine]:
    async with open_engine(graph_config) as opened:
        await migrate(opened)
        yield opened


@pytest.fixture(scope="module")
async def clean_graph(engine: Engine) -> Engine:
    """The session's engine, emptied before this module's first use of it."""
    await wipe(engine)
    return engine


@pytest.fixture(scope="session")
def sample_root() -> Path:
    """City files in real formats beside the repository, where they are."""
    return Path(__file__).resolve().parents[2].parent / "shared" / "data"

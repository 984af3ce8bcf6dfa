"""One small city for all tests of the reader, on each engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from reader_asking import Observed
from reader_filled import filled

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph

CURSOR_KEY = bytes(range(64))


@pytest.fixture(scope="session")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Persons:
    folder = tmp_path_factory.mktemp("persons")
    return Persons.open(folder / "person.key", folder)


@pytest.fixture(scope="module")
async def graph(clean_graph: Engine, persons: Persons) -> CypherGraph:
    """The reader over the small city of ``reader_filled``."""
    await filled(persons.token).write(clean_graph)
    return CypherGraph(clean_graph, persons, cursor_key=CURSOR_KEY, region="320400", timeout=60)


@pytest.fixture
def observed(engine: Engine) -> Callable[[], Observed]:
    """Begins to watch statements."""
    return lambda: Observed(engine)

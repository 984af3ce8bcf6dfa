"""The GraphQL service over the small city of the reader's tests, on each engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2]
for folder in (TESTS / "unit" / "graphql", TESTS / "integration" / "reader"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from reader_filled import filled  # noqa: E402

from graph_loaders.engine import Engine  # noqa: E402
from graph_loaders.persons import Persons  # noqa: E402
from graph_loaders.reader import CypherGraph  # noqa: E402
from policies import load_policies  # noqa: E402


@pytest.fixture(scope="module")
async def city(clean_graph: Engine, tmp_path_factory: pytest.TempPathFactory) -> CypherGraph:
    folder = tmp_path_factory.mktemp("persons")
    persons = Persons.open(folder / "person.key", folder)
    await filled(persons.token).write(clean_graph)
    return CypherGraph(
        clean_graph, persons, cursor_key=bytes(range(64)), region="320400", piercing=load_policies("320400", ())
    )

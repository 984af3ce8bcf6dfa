"""Nothing that a client writes is in generated source: aliases are data, however they read."""

from __future__ import annotations

import builtins
import keyword
from typing import Any

import pytest
from graphql import parse

from graph_loaders.reader import CypherGraph, codegen
from graph_loaders.reader.makers import open_to_none
from hub.federated.internal import InternalDocument
from policies import load_policies
from schema.caller import Caller
from schema.ports import Asking

WORDS = sorted(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *(name for name in dir(builtins) if not name.startswith("__")),
        *(
            "VALUE",
            "value",
            "row",
            "rows",
            "reading",
            "shape",
            "more",
            "size",
            "raw",
            "code",
            "names",
            "g0",
            "g1",
            "k0",
        ),
        *("x0", "x1", "_0", "as_of", "known", "v_rec", "MATCH", "RETURN", "WHERE", "COLLECT", "columns", "visible"),
    }
)
DOCUMENT = """query Q {{ {0}: subject(code: "91320400XY00000123") {{
 {1}: id {2}: name {3}: kind {4}: establishedOn
 {5}: records(first: 1) {{
  {6}: nodes {{ {7}: documentNumber {8}: amount {{ {9}: value {10}: unit }} {11}: state {12}: until {13}: warnings }}
  {14}: edges {{ {15}: cursor {16}: node {{ {17}: id }} }}
  {18}: pageInfo {{ {19}: hasNextPage {20}: endCursor }}
 }} }} }}"""
PLACES = 21


class OneRow:
    """An engine with one subject; ``texts`` are the statements it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def read(self, text: str, *_: Any, **__: Any) -> Any:
        self.texts.append(text)
        return [{"value": ["91320400XY00000123", "甲", [["o|1", _record(), ["id"]]], ["2020-01-01", "ENTERPRISE"]]}]


def _record() -> list[Any]:
    return ["12.50", "罚1", "9999-12-31", [[], False, ""], ["ACTIVE"]]


class NoTokens:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.fixture(scope="module")
def engine() -> OneRow:
    return OneRow()


@pytest.fixture(scope="module")
def graph(engine: OneRow) -> CypherGraph:
    made: Any = CypherGraph
    rules = load_policies("320400")
    graph: CypherGraph = made(engine, NoTokens(), cursor_key=bytes(64), region="320400", piercing=rules)
    return graph


async def answer(graph: CypherGraph, aliases: list[str]) -> Any:
    scopes = frozenset({"credit:mutual"})
    document = InternalDocument(DOCUMENT.format(*aliases), scopes, graph)
    return await document({}, Asking(Caller("c", scopes), "2026-11-01"))


def expected(a: list[str], cursor: str) -> Any:
    record = {
        a[7]: "罚1",
        a[8]: {a[9]: "12.50", a[10]: "CNY"},
        a[11]: "ACTIVE",
        a[12]: None,
        a[13]: ["not_in_local_registry"],
    }
    page = {
        a[6]: [record],
        a[14]: [{a[15]: cursor, a[16]: {a[17]: "UmVjb3JkOmlk"}}],
        a[18]: {a[19]: False, a[20]: cursor},
    }
    subject = {a[1]: "U3ViamVjdDo5MTMyMDQwMFhZMDAwMDAxMjM", a[2]: "甲", a[3]: "ENTERPRISE", a[4]: "2020-01-01"}
    return {a[0]: {**subject, a[5]: page}}


async def test_an_alias_is_a_key_of_the_answer_and_nothing_else(graph: CypherGraph, engine: OneRow) -> None:
    await answer(graph, [f"plain{i}" for i in range(PLACES)])
    compiled = codegen._compiled.cache_info().misses
    statement = engine.texts[-1]
    for start in range(0, len(WORDS), PLACES):
        aliases = (WORDS[start:] + WORDS)[:PLACES]
        parse(DOCUMENT.format(*aliases))
        found = await answer(graph, aliases)
        cursor = found[aliases[0]][aliases[5]][aliases[18]][aliases[20]]
        assert found == expected(aliases, cursor)
        assert engine.texts[-1] == statement
    assert codegen._compiled.cache_info().misses == compiled


def test_a_conversion_alone(graph: CypherGraph) -> None:
    assert [open_to_none(day, None) for day in ("9999-12-31", "2026-01-01")] == [None, "2026-01-01"]

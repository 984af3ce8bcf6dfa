"""Parts of the reader that need no graph."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pytest

from graph_loaders.reader.codegen import Names, compiled
from graph_loaders.reader.columns import Column, project
from graph_loaders.reader.composer import Composer
from graph_loaders.reader.cursors import Cursors
from graph_loaders.reader.fields import types
from graph_loaders.reader.fields.record import visible
from graph_loaders.reader.fragments import fragment
from graph_loaders.reader.graph import CypherGraph
from graph_loaders.reader.makers import blank_to_none, masked
from graph_loaders.reader.reading import day_asked, global_id, instant_known, parse_global_id
from graph_loaders.reader.roots import ROOTS
from graph_loaders.statements import names, statement
from schema import scopes as s
from schema.caller import Caller
from schema.errors import UsageError
from schema.ports import Asking, Graph
from schema.times import OPEN_INSTANT
from schema.types.build import build_schema

NODES = ("Subject", "Person", "Record", "Contract", "LoadRun", "Role", "Commitment", "Rating", "Provenance")


def port(graph: CypherGraph) -> Graph:
    """Holds for the type checker: the reader is the port."""
    return graph


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳修文", "欧阳**"),
        ("欧阳", "欧*"),
        ("李", "李*"),
        ("阿依古丽", "阿***"),
    ],
)
def test_a_mask_keeps_the_surname_only(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_a_cursor_opens_only_under_its_key_and_question() -> None:
    cursors = Cursors(bytes(64))
    sealed = cursors.seal("2026-01-01|id", b"question")
    assert "2026" not in sealed
    assert cursors.open(sealed, b"question") == "2026-01-01|id"
    assert cursors.seal("2026-01-01|id", b"question") == sealed
    for broken, bound_to, key in (
        (sealed, b"another", bytes(64)),
        (sealed, b"question", bytes([1] * 64)),
        (sealed[:-1], b"question", bytes(64)),
        ("", b"question", bytes(64)),
        ("不是", b"question", bytes(64)),
    ):
        with pytest.raises(UsageError):
            Cursors(key).open(broken, bound_to)


@pytest.mark.parametrize("key", ["91320400XY00000123", "id-罚1〔2026〕号", "a>>>~~~???", ""])
def test_a_global_id_leads_back(key: str) -> None:
    made = global_id("Record", key)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", made)
    assert parse_global_id(made) == ("Record", key)


@pytest.mark.parametrize("text", ["", "x", "Record:1", "%%%%", "5rC05rC0", "A" * 5000, "不是"])
def test_what_is_no_global_id_leads_nowhere(text: str) -> None:
    assert parse_global_id(text) is None


def test_only_one_spelling_of_a_global_id_is_known() -> None:
    made = global_id("Subject", "ab")
    last = chr(ord(made[-1]) + 1)
    assert parse_global_id(made[:-1] + last) is None


def test_the_day_and_the_instant_default_to_the_request() -> None:
    asking = Asking(Caller("c", frozenset()), "2026-11-01")
    assert day_asked({}, asking) == day_asked({"asOf": None}, asking) == "2026-11-01"
    assert day_asked({"asOf": "2020-01-01"}, asking) == "2020-01-01"
    assert instant_known({}) == OPEN_INSTANT - 1
    assert instant_known({"knownAt": "1970-01-01T00:00:01+00:00"}) == 1_000_000


def test_a_piece_refuses_to_be_used_without_its_parts() -> None:
    with pytest.raises(LookupError):
        fragment("record/state", 1)


@pytest.mark.parametrize("name", [n for folder in ("subject", "record", "root") for n in names(f"read/{folder}")])
def test_pieces_say_which_holes_they_have(name: str) -> None:
    text = statement(name)
    whole = (resources.files("graph_loaders") / "cypher" / f"{name}.cypher").read_text(encoding="utf-8")
    head = "\n".join(line for line in whole.splitlines() if line.startswith("//"))
    for hole in set(re.findall(r"<([a-z_]+)>", text)):
        assert f"<{hole}>" in head, f"{name} does not explain <{hole}>"


def test_objects_have_the_keys_of_the_selection_in_its_order() -> None:
    columns = [
        Column("n.a"),
        Column("t.x", blank_to_none, group="state"),
        Column("n.b", lambda value, _reading: value * 2),
        Column("t.y", group="state"),
    ]
    made = project(["k1", "k2", 'k"3', "k4"], columns, lambda name, inner: f"{name}({', '.join(inner)})")
    assert made.expression == "[n.a, n.b, state(t.x, t.y)]"
    reading = object()
    assert list(made.shape([1, 2, ["", 4]], reading).items()) == [("k1", 1), ("k2", None), ('k"3', 4), ("k4", 4)]  # type: ignore[arg-type]
    assert made.shape([1, 2, None], reading) == {"k1": 1, "k2": None, 'k"3': 4, "k4": None}  # type: ignore[arg-type]
    assert made.shape(None, reading) is None  # type: ignore[arg-type]


def test_generated_code_does_not_hold_keys() -> None:
    names_ = Names()
    source = "def shape(row, reading):\n    return " + names_.entries(
        [("a'); import os; ('", names_.applied(None, "row[0]"))]
    )
    assert "import" not in source
    assert compiled(source, names_)([7], None) == {"a'); import os; ('": 7}


def test_every_field_of_every_type_in_the_schema_is_answered() -> None:
    declared: Any = build_schema()._schema
    table = types(None)
    assert set(ROOTS) <= set(declared.query_type.fields)
    for name in NODES:
        missing = set(declared.type_map[name].fields) - set(table[name].fields)
        assert not missing, f"{name} lacks {missing}"


@pytest.mark.parametrize(
    ("scopes", "hides_ended", "hides_light"),
    [
        ({s.PUBLIC}, True, True),
        ({s.MUTUAL}, True, False),
        ({s.GATE, s.PUBLIC}, True, False),
        ({s.INVESTIGATE}, False, False),
        ({s.OPERATE}, False, False),
    ],
)
def test_hidden_rows_are_kept_out_by_the_statement_itself(
    scopes: set[str], hides_ended: bool, hides_light: bool
) -> None:
    condition = visible(Composer(types(None), frozenset(scopes)), "r")
    assert ("r.adverse" in condition) is hides_ended
    assert ("轻微" in condition) is hides_light
    assert "'REVOCATION', 'CORRECTION'" in condition


def test_a_subjects_own_token_opens_ended_rows_of_that_subject_only() -> None:
    composer = Composer(types(None), frozenset({s.SELF, s.MUTUAL}))
    condition = visible(composer, "r", "$void")
    assert "r.code = $own_subject" in condition
    assert "WHEN r.adverse THEN r.valid_to >= $as_of OR (r.code = $own_subject)" in condition

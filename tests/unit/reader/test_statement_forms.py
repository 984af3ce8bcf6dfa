"""Roots of one form share what was made ready, wherever they stand in a document."""

from __future__ import annotations

from typing import Any

import pytest

from graph_loaders.reader import forms
from graph_loaders.reader.forms import Forms, normalised, own_arguments
from schema.selection import Select


def root(first: int, key: str = "a", child: str = "name") -> Select:
    page = Select(first + 2, "records", "records", "Subject", "RecordConnection", given=frozenset({"first"}))
    name = Select(first + 1, child, "name", "Subject", "String")
    return Select(first, key, "subject", "Query", "Subject", (name, page))


def test_the_place_and_the_alias_of_a_root_are_not_of_its_form() -> None:
    one, other = normalised(root(1)), normalised(root(8, "b"))
    assert one is not None
    assert one == other
    assert (one[0].index, one[0].children[1].index, one[1]) == (1, 3, 3)
    assert normalised(root(1, child="other")) != one


def test_numbers_that_do_not_follow_each_other_have_no_form() -> None:
    assert normalised(Select(-1, "a", "subjects", "Query", "SubjectResult", (root(4),))) is None


def test_arguments_of_a_root_by_the_numbers_of_its_form() -> None:
    arguments: dict[int, Any] = {1: {"code": "x"}, 3: {"first": 1}, 8: {"code": "y"}, 10: {"first": 2}, 11: {"id": "z"}}
    assert own_arguments(arguments, 0, 3) is arguments
    assert own_arguments(arguments, 7, 3) == {1: {"code": "y"}, 3: {"first": 2}}


def test_what_is_kept_is_bounded_by_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FIELDS", 10)
    kept: Forms[str] = Forms()
    for key in "abc":
        kept.put(key, key, 3)
    assert kept.get("a") == "a"
    kept.put("d", "d", 4)
    assert [kept.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    assert kept.fields == 10

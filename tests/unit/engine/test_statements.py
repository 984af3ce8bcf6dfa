"""Statements as files."""

from __future__ import annotations

import pytest

from graph_loaders.statements import names, statement


@pytest.mark.parametrize("name", [*names("schema"), *names("read"), *names("write")])
def test_every_statement_lists_exactly_the_parameters_it_uses(name: str) -> None:
    text = statement(name)
    assert text
    assert "//" not in text.splitlines()[0]


def test_an_unknown_statement_is_an_error() -> None:
    with pytest.raises(LookupError):
        statement("read/no_such")


def test_schema_steps_are_numbered_without_gaps() -> None:
    numbers = [int(name.split("/")[1].split("_")[0]) for name in names("schema")]
    assert numbers == list(range(1, len(numbers) + 1))

"""``penetration``: whom a subject's records reach, or what reaches a person, and why others are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from graph_loaders.reader.composer import Node
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.piercing import penetration as column
from graph_loaders.reader.reading import Reading, parse_global_id
from graph_loaders.reader.roots.root import Making, Root, argument, only, usable_code
from schema.errors import UsageError
from schema.selection import Select


def penetration(making: Making, select: Select) -> Callable[[Reading], Root]:
    """Two statements, one for each argument; a request gives exactly one of them.

    Of a code of which nothing is held, or a person whom this client cannot name, there is nothing to tell: both lists
    are empty, as they are for a known one without effects.
    """

    @cache
    def of(word: str) -> Root:
        composer = making.composer()
        number = composer.number()
        inner = column(making.piercing, composer, Node(own(word, number)), select, person=word == "person")
        convert: Any = inner.convert
        if word == "person":
            composer.parameter("token", lambda reading: _token(argument(select, "person")(reading), reading))
        else:
            composer.parameter("code", lambda reading: usable_code(argument(select, "subject")(reading)))
        text = fragment(f"root/penetration_{word}", number, value=inner.expression)
        return Root(text, composer.producers, lambda rows, reading: convert(only(rows) or [None, []], reading))

    def choose(reading: Reading) -> Root:
        subject, person = argument(select, "subject")(reading), argument(select, "person")(reading)
        if (subject is None) == (person is None):
            raise UsageError(
                "penetration takes exactly one of subject and person",
                hint="give subject: a unified social credit code, or person: the id of a Person",
                message_zh="subject 与 person 须二选一",
            )
        return of("subject" if person is None else "person")

    return choose


def _token(given: str, reading: Reading) -> str:
    """The hub's token of a ``Person.id`` (or ``Person.token``) as this client sees it; "" for anything else."""
    parsed = parse_global_id(given)
    if parsed is not None and parsed[0] != "Person":
        return ""
    return reading.hub_token(parsed[1] if parsed else given) or ""

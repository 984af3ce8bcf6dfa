"""The root field ``penetration``: whom a subject's records reach, or what reaches a person, and why others are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graph_loaders.reader.composer import Node
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.piercing import penetration as column
from graph_loaders.reader.reading import Reading, parse_global_id
from graph_loaders.reader.roots.root import Making, Root, only, usable_code
from schema.errors import UsageError
from schema.selection import Select


def penetration(making: Making, select: Select) -> Callable[[Reading], Root]:
    """Two statements, one for each argument; a request gives exactly one of them.

    Of a code of which nothing is held, or a person whom this client cannot name, there is nothing to tell: both lists
    are empty, as they are for a known one without effects.
    """
    of_subject, of_person = _of_subject(making, select), _of_person(making, select)

    def choose(reading: Reading) -> Root:
        given = reading.of(select.index)
        if (given.get("subject") is None) == (given.get("person") is None):
            raise UsageError(
                "penetration needs exactly one of subject and person",
                hint="give a unified social credit code, or the id of a Person",
                message_zh="subject 与 person 须且只能给出一个",
            )
        return of_subject if given.get("person") is None else of_person

    return choose


def _of_subject(making: Making, select: Select) -> Root:
    composer = making.composer()
    number = composer.number()
    inner = column(making.piercing, composer, Node(own("subject", number)), select, person=False)
    convert: Any = inner.convert
    composer.parameter("code", lambda reading: usable_code(reading.of(select.index)["subject"]))
    text = fragment("piercing/root_subject", number, columns=inner.expression)
    return Root(text, composer.producers, lambda rows, reading: convert(only(rows) or [None, []], reading))


def _of_person(making: Making, select: Select) -> Root:
    composer = making.composer()
    number = composer.number()
    inner = column(making.piercing, composer, Node(own("person", number)), select, person=True)
    convert: Any = inner.convert
    composer.parameter("token", lambda reading: hub_token(reading.of(select.index)["person"], reading))
    text = fragment("root/person", number, columns=inner.expression)
    return Root(text, composer.producers, lambda rows, reading: convert(only(rows) or [None, []], reading))


def hub_token(given: str, reading: Reading) -> str:
    """The hub's token of a ``Person.id`` (or ``Person.token``) as this client sees it; "" for anything else."""
    parsed = parse_global_id(given)
    if parsed is not None and parsed[0] != "Person":
        return ""
    return reading.hub_token(parsed[1] if parsed else given) or ""

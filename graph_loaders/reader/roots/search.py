"""``searchSubjects`` and ``searchPersons``: an investigator's way in by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from graph_loaders.reader.columns import Shape
from graph_loaders.reader.composer import Composer, Node
from graph_loaders.reader.connections import connection, page
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.roots.listing import listed
from graph_loaders.reader.roots.root import Making, Root, always, argument, filtered, usable_code
from schema.errors import UsageError
from schema.names import compared_name
from schema.selection import Select

SHORTEST = 2  # characters of a searched name


def search_subjects(making: Making, select: Select) -> Callable[[Reading], Root]:
    """Former names too: ``matchedName`` is the latest name that has the text, ``former``: another came after."""
    composer = making.composer()
    number = composer.number()
    subject, names = own("subject", number), own("names", number)

    def item(selects: Sequence[Select]) -> tuple[str, Shape]:
        inner = composer.columns("Subject", Node(subject), selects)
        return inner.expression, inner.shape

    composer.parameter("name", lambda reading: _part(filtered(select, "nameContains")(reading)))
    for field in ("kind", "region", "status"):
        composer.parameter(field, filtered(select, field))
    found = page(composer, select, item, _match(names))
    text = fragment("root/search_subjects", number, after=found.after, first=found.first, rows=found.rows)
    return always(Root(text, composer.producers, listed(found.shape)))


def _match(names: str) -> Callable[[Select], tuple[str, Shape] | None]:
    """What an edge says of the name that matched: taken from all names of the subject, the latest first."""

    def extra(field: Select) -> tuple[str, Shape] | None:
        if field.name == "matchedName":
            return names, _matched
        if field.name == "former":
            return names, lambda value, reading: _matched(value, reading) != value[0]
        return None

    return extra


def _matched(names: list[str], reading: Reading) -> Any:
    part = reading.values["name"]
    return next((name for name in names if part in compared_name(name)), names[0])


def _part(raw: str | None) -> str:
    if raw is None:
        return ""
    part = compared_name(raw)
    if len(part) < SHORTEST:
        raise UsageError(
            "nameContains is too short",
            hint=f"give at least {SHORTEST} characters of the name",
            message_zh=f"名称检索至少需要 {SHORTEST} 个字符",
        )
    return part


def search_persons(making: Making, select: Select) -> Callable[[Reading], Root]:
    def prepared(file: str, organisation: bool) -> Root:
        composer = making.composer()
        number = composer.number()
        found = connection(composer, select, "Person", Node(own("person", number)))
        composer.parameter("name", lambda reading: _full(argument(select, "name")(reading)))
        if organisation:
            _organisation(composer, select)
        text = fragment(file, number, after=found.after, first=found.first, rows=found.rows)
        return Root(text, composer.producers, listed(found.shape))

    anywhere = cache(lambda: prepared("root/search_persons", False))
    at_one = cache(lambda: prepared("root/search_persons_at", True))
    return lambda reading: anywhere() if argument(select, "organisation")(reading) is None else at_one()


def _organisation(composer: Composer, select: Select) -> None:
    composer.parameter("organisation", lambda reading: usable_code(argument(select, "organisation")(reading)))


def _full(raw: str) -> str:
    name = compared_name(raw)
    if not name:
        raise UsageError("the name is empty", hint="give the person's full name", message_zh="请填写姓名")
    return name

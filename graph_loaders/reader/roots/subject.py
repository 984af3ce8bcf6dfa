"""``subject`` and ``subjects``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph_loaders.reader.composer import Node
from graph_loaders.reader.fields.subject import held
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.roots.root import Making, Root, Row, always, only, usable_code
from schema.errors import LimitExceeded, UsageError
from schema.selection import Select

MOST_CODES = 1000


def subject(making: Making, select: Select) -> Callable[[Reading], Root]:
    composer = making.composer()
    number = composer.number()
    variable = own("subject", number)
    inner = composer.columns("Subject", Node(variable), select.children)
    composer.parameter("code", lambda reading: usable_code(reading.of(select.index)["code"]))
    text = fragment("root/subject", number, held=held(composer, variable), columns=inner.expression)
    return always(Root(text, composer.producers, lambda rows, reading: inner.shape(only(rows), reading)))


def subjects(making: Making, select: Select) -> Callable[[Reading], Root]:
    """In the order asked; a code that is wrong or not held has an error in its place."""
    composer = making.composer()
    number = composer.number()
    variable = own("subject", number)
    shown = [child for child in select.children if child.name == "subject"]
    inner = [composer.columns("Subject", Node(variable), child.children) for child in shown]
    composer.parameter("codes", lambda reading: list(dict.fromkeys(filter(None, _codes(select, reading)))))
    text = fragment(
        "root/subjects",
        number,
        held=held(composer, variable),
        values=", ".join(projection.expression for projection in inner),
    )
    shapes = [(child.key, projection.shape) for child, projection in zip(shown, inner, strict=True)]

    def shape(rows: Sequence[Row], reading: Reading) -> Any:
        found = {
            row["code"]: {key: make(raw, reading) for (key, make), raw in zip(shapes, row["value"], strict=True)}
            for row in rows
        }
        asked = reading.of(select.index)["codes"]
        return [
            _result(select, raw, found.get(code) if code else None, bool(code))
            for raw, code in zip(asked, _codes(select, reading), strict=True)
        ]

    return always(Root(text, composer.producers, shape))


def _codes(select: Select, reading: Reading) -> list[str]:
    """The normal form of each code asked for, "" for a wrong one."""
    asked = reading.of(select.index)["codes"]
    if len(asked) > MOST_CODES:
        raise LimitExceeded(
            f"{len(asked)} codes in one question",
            hint=f"ask for at most {MOST_CODES} codes at a time",
            message_zh=f"一次最多查询 {MOST_CODES} 个代码",
        )
    usable = []
    for raw in asked:
        try:
            usable.append(usable_code(raw))
        except UsageError:
            usable.append("")
    return usable


_ERRORS = {
    False: {
        "code": "BAD_USER_INPUT",
        "hint": "not a unified social credit code: check its 18 characters 代码校验不通过",
    },
    True: {"code": "NOT_FOUND", "hint": "nothing is held here under this code 本枢纽无此主体"},
}


def _result(select: Select, raw: str, subjects_found: dict[str, Any] | None, usable: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for child in select.children:
        match child.name:
            case "code":
                result[child.key] = raw
            case "subject":
                result[child.key] = None if subjects_found is None else subjects_found[child.key]
            case "error":
                error = None if subjects_found is not None else _ERRORS[usable]
                result[child.key] = error and {
                    field.key: error.get(field.name, field.parent) for field in child.children
                }
            case _:
                result[child.key] = select.type
    return result


def _error(select: Select, code: str, hint: str) -> dict[str, str]:
    values = {"code": code, "hint": hint}
    return {field.key: values.get(field.name, field.parent) for field in select.children}

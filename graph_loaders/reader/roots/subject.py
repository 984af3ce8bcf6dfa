"""``subject`` and ``subjects``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph_loaders.reader.codegen import Names, compiled
from graph_loaders.reader.composer import Node
from graph_loaders.reader.fields.subject import held
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.roots.root import Making, Root, Row, always, only, usable_code
from schema.errors import LimitExceeded, UsageError
from schema.masking import mask_person_ids
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
    names = Names()
    values: list[str] = []

    def shown(child: Select) -> str:
        """One field of a result, over ``raw`` (as asked), ``code`` (usable, or "") and ``row`` (None: not held)."""
        if child.name == "code":
            return "raw"
        if child.name == "subject":
            inner = composer.columns("Subject", Node(variable), child.children)
            values.append(inner.expression)
            return f"(None if row is None else {names.name(inner.shape)}(row[{len(values) - 1}], reading))"
        if child.name == "error":
            unknown, unusable = (names.name(_error(child, *fault)) for fault in (_UNKNOWN, _UNUSABLE))
            return f"(None if row is not None else {unknown} if code else {unusable})"
        return repr(child.parent)

    result = names.entries([(child.key, shown(child)) for child in select.children])
    make = compiled(f"def shape(raw, code, row, reading):\n    return {result}", names)
    composer.parameter("codes", lambda reading: list(dict.fromkeys(filter(None, _codes(select, reading)))))
    text = fragment("root/subjects", number, held=held(composer, variable), values=", ".join(values))

    def shape(rows: Sequence[Row], reading: Reading) -> Any:
        found = {row["code"]: row["value"] for row in rows}
        asked = reading.of(select.index)["codes"]
        usable = _codes(select, reading)
        shown = (raw if code else mask_person_ids(raw, free=True) for raw, code in zip(asked, usable, strict=True))
        return [make(raw, code, found.get(code), reading) for raw, code in zip(shown, usable, strict=True)]

    return always(Root(text, composer.producers, shape))


def _codes(select: Select, reading: Reading) -> list[str]:
    """The normal form of each code asked for, "" for a wrong one."""
    known: list[str] | None = reading.noted.get(select.index)
    if known is not None:
        return known
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
    reading.noted[select.index] = usable
    return usable


_UNUSABLE = ("BAD_USER_INPUT", "not a unified social credit code: check its 18 characters 代码校验不通过")
_UNKNOWN = ("NOT_FOUND", "nothing is held here under this code 本枢纽无此主体")


def _error(select: Select, code: str, hint: str) -> dict[str, str]:
    values = {"code": code, "hint": hint}
    return {field.key: values.get(field.name, field.parent) for field in select.children}

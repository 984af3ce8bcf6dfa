"""A projection: the list of columns a statement fetches for one object, and the function that shapes the answer.

A statement returns lists, not maps: no key travels, and an answer's object is one dict display. Fields that are read
from another node (a subject's kind and status come from one version of its state) form a *group*: one column that holds
a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from graph_loaders.reader.codegen import Names, compiled
from graph_loaders.reader.reading import Reading

Convert = Callable[[Any, Reading], Any]
Shape = Callable[[Any, Reading], Any]
_PROPERTY = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One field: its expression (in the group's subquery where ``group`` is set), and how its value is converted."""

    expression: str
    convert: Convert | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Projection:
    """``expression`` is a Cypher list; ``shape`` makes the answer's object of its value (None stays None)."""

    expression: str
    shape: Shape


def project(
    keys: Sequence[str], columns: Sequence[Column], group_expression: Callable[[str, list[str]], str]
) -> Projection:
    """``group_expression(name, expressions)`` gives the subquery of a group.

    Properties come first, each once and sorted, and so do a group's expressions: selections that differ in the order
    or repetition of their fields are one statement (an engine keeps what it learns of each form).
    """
    direct = sorted({column.expression for column in columns if _is_property(column)})
    others = count(len(direct))
    direct += [column.expression for column in columns if not column.group and not _is_property(column)]
    groups: dict[str, set[str]] = {}
    for column in columns:
        if column.group:
            groups.setdefault(column.group, set()).add(column.expression)
    widths: list[tuple[int, int]] = []
    taken: dict[str, tuple[int, list[str]]] = {}
    for name in sorted(groups):
        expressions = sorted(groups[name])
        widths.append((len(direct), len(expressions)))
        taken[name] = (len(direct), expressions)
        direct.append(group_expression(name, expressions))
    values = []
    for column in columns:
        if column.group:
            at, expressions = taken[column.group]
            values.append(f"g{at}[{expressions.index(column.expression)}]")
        elif _is_property(column):
            values.append(f"row[{direct.index(column.expression)}]")
        else:
            values.append(f"row[{next(others)}]")
    return Projection("[" + ", ".join(direct) + "]", _shape(keys, columns, values, widths))


def _is_property(column: Column) -> bool:
    """Whether it is a property of the node: it reads the same however often and where it is selected."""
    return not column.group and _PROPERTY.fullmatch(column.expression) is not None


def _shape(
    keys: Sequence[str], columns: Sequence[Column], values: Sequence[str], widths: Sequence[tuple[int, int]]
) -> Shape:
    names = Names()
    lines = ["def shape(row, reading):", "    if row is None:", "        return None"]
    for at, width in widths:
        lines.append(f"    g{at} = row[{at}] or {names.name((None,) * width)}")
    items = [
        (key, names.applied(column.convert, value)) for key, column, value in zip(keys, columns, values, strict=True)
    ]
    lines.append("    return " + names.entries(items))
    return compiled("\n".join(lines), names)


def each(shape: Shape) -> Convert:
    """Shapes every object of a list."""

    def shape_all(rows: Any, reading: Reading) -> Any:
        return None if rows is None else [shape(row, reading) for row in rows]

    return shape_all

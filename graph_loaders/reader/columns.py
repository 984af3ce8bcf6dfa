"""A projection: the list of columns a statement fetches for one object, and the function that shapes the answer.

A statement returns lists, not maps: no key travels, and an answer's object is one dict display. Fields that are read
from another node (a subject's kind and status come from one version of its state) form a *group*: one column that holds
a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph_loaders.reader.codegen import Names, compiled
from graph_loaders.reader.reading import Reading

Convert = Callable[[Any, Reading], Any]
Shape = Callable[[Any, Reading], Any]


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
    """Columns in selection order; ``group_expression(name, expressions)`` gives the subquery of a group."""
    direct = [column.expression for column in columns if not column.group]
    groups: dict[str, list[str]] = {}
    for column in columns:
        if column.group:
            groups.setdefault(column.group, []).append(column.expression)
    widths: list[tuple[int, int]] = []
    taken: dict[str, tuple[int, int]] = {}
    for name, expressions in groups.items():
        widths.append((len(direct), len(expressions)))
        taken[name] = (len(direct), 0)
        direct.append(group_expression(name, expressions))
    values, plain = [], 0
    for column in columns:
        if column.group:
            at, place = taken[column.group]
            values.append(f"g{at}[{place}]")
            taken[column.group] = (at, place + 1)
        else:
            values.append(f"row[{plain}]")
            plain += 1
    return Projection("[" + ", ".join(direct) + "]", _shape(keys, columns, values, widths))


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

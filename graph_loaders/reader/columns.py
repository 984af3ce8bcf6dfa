"""A projection: the list of columns a statement fetches for one object, and the function that shapes the answer.

A statement returns lists, not maps: column order is the selection's order, so an answer's object is
``dict(zip(keys, row))`` after the few columns that need it were converted. Fields that are read from another node
(a subject's name and status come from one version of its state) form a *group*: one column that holds a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

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
    widths = []
    start = len(direct) + len(groups)
    starts = {}
    for name, expressions in groups.items():
        widths.append((len(direct), len(expressions)))
        starts[name] = start
        start += len(expressions)
        direct.append(group_expression(name, expressions))
    positions, plain = [], 0
    for column in columns:
        if column.group:
            positions.append(starts[column.group])
            starts[column.group] += 1
        else:
            positions.append(plain)
            plain += 1
    converts = [(index, column.convert) for index, column in enumerate(columns) if column.convert is not None]
    expression = "[" + ", ".join(direct) + "]"
    return Projection(expression, _shape(tuple(keys), converts, widths, positions))


def _shape(
    keys: tuple[str, ...],
    converts: list[tuple[int, Convert]],
    widths: list[tuple[int, int]],
    positions: list[int],
) -> Shape:
    if not keys:
        return lambda row, _reading: None if row is None else {}
    if widths:
        return _shape_spread(keys, converts, widths, positions)
    if not converts:
        return lambda row, _reading: None if row is None else dict(zip(keys, row, strict=True))
    if len(converts) == 1:
        ((only, convert),) = converts

        def shape_one(row: Any, reading: Reading) -> Any:
            if row is None:
                return None
            row[only] = convert(row[only], reading)
            return dict(zip(keys, row, strict=True))

        return shape_one

    def shape(row: Any, reading: Reading) -> Any:
        if row is None:
            return None
        for index, change in converts:
            row[index] = change(row[index], reading)
        return dict(zip(keys, row, strict=True))

    return shape


def _shape_spread(
    keys: tuple[str, ...],
    converts: list[tuple[int, Convert]],
    widths: list[tuple[int, int]],
    positions: list[int],
) -> Shape:
    pick: Callable[[Any], Any]
    if len(positions) == 1:
        only = positions[0]
        pick = lambda row: (row[only],)  # noqa: E731
    else:
        pick = itemgetter(*positions)
    absent = [(index, [None] * width) for index, width in widths]

    def shape(row: Any, reading: Reading) -> Any:
        if row is None:
            return None
        for index, nothing in absent:
            group = row[index]
            row = row + (nothing if group is None else group)
        values = list(pick(row))
        for index, change in converts:
            values[index] = change(values[index], reading)
        return dict(zip(keys, values, strict=True))

    return shape


def each(shape: Shape) -> Convert:
    """Shapes every object of a list."""

    def shape_all(rows: Any, reading: Reading) -> Any:
        return None if rows is None else [shape(row, reading) for row in rows]

    return shape_all

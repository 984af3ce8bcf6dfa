"""What a root field is made ready as, and the arguments that several root fields share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_loaders.reader.composer import Composer, Producer, TypeFields
from graph_loaders.reader.reading import Reading
from schema.errors import UsageError
from schema.identifiers import normalise_code, uscc_fault
from schema.piercing import Piercing
from schema.selection import Select

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Root:
    """One statement. ``shape`` makes the answer of its rows; ``producers`` its parameters beside the times.

    ``unless`` may answer without asking the graph (an id that nobody has): it gives a list with the answer, or None.
    """

    text: str
    producers: Mapping[str, Producer]
    shape: Callable[[Sequence[Row], Reading], Any]
    unless: Callable[[Reading], list[Any] | None] | None = None


@dataclass(frozen=True, slots=True)
class Making:
    """What a root field may use: a fresh composer for each statement, and the hub's rules. ``past``: for questions
    about the past under scopes that do not open it (``looking_back``)."""

    types: Mapping[str, TypeFields]
    scopes: frozenset[str]
    region: str
    piercing: Piercing | None
    past: bool = False

    def composer(self) -> Composer:
        return Composer(self.types, self.scopes, self.region, past=self.past)


RootMaker = Callable[[Making, Select], Callable[[Reading], Root]]
"""Gives for each request the statement that fits its arguments; statements are made at most once."""


def always(root: Root) -> Callable[[Reading], Root]:
    return lambda _reading: root


def only(rows: Sequence[Row]) -> Any:
    """The value of the one row, or None."""
    return rows[0]["value"] if rows else None


def usable_code(raw: str) -> str:
    """A unified social credit code in its normal form. Raises UsageError when a check digit is wrong."""
    code, _ = normalise_code(raw)
    fault = uscc_fault(code)
    if fault:
        raise UsageError(
            f"{raw[:40]!r} is not a unified social credit code ({fault})",
            hint="check its 18 characters; both check digits of GB 32100 must hold",
            message_zh="统一社会信用代码校验不通过",
        )
    return code


def argument(select: Select, name: str, otherwise: Any = None) -> Producer:
    """This request's argument of a field, or ``otherwise`` where it is absent or null."""

    def produce(reading: Reading) -> Any:
        value = reading.of(select.index).get(name)
        return otherwise if value is None else value

    return produce


def filtered(select: Select, name: str) -> Producer:
    """A field of this request's ``filter``, or None."""

    def produce(reading: Reading) -> Any:
        return (reading.of(select.index).get("filter") or {}).get(name)

    return produce

"""Shapes of ``Effect``, ``EffectRole``, ``NotReached`` and the relations of a path, compiled once for a selection.

Whatever is selected of records, subjects and persons is projected by the composer; a raw value is shaped once and its
answer shared, since several effects may come from one record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graph_loaders.reader.columns import Shape
from graph_loaders.reader.composer import WITHHELD, Composer, Node
from graph_loaders.reader.piercing_facts import ROLE_KINDS, Finding, Raw
from graph_loaders.reader.piercing_text import Chosen, Names
from graph_loaders.reader.reading import Reading, global_id
from schema.selection import Select
from schema.times import OPEN_DATE

Memo = dict[int, Any]
Field = Callable[[Finding, Reading, Memo], Any]
Plain = Callable[[Finding], Any]
Edge = Callable[[Reading], Any]


def _open(day: str) -> str | None:
    return None if day == OPEN_DATE else day


PLAIN: dict[str, Plain] = {
    "ruleId": lambda f: f.decision.rule.id,
    "ruleVersion": lambda f: f.decision.rule.version,
    "article": lambda f: f.decision.rule.article,
    "effect": lambda f: f.decision.rule.effect,
    "illustrative": lambda f: f.decision.illustrative,
    "attributedOn": lambda f: f.decision.attributed_on,
    "until": lambda f: _open(f.decision.until),
    "lastDay": lambda f: _open(f.decision.last_day),
    "receipts": lambda _: [],
    "reason": lambda f: f.decision.because,
}


class Effects:
    """Gathers the projections that selections of findings need, and compiles the selections."""

    def __init__(self, composer: Composer, names: Names) -> None:
        self._composer = composer
        self._names = names
        self.chosen = Chosen()

    def shape(self, type_name: str, selects: Sequence[Select]) -> Field:
        """A function that makes the answer's object for one finding; ``type_name`` is Effect or NotReached."""
        fields = [(select.key, self._field(type_name, select)) for select in selects]
        return lambda finding, reading, memo: {key: make(finding, reading, memo) for key, make in fields}

    def _field(self, type_name: str, select: Select) -> Field:
        if select.name == "__typename":
            return lambda *_: type_name
        if select.name == WITHHELD:
            return lambda *_: None
        if select.name in ("source", "record"):
            return self._one("Record", self._names.record, self.chosen.records, select, lambda f: f.row["records"])
        if select.name == "subject":
            return self._one("Subject", self._names.subject, self.chosen.subjects, select, lambda f: f.row["subjects"])
        if select.name == "person":
            return self._one(
                "Person", self._names.holder, self.chosen.persons, select, lambda f: (f.held or {}).get("persons")
            )
        if select.name == "reportedOn":
            return self._reported(select)
        if select.name == "roles":
            return self._roles(select)
        if select.name == "path":
            edges = _edges(select.children, self._composer.region)
            return lambda finding, reading, _: edges(finding, _shown(finding), reading)
        plain = PLAIN[select.name]
        return lambda finding, *_: plain(finding)

    def _project(self, type_name: str, variable: str, into: list[str], select: Select) -> tuple[int, Shape]:
        projection = self._composer.columns(type_name, Node(variable), select.children)
        into.append(projection.expression)
        return len(into) - 1, projection.shape

    def _one(
        self, type_name: str, variable: str, into: list[str], select: Select, cells: Callable[[Finding], Any]
    ) -> Field:
        index, shape = self._project(type_name, variable, into, select)

        def one(finding: Finding, reading: Reading, memo: Memo) -> Any:
            found = cells(finding)
            return None if found is None else _once(found[index], shape, reading, memo)

        return one

    def _reported(self, select: Select) -> Field:
        index, shape = self._project("Subject", self._names.other, self.chosen.reported, select)

        def reported(finding: Finding, reading: Reading, memo: Memo) -> Any:
            return [_once(other["subjects"][index], shape, reading, memo) for other in finding.reported()]

        return reported

    def _roles(self, select: Select) -> Field:
        fields: list[tuple[str, Callable[[Finding, Raw, bool, Reading], Any]]] = []
        for child in select.children:
            fields.append((child.key, _role_field(child, self._composer.region)))

        def roles(finding: Finding, reading: Reading, _: Memo) -> Any:
            return [
                {key: make(finding, role, illustrative, reading) for key, make in fields}
                for role, illustrative in finding.roles
            ]

        return roles


def _once(cell: Any, shape: Shape, reading: Reading, memo: Memo) -> Any:
    """Shapes change their rows in place, so a row that several effects share is shaped by the first."""
    key = id(cell)
    if key not in memo:
        memo[key] = shape(cell, reading)
    return memo[key]


def _shown(finding: Finding) -> Raw | None:
    """The representative's role where there is one."""
    roles = [role for role, _ in finding.roles]
    return next((role for role in roles if role["relation"] == "REPRESENTS"), roles[0] if roles else None)


def _role_field(select: Select, region: str) -> Callable[[Finding, Raw, bool, Reading], Any]:
    match select.name:
        case "__typename":
            return lambda *_: "EffectRole"
        case "kind":
            return lambda _finding, role, *_: ROLE_KINDS[role["relation"]]
        case "illustrative":
            return lambda _finding, _role, illustrative, _reading: illustrative
        case "path":
            edges = _edges(select.children, region)
            return lambda finding, role, _illustrative, reading: edges(finding, role, reading)
        case _:
            return lambda *_: None


def _edges(selects: Sequence[Select], region: str) -> Callable[[Finding, Raw | None, Reading], Any]:
    """The path from the record over its subject to the person: each relation with its own direction and days."""
    pairs = [(select.key, "" if select.name == WITHHELD else select.name) for select in selects]

    def edges(finding: Finding, role: Raw | None, reading: Reading) -> Any:
        subject = global_id("Subject", finding.row["code"])
        about = {
            "from": global_id("Record", finding.row["id"]),
            "to": subject,
            "kind": "ABOUT",
            "validFrom": finding.row["valid_from"],
            "validTo": _open(finding.row["valid_to"]),
            "region": region,
        }
        if role is None:
            return [_edge(pairs, about)]
        held = {
            "from": reading.person_id(role["token"]),
            "to": subject,
            "kind": role["relation"],
            "validFrom": role["valid_from"],
            "validTo": _open(role["valid_to"]),
            "region": region,
        }
        return [_edge(pairs, about), _edge(pairs, held)]

    return edges


def _edge(pairs: list[tuple[str, str]], values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "Relation" if name == "__typename" else values.get(name) for key, name in pairs}

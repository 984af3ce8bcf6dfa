"""The national list of dishonesty measures (全国失信惩戒措施基础清单): what is not on it cannot be done."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from policies.rules import SOURCES, WrittenRule
from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class Measure:
    """One item. Class A takes rights or adds duties and needs a cited law; B is within an agency's own management;
    C is taken by non-public parties of their own will. ``effects`` are the derived effects it may carry."""

    id: str
    title: str
    title_zh: str
    group: str
    basis: str
    source: str
    effects: tuple[str, ...]
    valid_from: str
    valid_to: str
    place: str


def read_measure(table: Table) -> Measure:
    """One ``[[measure]]``."""
    valid_from, valid_to = table.validity()
    return Measure(
        id=table.text("id"),
        title=table.text("title"),
        title_zh=table.text("title_zh"),
        group=table.choice("class", ("A", "B", "C")),
        basis=table.text("basis"),
        source=table.choice("source", SOURCES),
        effects=table.texts("effects", ("POINTS_INDICATOR", "CONSUMPTION_LIMIT", "ROLE_BAR"), default=()),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


@dataclass(frozen=True, slots=True)
class MeasureBook:
    measures: tuple[Measure, ...]

    def on(self, measure: str, day: str) -> Measure | None:
        """The entry in force on a day."""
        return next((m for m in self.measures if m.id == measure and m.valid_from <= day <= m.valid_to), None)

    def admit(self, written: WrittenRule) -> None:
        """Raises PackError unless the effect rests on an entry in force from the rule's first day to its last."""
        rule = written.rule
        found = self.on(rule.measure, rule.valid_from)
        if found is None or found.valid_to < rule.valid_to:
            raise PackError(
                written.place,
                f"measure {rule.measure!r} of {rule.id} is not in the catalogue on every day of the rule",
                hint="name a measure in force: " + ", ".join(sorted({m.id for m in self.measures})),
            )
        if rule.effect not in found.effects:
            raise PackError(
                written.place,
                f"measure {rule.measure!r} does not carry the effect {rule.effect} of {rule.id}",
                hint="name a measure whose entry lists this effect",
            )


def measure_book(measures: list[Measure]) -> MeasureBook:
    """Raises PackError when two entries of one measure overlap."""
    ordered = sorted(measures, key=lambda m: (m.id, m.valid_from))
    for one, two in pairwise(ordered):
        if one.id == two.id and two.valid_from <= one.valid_to:
            raise PackError(
                two.place, f"measure {two.id!r} overlaps its entry at {one.place}", hint="end the older one"
            )
    return MeasureBook(tuple(ordered))

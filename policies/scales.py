"""Rating scales: how far they reach and what their grades are, best first. Mapping between scales is an agreement's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from policies.rules import KINDS, SOURCES
from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class Scale:
    """``subject_kinds`` are those that get a grade; ``highest`` is 0 where the scale has no points."""

    name: str
    title: str
    grades: tuple[str, ...]
    highest: int
    subject_kinds: tuple[str, ...]
    article: str
    source: str
    valid_from: str
    valid_to: str
    place: str


def read_scale(table: Table) -> Scale:
    """One ``[[scale]]``."""
    valid_from, valid_to = table.validity()
    return Scale(
        name=table.text("name"),
        title=table.text("title"),
        grades=table.texts("grades"),
        highest=table.integer("highest", 0),
        subject_kinds=table.texts("subject_kinds", KINDS),
        article=table.text("article"),
        source=table.choice("source", SOURCES),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


@dataclass(frozen=True, slots=True)
class ScaleBook:
    scales: tuple[Scale, ...]

    def find(self, name: str, day: str) -> Scale | None:
        return next((s for s in self.scales if s.name == name and s.valid_from <= day <= s.valid_to), None)


def scale_book(scales: list[Scale]) -> ScaleBook:
    """Raises PackError when two scales of one name overlap."""
    ordered = sorted(scales, key=lambda s: (s.name, s.valid_from))
    for one, two in pairwise(ordered):
        if one.name == two.name and two.valid_from <= one.valid_to:
            raise PackError(
                two.place, f"scale {two.name!r} overlaps its entry at {one.place}", hint="end the older one"
            )
    return ScaleBook(tuple(ordered))

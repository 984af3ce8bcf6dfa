"""How cases are decided: within how many working days, by whom first, and whether two people must agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from policies.rules import SOURCES
from policies.table import PackError, Table

ProcedureKind = Literal["objection", "repair"]
KINDS: tuple[ProcedureKind, ...] = ("objection", "repair")


@dataclass(frozen=True, slots=True)
class Procedure:
    """Terms are working days from the day the case is made: ``days`` for the hub's answer, ``department_days`` of them
    for the deciding department. ``four_eyes``: who approves is another than who proposes."""

    id: str
    kind: ProcedureKind
    valid_from: str
    valid_to: str
    days: int
    department_days: int
    four_eyes: bool
    article: str
    source: str
    place: str


def read_procedure(table: Table) -> Procedure:
    """One ``[[procedure]]``. Raises PackError."""
    valid_from, valid_to = table.validity()
    table.text("title_zh")
    days, department = table.integer("days", least=1), table.integer("department_days", least=1)
    if department > days:
        raise table.error("department_days is above days", "department_days", hint="the department's are part of them")
    return Procedure(
        table.text("id"),
        cast(ProcedureKind, table.choice("kind", KINDS)),
        valid_from,
        valid_to,
        days,
        department,
        table.flag("four_eyes", False),
        table.text("article"),
        table.choice("source", SOURCES),
        table.place(),
    )


@dataclass(frozen=True, slots=True)
class ProcedureBook:
    """The last pack's word counts, so that a place is quicker or stricter than the nation."""

    procedures: tuple[Procedure, ...] = ()

    def on(self, kind: ProcedureKind, day: str) -> Procedure | None:
        """The procedure of cases that are made on a day; None before the first one."""
        found = [one for one in self.procedures if one.kind == kind and one.valid_from <= day <= one.valid_to]
        return found[-1] if found else None


def procedure_book(procedures: Sequence[Procedure]) -> ProcedureBook:
    """Raises PackError for two of one pack that are in force for a kind on one day."""
    for n, one in enumerate(procedures):
        for two in procedures[n + 1 :]:
            same = one.kind == two.kind and one.place.rpartition(":")[0] == two.place.rpartition(":")[0]
            if same and one.valid_from <= two.valid_to and two.valid_from <= one.valid_to:
                raise PackError(two.place, f"{two.id!r} overlaps {one.id!r} ({one.place})", hint="end the older one")
    return ProcedureBook(tuple(procedures))

"""An application for repair as the fold of its transitions, and the row that keeps a record from having two open ones.

Bodies: ``repair`` ``{day record commitment evidence rule ruleArticle due departmentDue provisional fourEyes procedure
article}``, ``repair-proposal`` and ``repair-decision`` ``{outcome reason day on}``, an approval with ``approves``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, select

from hub.acts.model import Written
from schema.errors import Conflict

MADE, PROPOSED, DECIDED = "repair", "repair-proposal", "repair-decision"
metadata = MetaData()
under_way = Table(
    "acts_repairs_open",
    metadata,
    Column("record", String(128), primary_key=True),
    Column("case_id", String(36), nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Case:
    """``acts``: every transition up to the one looked at, at least the first."""

    acts: tuple[Written, ...]

    @property
    def first(self) -> Written:
        return self.acts[0]

    @property
    def last(self) -> Written:
        return self.acts[-1]

    @property
    def record(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.first.body["record"]
        return found

    @property
    def state(self) -> str:
        if self.last.kind == DECIDED:
            return str(self.last.body["outcome"])
        return "PROPOSED" if self.last.kind == PROPOSED else "RECEIVED"

    def open(self) -> bool:
        return self.last.kind != DECIDED


def fold(acts: Sequence[Written], step: int | None = None) -> Case | None:
    """The application after a step (None: the last); None where there is none, or it is another kind of case."""
    kept = tuple(act for act in acts if step is None or act.step <= step)
    return Case(kept) if kept and kept[0].kind == MADE else None


def begin(record: str, case: str, connection: Connection) -> None:
    """Raises Conflict where an application for the record is open."""
    known = connection.scalar(select(under_way.c.case_id).where(under_way.c.record == record))
    if known is not None:
        raise Conflict(
            f"repair of this record is being examined ({known})",
            hint="wait for its decision 请等待审核结果",
            message_zh="该记录已有在办修复申请",
        )
    connection.execute(insert(under_way).values(record=record, case_id=case))


def end(record: str, connection: Connection) -> None:
    connection.execute(delete(under_way).where(under_way.c.record == record))

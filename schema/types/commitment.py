"""Commitments that are made, kept and broken at this hub, and documents that are handed in later."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.types.common import AS_OF, Money
from schema.types.decision import Decision
from schema.types.enums import CommitmentState, _value
from schema.types.held import argument, held
from schema.types.inputs import _given
from schema.types.lazy import LazySubject
from schema.types.scalars import USCC, Date, Decimal


@strawberry.enum(description="How a commitment was broken 违诺方式")
class BreachHow(Enum):
    LATE = _value("LATE", "not kept by its day 逾期未履行")
    FALSE = _value("FALSE", "it was untrue when it was made 虚假承诺")


@strawberry.type(description="A document to be handed in later 容缺材料")
class DocumentDue:
    name: str | None = held("document 材料名称")
    due_on: Date | None = held("last day 补正期限")


@strawberry.type(description="A commitment made at this hub, with what has happened to it 承诺办理")
class CommitmentCase:
    number: strawberry.ID | None = held("number, also of the Commitment in the graph 承诺编号")
    kind: str | None = held("kind 承诺类型")
    matter: str | None = held("matter 事项")
    items: list[str] | None = held("what is committed to 承诺内容")
    subject: LazySubject | None = held("who made it 承诺主体")
    made_on: Date | None = held("day made 承诺日期")
    due_on: Date | None = held("day due 应履行日期")
    kept_on: Date | None = held("day kept 履行日期")
    state: CommitmentState | None = held("state today, by its dates 状态")
    documents_due: list[DocumentDue] | None = held("documents to be handed in later 容缺材料")
    waived: Money | None = held("deposit that it stands for 免缴保证金")
    warned: bool | None = held("its parties were told of the deadline 是否已提醒")
    receipt: strawberry.ID | None = held("receipt of the latest act 回执")


@strawberry.input(description="A document to be handed in later 容缺材料")
class DocumentDueInput:
    name: str = strawberry.field(description="document 材料名称")
    due_on: Date = strawberry.field(description="last day 补正期限")


@strawberry.input(description="A commitment 作出承诺")
class MakeCommitmentInput:
    subject: USCC = strawberry.field(description="who commits 承诺主体")
    kind: str = strawberry.field(description="kind, such as 告知承诺 承诺类型")
    matter: str = strawberry.field(description="matter 事项")
    items: list[str] | None = _given("what is committed to, at most 20 承诺内容")
    due_on: Date = strawberry.field(description="day due, today or later 应履行日期")
    documents_due: list[DocumentDueInput] | None = _given("documents to be handed in later, at most 20 容缺材料")
    waived: Decimal | None = _given("deposit in CNY that it stands for 免缴保证金（元）")


@strawberry.input(description="A commitment was kept 履行承诺")
class FulfilCommitmentInput:
    commitment: strawberry.ID = strawberry.field(description="CommitmentCase.number 承诺编号")
    on: Date = strawberry.field(description="day kept, not after today 履行日期")
    evidence: list[str] | None = _given("references in words, at most 20 履行证据（文字）")


@strawberry.input(description="A commitment was broken 报告违诺")
class ReportBreachInput:
    commitment: strawberry.ID = strawberry.field(description="CommitmentCase.number 承诺编号")
    how: BreachHow = strawberry.field(description="how 方式")
    found: str = strawberry.field(description="what was found 查明情况")


@strawberry.type
class CommitmentQuery:
    may_commit: Decision | None = held(
        "whether a subject may make a commitment of a kind on a day 能否作出承诺",
        subject=argument(USCC, "who would commit 主体"),
        kind=argument(str, "kind 承诺类型"),
        as_of=AS_OF,
    )


@strawberry.type
class CommitmentMutation:
    make_commitment: CommitmentCase | None = held(
        "make a commitment; none while a broken one is not made good 作出承诺",
        input=argument(MakeCommitmentInput, "what is committed 承诺内容"),
    )
    fulfil_commitment: CommitmentCase | None = held(
        "it was kept; what it had restricted is lifted by that 履行承诺",
        input=argument(FulfilCommitmentInput, "how 履行情况"),
    )
    report_breach: CommitmentCase | None = held(
        "it was broken: FALSE is recorded, LATE says what was found 报告违诺",
        input=argument(ReportBreachInput, "how 违诺情况"),
    )

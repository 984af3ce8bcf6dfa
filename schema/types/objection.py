"""Objections to records: who objects, what is decided, and within which term."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.types.common import AFTER, FIRST, Connection
from schema.types.enums import _value
from schema.types.held import argument, held
from schema.types.inputs import _given
from schema.types.lazy import LazyRecord, LazySubject
from schema.types.scalars import USCC, Date, DateTime


@strawberry.enum(description="State of an objection 异议状态")
class ObjectionState(Enum):
    RECEIVED = _value("RECEIVED", "being examined 处理中")
    PROPOSED = _value("PROPOSED", "a first decider has proposed, a second one is awaited 待复核")
    UPHELD = _value("UPHELD", "the record stands 维持")
    CORRECTED = _value("CORRECTED", "the record was wrong 更正")
    REVOKED = _value("REVOKED", "the decision was taken back 撤销")


@strawberry.enum(description="What is decided of an objection 异议处理结果")
class ObjectionOutcome(Enum):
    UPHELD = _value("UPHELD", "the record stands 维持")
    CORRECTED = _value("CORRECTED", "the record was wrong: void from today on 更正")
    REVOKED = _value("REVOKED", "the decision was taken back: void from today on 撤销")


@strawberry.type(description="A step of a case 办理步骤")
class CaseStep:
    state: str | None = held("state reached 状态")
    at: DateTime | None = held("when 时间")
    by: str | None = held("client that acted; to the subject, deciders are only that 办理方")
    reason: str | None = held("reason given 理由")
    receipt: strawberry.ID | None = held("receipt of the step 回执")


@strawberry.type(description="An objection to a record 异议")
class Objection:
    id: strawberry.ID | None = held("case, a UUID 案件标识")
    record: LazyRecord | None = held("the record, as far as the asker may see it now 记录")
    document_number: str | None = held("number of the deciding document 决定文书号")
    authority: str | None = held("deciding authority 作出机关")
    subject: LazySubject | None = held("whom the record is about 主体")
    ground: str | None = held("why it is said to be wrong 异议理由")
    evidence: list[str] | None = held("references to evidence 证据")
    state: ObjectionState | None = held("state today 状态")
    made_on: Date | None = held("day made 提出日期")
    due_on: Date | None = held("last day for the decision 办理期限")
    department_due_on: Date | None = held("last day for the deciding department's word 部门核实期限")
    overdue: bool | None = held("undecided after its last day 是否逾期")
    provisional: bool | None = held("a day was counted through a year without published holidays 期限是否待定")
    decided_on: Date | None = held("day of the decision 处理日期")
    reason: str | None = held("reason of the decision 处理理由")
    steps: list[CaseStep] | None = held("what has happened, in order 办理过程")
    receipt: strawberry.ID | None = held("receipt of the latest act 回执")


@strawberry.input(description="An objection to a record of one's own 提出异议")
class ObjectToInput:
    record: strawberry.ID = strawberry.field(description="Record.id 记录")
    ground: str = strawberry.field(description="why it is wrong, at most 2000 characters 理由")
    evidence: list[str] | None = _given(
        "references to evidence in words, at most 20 of 500 characters 证据（文字说明）"
    )


@strawberry.input(description="A decision on an objection 处理异议")
class DecideObjectionInput:
    objection: strawberry.ID = strawberry.field(description="Objection.id 异议")
    outcome: ObjectionOutcome = strawberry.field(description="what is decided 结果")
    reason: str = strawberry.field(description="why 理由")


@strawberry.input(description="Which objections 异议筛选")
class ObjectionFilter:
    subject: USCC | None = _given("about this subject 主体")
    state: ObjectionState | None = _given("in this state 状态")
    due_before: Date | None = _given("undecided, with the last day before this one 期限早于")


@strawberry.type
class ObjectionQuery:
    objections: Connection[Objection] | None = held(
        "objections, newest first; the subject itself asks with its own code in the filter 异议列表",
        filter=argument(ObjectionFilter | None, "which 筛选"),
        first=FIRST,
        after=AFTER,
    )


@strawberry.type
class ObjectionMutation:
    object_to: Objection | None = held(
        "object to a record of one's own; until it is decided the record says objectionPending everywhere 提出异议",
        input=argument(ObjectToInput, "what is wrong 异议内容"),
    )
    decide_objection: Objection | None = held(
        "decide an objection; CORRECTED and REVOKED make the record void from today on 处理异议",
        input=argument(DecideObjectionInput, "what is decided 处理内容"),
    )

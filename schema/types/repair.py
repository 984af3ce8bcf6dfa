"""Repairs of records: whether they may be asked for, applications, and what is decided."""

from __future__ import annotations

from enum import Enum

import strawberry

from schema.types.common import AFTER, AS_OF, FIRST, Connection
from schema.types.decision import Decision
from schema.types.enums import _value
from schema.types.held import argument, held
from schema.types.inputs import _given
from schema.types.lazy import LazyRecord, LazySubject
from schema.types.objection import CaseStep
from schema.types.scalars import USCC, Date


@strawberry.enum(description="State of an application for repair 修复申请状态")
class RepairState(Enum):
    RECEIVED = _value("RECEIVED", "being examined 处理中")
    PROPOSED = _value("PROPOSED", "a first decider has proposed, a second one is awaited 待复核")
    GRANTED = _value("GRANTED", "the record is repaired from a day on 准予修复")
    REFUSED = _value("REFUSED", "the record stands 不予修复")


@strawberry.enum(description="What is decided of an application for repair 修复审核结果")
class RepairOutcome(Enum):
    GRANTED = _value("GRANTED", "the record is repaired from a day on 准予修复")
    REFUSED = _value("REFUSED", "the record stands 不予修复")


@strawberry.type(description="An application for repair of a record 信用修复申请")
class Repair:
    id: strawberry.ID | None = held("case, a UUID 案件标识")
    record: LazyRecord | None = held("the record, as far as the asker may see it now 记录")
    document_number: str | None = held("number of the deciding document 决定文书号")
    authority: str | None = held("deciding authority 作出机关")
    subject: LazySubject | None = held("whom the record is about 主体")
    commitment: str | None = held("public commitment 公开承诺")
    evidence: list[str] | None = held("references to evidence that duties are fulfilled 履行义务的证据")
    rule: strawberry.ID | None = held("rule of the record's day 适用规则")
    article: str | None = held("article cited 条款")
    state: RepairState | None = held("state today 状态")
    made_on: Date | None = held("day of the application 申请日期")
    due_on: Date | None = held("last day for the decision 办理期限")
    department_due_on: Date | None = held("last day for the deciding department's word 部门核实期限")
    overdue: bool | None = held("undecided after its last day 是否逾期")
    provisional: bool | None = held("a day was counted through a year without published holidays 期限是否待定")
    decided_on: Date | None = held("day of the decision 决定日期")
    repaired_from: Date | None = held("day from which the record is repaired 修复日期")
    reason: str | None = held("reason of the decision 决定理由")
    steps: list[CaseStep] | None = held("what has happened, in order 办理过程")
    receipt: strawberry.ID | None = held("receipt of the latest act 回执")


@strawberry.input(description="An application for repair of a record of one's own 申请信用修复")
class ApplyForRepairInput:
    record: strawberry.ID = strawberry.field(description="Record.id 记录")
    commitment: str | None = _given("public commitment, at most 2000 characters 公开承诺")
    evidence: list[str] | None = _given(
        "references in words that duties are fulfilled, at most 20 履行义务的证据（文字）"
    )


@strawberry.input(description="A decision on an application for repair 审核信用修复")
class DecideRepairInput:
    repair: strawberry.ID = strawberry.field(description="Repair.id 修复申请")
    outcome: RepairOutcome = strawberry.field(description="what is decided 结果")
    reason: str = strawberry.field(description="why 理由")
    on: Date | None = _given("first day repaired, from the application to today; default today 修复日期")


@strawberry.input(description="Which applications for repair 修复申请筛选")
class RepairFilter:
    subject: USCC | None = _given("about this subject 主体")
    state: RepairState | None = _given("in this state 状态")
    due_before: Date | None = _given("undecided, with the last day before this one 期限早于")


@strawberry.type
class RepairQuery:
    may_repair: Decision | None = held(
        "whether a record may be repaired, by the rule of its own day, and from when 能否修复",
        record=argument(strawberry.ID, "Record.id 记录"),
        as_of=AS_OF,
    )
    repairs: Connection[Repair] | None = held(
        "applications, newest first; the subject itself asks with its own code in the filter 修复申请列表",
        filter=argument(RepairFilter | None, "which 筛选"),
        first=FIRST,
        after=AFTER,
    )


@strawberry.type
class RepairMutation:
    apply_for_repair: Repair | None = held(
        "apply for repair of a record of one's own 申请信用修复",
        input=argument(ApplyForRepairInput, "what is applied for 申请内容"),
    )
    decide_repair: Repair | None = held(
        "decide an application; a granted record is REPAIRED from that day on 审核信用修复",
        input=argument(DecideRepairInput, "what is decided 审核内容"),
    )

"""Gate checks: what a matter's rules find about a subject or person, and what the department did about it."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from schema.types.common import AFTER, AS_OF, FIRST, Connection
from schema.types.effect import Effect
from schema.types.enums import _value
from schema.types.held import argument, held
from schema.types.inputs import _given
from schema.types.lazy import LazyPerson, LazySubject
from schema.types.record import Record
from schema.types.scalars import USCC, Date, DateTime
from schema.types.subject import Commitment, ItemError


@strawberry.enum(description="What the law or the department makes of it 核查结论")
class GateDecision(Enum):
    DENY = _value("DENY", "a law says that it must be refused 禁止")
    CONSIDER = _value("CONSIDER", "the department decides and gives its reason 由部门裁量")
    REMIND = _value("REMIND", "told, nothing follows by itself 提示")
    REWARD = _value("REWARD", "an incentive may be given 激励")
    NONE = _value("NONE", "nothing is found 无")


@strawberry.enum(description="State of a gate case 核查案件状态")
class GateState(Enum):
    OPEN = _value("OPEN", "feedback is not due yet, or none is needed 未到反馈期限")
    FED_BACK = _value("FED_BACK", "every measure is fed back 已反馈")
    OVERDUE = _value("OVERDUE", "feedback is overdue 逾期未反馈")


@strawberry.enum(description="What was done about a measure 反馈结果")
class FeedbackOutcome(Enum):
    DONE = _value("DONE", "applied 已实施")
    NOT_DONE = _value("NOT_DONE", "not applied 未实施")
    NOT_APPLICABLE = _value("NOT_APPLICABLE", "does not fit the case 不适用")


@strawberry.type(description="A measure or incentive of the catalogue 措施")
class GateMeasure:
    id: strawberry.ID | None = held("id 措施标识")
    title: str | None = held("title 名称")
    class_: str | None = held("A takes rights, B the agency's own management, C private parties, REWARD 类别", "class")
    basis: str | None = held("legal basis 依据")
    valid_from: Date | None = held("first day 生效日")
    valid_to: Date | None = held("last day, null when open 失效日")


@strawberry.type(description="What a rule of a matter looks at 对象与措施的对应")
class GateRule:
    id: strawberry.ID | None = held("rule 规则")
    object: str | None = held("what it looks at 对象")
    kind: GateDecision | None = held("what follows 结论")
    measure: GateMeasure | None = held("by which measure 措施")
    article: str | None = held("article cited 条款")
    stages: list[str] | None = held("only at these stages; empty: at every one 环节")


@strawberry.type(description="A matter at which credit is checked 核查事项")
class GateMatter:
    id: strawberry.ID | None = held("id 事项标识")
    title: str | None = held("title 事项名称")
    department: str | None = held("department that decides 主管部门")
    department_id: strawberry.ID | None = held("id of the department 部门标识")
    stages: list[str] | None = held("stages of one case, in order 环节")
    feedback_days: int | None = held("working days for feedback 反馈期限（工作日）")
    rules: list[GateRule] | None = held("which object means which measure 对应关系")
    valid_from: Date | None = held("first day 生效日")
    valid_to: Date | None = held("last day, null when open 失效日")


GateSource = Annotated[
    Record | Effect | Commitment,
    strawberry.union("GateSource", description="What a finding rests on; null once it has ended 依据"),
]


@strawberry.type(description="What one rule finds 核查发现")
class GateFinding:
    kind: GateDecision | None = held("what follows from it 结论")
    measure: GateMeasure | None = held("the measure, as of the day of the check 措施")
    source: GateSource | None = held("what it rests on, as far as it is in force today 依据")
    until: Date | None = held("end of what it rests on, null when open 截止日期")
    region: str | None = held("city that recorded it 来源地区")
    agreement: str | None = held("agreement by which it counts here, id@version 协议")
    rule: str | None = held("rule of the matter 规则")
    article: str | None = held("article cited 条款")


@strawberry.type(description="A check at one stage of a case 环节核查")
class GateStage:
    stage: str | None = held("stage 环节")
    decision: GateDecision | None = held("the strongest of the findings 结论")
    findings: list[GateFinding] | None = held("every finding 发现")
    checked_at: DateTime | None = held("when 核查时间")
    changed_since: list[str] | None = held(
        "what has come (+) and gone (-) since the stage before, null at the first 较前一环节的变化"
    )
    receipt: strawberry.ID | None = held("receipt of this check 回执")


@strawberry.type(description="What a department reported of a measure 反馈")
class GateFeedback:
    measure: strawberry.ID | None = held("measure 措施")
    outcome: FeedbackOutcome | None = held("what was done 结果")
    reason: str | None = held("why 理由")
    at: DateTime | None = held("when 反馈时间")
    receipt: strawberry.ID | None = held("receipt of the report 回执")


@strawberry.type(description="A gate check with all its stages and its feedback 核查案件")
class GateCase:
    id: strawberry.ID | None = held("case, a UUID 案件标识")
    matter: GateMatter | None = held("matter 事项")
    subject: LazySubject | None = held("subject checked 被核查主体")
    person: LazyPerson | None = held("person checked 被核查人员")
    stages: list[GateStage] | None = held("checks, the first one first 各环节")
    decision: GateDecision | None = held("decision of the latest check 结论")
    findings: list[GateFinding] | None = held("findings of the latest check 发现")
    checked_at: DateTime | None = held("time of the latest check 核查时间")
    valid_until: Date | None = held("last day for which the check may be relied on 有效期至")
    state: GateState | None = held("state of the feedback today 状态")
    feedback: list[GateFeedback] | None = held("what was reported, latest word for each measure 反馈情况")
    feedback_due_on: Date | None = held("last day for feedback, null where none is needed 反馈期限")
    provisional: bool | None = held("the day was counted through a year without published holidays 期限是否待定")
    stale_regions: list[str] | None = held("cities whose copied lists were too old to count 副本过期的地区")
    receipt: strawberry.ID | None = held("receipt of the act 回执")


@strawberry.type(description="One subject of a batch, in the order asked 批量核查条目")
class GateResult:
    code: str = held("the code as asked 所查代码")
    case: GateCase | None = held("the case 案件")
    error: ItemError | None = held("why there is none 错误")


@strawberry.type(description="How many checks were fed back 反馈率")
class FeedbackRate:
    checks: int | None = held("cases checked 核查数")
    due: int | None = held("cases whose feedback is due 应反馈数")
    fed_back: int | None = held("of them fed back 已反馈数")
    rate: float | None = held("in percent, null where none is due 反馈率（%）")


@strawberry.input(description="A check of one subject or person 核查")
class GateCheckInput:
    subject: USCC | None = _given("subject; or give person 主体")
    person: strawberry.ID | None = _given("Person.token; or give subject 人员")
    matter: strawberry.ID = strawberry.field(description="matter 事项")
    stage: str | None = _given("stage of the matter 环节")
    case: strawberry.ID | None = _given("case of an earlier stage 前一环节的案件")


@strawberry.input(description="A check of many subjects 批量核查")
class GateCheckBatchInput:
    subjects: list[str] = strawberry.field(description="at most 1000 codes 最多一千个代码")
    matter: strawberry.ID = strawberry.field(description="matter 事项")
    stage: str | None = _given("stage of the matter 环节")


@strawberry.input(description="What was done about a measure 反馈")
class ReportFeedbackInput:
    case: strawberry.ID = strawberry.field(description="case 案件")
    measure: strawberry.ID = strawberry.field(description="measure of one of its findings 措施")
    outcome: FeedbackOutcome = strawberry.field(description="what was done 结果")
    reason: str | None = _given("needed where the department decides, and where nothing was done 理由")


@strawberry.input(description="Which gate cases 案件筛选")
class GateCaseFilter:
    matter: strawberry.ID | None = _given("of this matter 事项")
    subject: USCC | None = _given("about this subject 主体")


@strawberry.input(description="Which matters 事项筛选")
class MatterFilter:
    department: strawberry.ID | None = _given("of this department 部门")


@strawberry.type
class GateQuery:
    gate_case: GateCase | None = held("one's own gate case 核查案件", id=argument(strawberry.ID, "case 案件标识"))
    gate_cases: Connection[GateCase] | None = held(
        "one's own gate cases, newest first 核查案件列表",
        filter=argument(GateCaseFilter | None, "which 筛选"),
        first=FIRST,
        after=AFTER,
    )
    matters: list[GateMatter] | None = held(
        "matters in force 核查事项", filter=argument(MatterFilter | None, "which 筛选"), as_of=AS_OF
    )
    measures_catalogue: list[GateMeasure] | None = held("measures and incentives in force 措施清单", as_of=AS_OF)
    feedback_rate: FeedbackRate | None = held(
        "how many of one's own checks were fed back; with credit:operate, of all 反馈率",
        matter=argument(strawberry.ID | None, "of this matter 事项"),
        from_=argument(Date | None, "checked on or after 起"),
        to=argument(Date | None, "checked on or before 止"),
    )


@strawberry.type
class GateMutation:
    gate_check: GateCase | None = held(
        "check a subject or person at a matter; makes a case, or a further stage of one 核查",
        input=argument(GateCheckInput, "what to check 核查内容"),
    )
    gate_check_batch: list[GateResult] | None = held(
        "check many subjects, each its own case; in the order asked 批量核查",
        input=argument(GateCheckBatchInput, "what to check 核查内容"),
    )
    report_feedback: GateCase | None = held(
        "report what was done about a measure 反馈", input=argument(ReportFeedbackInput, "what was done 反馈内容")
    )

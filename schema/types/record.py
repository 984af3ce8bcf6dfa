"""Records: penalties, licences, list entries, honours."""

from __future__ import annotations

import strawberry

from schema.types.common import Concrete, Money, Node, Provenance
from schema.types.enums import RecordKind, RecordState
from schema.types.held import held
from schema.types.lazy import LazySubject
from schema.types.scalars import Date

ROWS = (
    "Left out without a mark: penalties of tier 轻微 and all but ACTIVE adverse records for credit:public; adverse "
    "records that are EXPIRED or REPAIRED, and void ones, for all but credit:investigate, credit:operate and the "
    "subject itself. 对无权查看者不显示已到期、已修复或无效的不良记录；公开范围另不显示轻微处罚"
)


@strawberry.type(description="A decision about a subject. " + ROWS)
class Record(Node, Concrete):
    document_number: str | None = held("number of the deciding document 决定文书号")
    kind: RecordKind | None = held("kind 类别")
    list_type: str | None = held("the list's Chinese name 名单类型")
    tier: str | None = held("tier set by the deciding authority 失信程度")
    subject: LazySubject | None = held("whom it is about 主体")
    name_as_given: str | None = held("name in the source 来源所载名称")
    authority: str | None = held("deciding authority 作出机关")
    decided_on: Date | None = held("day of the decision 决定日期")
    until: Date | None = held("end as published: penalty, licence: last day; list: day of removal 截止日期")
    last_day: Date | None = held("last day in force 最后有效日")
    state: RecordState | None = held("state on the day asked about 状态")
    ended_on: Date | None = held("day it ended 终止日期")
    voided_on: Date | None = held("day from which it counts as void 无效日期")
    objection_pending: bool | None = held("an objection is being examined 异议处理中")
    ground: str | None = held("what was done 事由")
    legal_basis: str | None = held("legal basis 依据")
    amount: Money | None = held("fine 罚款金额")
    warnings: list[str] | None = held("what to know about the data 数据提示")
    provenance: Provenance | None = held("where it comes from 来源")

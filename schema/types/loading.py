"""What operators see of loading."""

from __future__ import annotations

import strawberry

from schema.types.held import held
from schema.types.scalars import Date, DateTime, Decimal


@strawberry.type(description="How often a reason occurred 原因计数")
class ReasonCount:
    reason: str | None = held("reason 原因")
    count: int | None = held("rows 行数")


@strawberry.type(description="One file in one load 装载批次")
class LoadRun:
    id: strawberry.ID | None = held("id of this load of this file 标识")
    run: str | None = held("id of the call that loaded it 批次号")
    kind: str | None = held("kind of file 文件类别")
    source: str | None = held("file 文件")
    sha256: str | None = held("hash of the file 文件摘要")
    started_at: DateTime | None = held("start 开始时间")
    finished_at: DateTime | None = held("end, null while it runs or when it broke off 结束时间")
    rows: int | None = held("data rows 行数")
    accepted: int | None = held("rows accepted 接受")
    duplicates: int | None = held("rows equal to an earlier one 重复")
    quarantined: int | None = held("rows set aside 隔离")
    reasons: list[ReasonCount] | None = held("rows set aside by reason 隔离原因")
    warnings: list[ReasonCount] | None = held("accepted rows with a warning 提示")


@strawberry.type(description="One code under two names 一码多名")
class CodeConflict:
    code: str | None = held("code 代码")
    names: list[str] | None = held("names 名称")


@strawberry.type(description="Two different fines of one decision 同一文书金额不一致")
class ConflictingDuplicate:
    document: str | None = held("document 文书号")
    organisation: str | None = held("code 代码")
    fines: list[Decimal] | None = held("fines as given (万元) 金额")


@strawberry.type(
    description="Many complaints about one subject in 30 days: an alert, not a sanction 集中投诉（仅为预警）"
)
class ComplaintGroup:
    organisation: str | None = held("code 代码")
    name: str | None = held("name 名称")
    complaints: int | None = held("complaints in all 投诉总数")
    most_in_30_days: int | None = held("most within 30 days 三十日内最多")
    first: Date | None = held("first day 首日")
    last: Date | None = held("last day 末日")


@strawberry.type(description="Different persons of one name who represent subjects: never merged 同名法定代表人")
class SameName:
    name: str | None = held("name, masked as everywhere 姓名")
    persons: int | None = held("how many persons 人数")


@strawberry.type(description="An ending that ends no record held here 未匹配的终止信息")
class UnmatchedEnding:
    document: str | None = held("number as given 文书号")
    kind: str | None = held("EXPIRY REPAIR CORRECTION REVOCATION 类别")
    on: Date | None = held("its date 日期")
    authority: str | None = held("who said it 机关")
    reason: str | None = held("no_record other_firm before_decision ambiguous 原因")


@strawberry.type(description="Faults that the data show 数据质量")
class DataQuality:
    code_conflicts: list[CodeConflict] | None = held("one code under two names 一码多名")
    conflicting_duplicates: list[ConflictingDuplicate] | None = held("two fines of one decision 金额冲突")
    contracts_overdue: list[str] | None = held("numbers of contracts overdue 逾期合同")
    contracts_completed_late: list[str] | None = held("numbers of contracts completed late 迟延完成合同")
    commitments_breached: list[str] | None = held("numbers of commitments not kept 未履行承诺")
    commitments_kept_late: list[str] | None = held("numbers of commitments kept late 逾期履行承诺")
    complaint_groups: list[ComplaintGroup] | None = held("groups of complaints 集中投诉")
    same_name_representatives: list[SameName] | None = held("persons of one name 同名人员")
    unmatched_endings: list[UnmatchedEnding] | None = held("endings that end no record 未匹配的终止信息")

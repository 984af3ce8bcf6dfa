"""What lists are narrowed by."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.types.enums import RecordKind, RecordState, SubjectKind
from schema.types.scalars import USCC, Date


def _given(description: str) -> Any:
    return strawberry.field(description=description, default=strawberry.UNSET)


@strawberry.input(description="Which subjects 主体筛选")
class SubjectFilter:
    name_contains: str | None = _given("part of a name, former names too; at least two characters 名称包含")
    kind: SubjectKind | None = _given("kind 主体类别")
    region: str | None = _given("region of registration, GB/T 2260 登记地区")
    status: str | None = _given("registration status 登记状态")


@strawberry.input(description="Which records 记录筛选")
class RecordFilter:
    subject: USCC | None = _given("about this subject 主体")
    kinds: list[RecordKind] | None = _given("of these kinds 类别")
    states: list[RecordState] | None = _given("in these states 状态")
    list_types: list[str] | None = _given("of these lists 名单类型")
    decided_from: Date | None = _given("decided on or after 决定日期起")
    decided_to: Date | None = _given("decided on or before 决定日期止")
    include_void: bool | None = _given("void records too, where the scope may see them 含无效记录")


@strawberry.input(description="Which contracts 合同筛选")
class ContractFilter:
    subject: USCC | None = _given("with this party 当事人")
    overdue: bool | None = _given("overdue or not 是否逾期")

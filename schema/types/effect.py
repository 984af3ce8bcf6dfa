"""What piercing rules find: effects with their reason, and why others are not reached."""

from __future__ import annotations

import strawberry

from schema.piercing import REASONS
from schema.types.common import Concrete
from schema.types.enums import EffectKind, RoleKind
from schema.types.held import held
from schema.types.lazy import LazyPerson, LazyRecord, LazyRegionAnswer, LazyRegionReceipt, LazyRelation, LazySubject
from schema.types.scalars import Date


@strawberry.type(description="A role through which a rule reaches a person 触及途径")
class EffectRole:
    kind: RoleKind | None = held("kind of role 类别")
    illustrative: bool | None = held("true where the branch is an illustration, not law 是否仅为示意")
    path: list[LazyRelation] | None = held("relations from the record to the person, with dates 路径")


@strawberry.type(description="What a rule derives from a record for a person 穿透效果")
class Effect(Concrete):
    rule_id: str | None = held("rule 规则")
    rule_version: int | None = held("version of the rule 规则版本")
    article: str | None = held("article cited 依据条款")
    source: LazyRecord | None = held("record it comes from 来源记录")
    effect: EffectKind | None = held("what it does 效果")
    illustrative: bool | None = held("true where it has no force here 是否仅为示意")
    person: LazyPerson | None = held("person reached 被触及者")
    subject: LazySubject | None = held("subject of the record 记录主体")
    roles: list[EffectRole] | None = held("every role by which the person is reached 途径")
    path: list[LazyRelation] | None = held("the representative's path where there is one 路径")
    attributed_on: Date | None = held("instant of attribution 归属日期")
    until: Date | None = held("end as published; a bar: first free day 截止日期")
    last_day: Date | None = held("last day in force 最后有效日")
    reported_on: list[LazySubject] | None = held("enterprises on which a role bar is reported 被提示的企业")
    receipts: list[LazyRegionReceipt] | None = held("one for each other city with a part in it 其他地区的回执")


@strawberry.type(description="Why a record reaches nobody, or not this person 未触及的原因")
class NotReached:
    rule_id: str | None = held("rule 规则")
    record: LazyRecord | None = held("record 记录")
    person: LazyPerson | None = held("person, where the reason concerns one 相关人员")
    reason: str | None = held("one of: " + " ".join(REASONS) + " 原因")


@strawberry.type(description="Whom the records reach by the rules in force 穿透结果")
class Penetration:
    reached: list[Effect] | None = held("effects 触及")
    not_reached: list[NotReached] | None = held("reasons 未触及")
    regions: list[LazyRegionAnswer] | None = held("which of the cities asked for gave their part 各地答复情况")

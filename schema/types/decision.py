"""What a rule says of a wish, with its reasons."""

from __future__ import annotations

import strawberry

from schema.types.held import held
from schema.types.scalars import Date


@strawberry.type(description="Why a rule says so 理由")
class DecisionReason:
    rule: strawberry.ID | None = held("rule 规则")
    article: str | None = held("article cited 条款")
    because: str | None = held("what it rests on 原因")
    from_: Date | None = held("first day on which it would be otherwise, null where no day changes it 起始日期", "from")


@strawberry.type(description="Whether something may be done on a day, and why 判定")
class Decision:
    allowed: bool | None = held("whether it may be done 是否允许")
    reasons: list[DecisionReason] | None = held("by which rules 理由")

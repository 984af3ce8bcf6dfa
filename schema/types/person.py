"""Persons and their dated roles."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.types.common import AFTER, FIRST, Concrete, Connection, Node
from schema.types.enums import RoleKind
from schema.types.held import held
from schema.types.lazy import LazyEffect, LazyRole, LazySubject
from schema.types.scalars import Date


@strawberry.type(description="A natural person, known by a token of this client only 自然人")
class Person(Node, Concrete):
    token: strawberry.ID | None = held("token as this client sees it; another client sees another 令牌")
    name: str | None = held("masked without credit:unmask and credit:investigate 姓名（默认掩码）")
    roles: Connection[LazyRole] | None = held("dated roles 任职与持股", first=FIRST, after=AFTER)
    effects: list[LazyEffect] | None = held("what piercing rules attach to the person 穿透结果")


Holder = Annotated[Person | LazySubject, strawberry.union("Holder", description="Who holds a role 任职或持股者")]


@strawberry.type(description="A dated role at a subject 任职或持股")
class Role:
    kind: RoleKind | None = held("kind of role 类别")
    subject: LazySubject | None = held("at whom 所在主体")
    holder: Holder | None = held("who holds it 持有者")
    share: float | None = held("share in percent, null where the source does not say 持股比例（%），来源未注明为 null")
    valid_from: Date | None = held("first day 起始日")
    valid_to: Date | None = held("last day (inclusive), null when open 截止日（含）")

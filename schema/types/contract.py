"""Contracts and their performance."""

from __future__ import annotations

import strawberry

from schema.types.common import Concrete, Money, Node
from schema.types.held import held
from schema.types.lazy import LazySubject
from schema.types.scalars import Date


@strawberry.type(description="A party of a contract 合同当事人")
class ContractParty:
    subject: LazySubject | None = held("the party 当事人")
    role: str | None = held("PARTY_A or PARTY_B 甲方或乙方")


@strawberry.type(description="A step of a contract 合同节点")
class Milestone:
    name: str | None = held("what is due 节点名称")
    due_on: Date | None = held("due day 应完成日期")
    done_on: Date | None = held("day done 完成日期")


@strawberry.type(description="A contract and how it is performed 合同履约")
class Contract(Node, Concrete):
    number: str | None = held("number 合同编号")
    title: str | None = held("title 合同名称")
    parties: list[ContractParty] | None = held("parties 当事人")
    signed_on: Date | None = held("day signed 签订日期")
    due_on: Date | None = held("day due 应完成日期")
    completed_on: Date | None = held("day completed 完成日期")
    state: str | None = held("state as the source gives it; it may be stale 来源所载状态")
    overdue: bool | None = held("due before the day asked about and not completed by it 是否逾期")
    amount: Money | None = held("amount 合同金额")
    milestones: list[Milestone] | None = held("steps 节点")

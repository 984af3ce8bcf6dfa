"""What the cities say of one subject, side by side: never merged, each with its authority and its signature."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.types.enums import AnswerBasis, AnswerStatus
from schema.types.held import held
from schema.types.lazy import LazyEffect, LazyNotReached, LazyPenetration, LazyPerson
from schema.types.record import Record
from schema.types.subject import ItemError, Rating

Fact = Annotated[Record | Rating, strawberry.union("Fact", description="A record or a rating 记录或评价")]


@strawberry.type(description="A measure that may be taken here, with its basis 可采取的措施")
class AllowedMeasure:
    id: str | None = held("item of the catalogue of measures 措施编号")
    title: str | None = held("title in English and Chinese 名称")
    basis: str | None = held("legal basis 依据")


@strawberry.type(
    description="One city's word on one fact, or that it holds nothing, or why there is no word that counts. "
    "An unreachable city is never good credit. 一地对一条事实的答复"
)
class RecognisedAnswer:
    authority: str | None = held("who decided, rated or answers 认定机关")
    region: str | None = held("the city that answers 地区")
    status: AnswerStatus | None = held("whether and how it counts here 状态")
    basis: AnswerBasis | None = held("asked now, told by digest, or a local copy; null without an answer 依据")
    value: Fact | None = held("the fact as that city holds it; relations of it stay there 原值")
    mapped_value: str | None = held("what it reads as here 对应值")
    mapping_rule: str | None = held("the rule of the agreement that says so 对照规则")
    agreement: str | None = held("id@version of the agreement 协议")
    reason: str | None = held("why it is not recognised, or what went wrong 原因")
    measures: list[AllowedMeasure] | None = held("what the catalogue here allows on that day 本地可采取的措施")
    as_of: str | None = held("the instant for which the city speaks, RFC 3339 答复时间")
    receipt: str | None = held("that city's JWS: of its answer, its digest, or its feed entry 回执")
    evidence: str | None = held("that city's evidence bundle, base64; credit-hub verify checks it 证据")


@strawberry.type(description="One subject of a batch, in the order asked 批量中的一个主体")
class RecognisedResult:
    code: str | None = held("as asked 代码")
    answers: list[RecognisedAnswer] | None = held("one or more for each region 各地答复")
    error: ItemError | None = held("why there is no answer 错误")


@strawberry.type(description="What this hub holds of a subject, for a neighbouring hub 供邻市查询")
class HeldFacts:
    region: str | None = held("the city that answers 地区")
    code: str | None = held("as asked 代码")
    facts: list[Fact] | None = held("records and ratings that credit:mutual opens 事实")


@strawberry.type(description="A person whom two hubs know, for a neighbouring hub 供邻市查询的人员")
class PeerPerson:
    region: str | None = held("the city that answers 地区")
    token: str | None = held("the doubly keyed token asked for 双重密钥令牌")
    person: LazyPerson | None = held("null where nobody here has it 人员")
    penetration: LazyPenetration | None = held("what the rules here find for that person 穿透结果")


@strawberry.type(description="An effect with the person's doubly keyed token, for a neighbouring hub 供邻市查询的效果")
class PeerEffect:
    token: str | None = held("doubly keyed token, null where the two hubs have none 双重密钥令牌")
    effect: LazyEffect | None = held("the effect 效果")


@strawberry.type(description="Whom the records of a subject reach here, for a neighbouring hub 供邻市查询的穿透")
class PeerPenetration:
    region: str | None = held("the city that answers 地区")
    reached: list[PeerEffect] | None = held("effects 触及")
    not_reached: list[LazyNotReached] | None = held("reasons 未触及")


@strawberry.type(description="Whether a city's part in a penetration was had 各地是否答复")
class RegionAnswer:
    region: str | None = held("city 地区")
    status: AnswerStatus | None = held("ANSWERED, or why its part is missing 状态")
    reason: str | None = held("what went wrong 原因")


@strawberry.type(description="Another city's part in an effect 其他地区的回执")
class RegionReceipt:
    region: str | None = held("city 地区")
    receipt: str | None = held("that city's JWS 回执")


__all__ = ["Fact", "HeldFacts", "PeerPerson", "RecognisedAnswer", "RecognisedResult", "RegionReceipt"]

"""Enumerations. Values are their names, in answers and in the graph alike."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from schema.records import SUBJECT_KINDS

_SUBJECT_ABOUT = {value: key for key, value in SUBJECT_KINDS.items()}


def _value(name: str, about: str) -> Any:
    return strawberry.enum_value(name, description=about)


@strawberry.enum(description="Kind of subject 主体类别")
class SubjectKind(Enum):
    ENTERPRISE = _value("ENTERPRISE", "enterprise " + _SUBJECT_ABOUT["ENTERPRISE"])
    INDIVIDUAL_BUSINESS = _value("INDIVIDUAL_BUSINESS", "individual business " + _SUBJECT_ABOUT["INDIVIDUAL_BUSINESS"])
    INSTITUTION = _value("INSTITUTION", "public institution " + _SUBJECT_ABOUT["INSTITUTION"])
    SOCIAL_ORGANISATION = _value("SOCIAL_ORGANISATION", "social organisation " + _SUBJECT_ABOUT["SOCIAL_ORGANISATION"])
    GOVERNMENT = _value("GOVERNMENT", "government body " + _SUBJECT_ABOUT["GOVERNMENT"])


@strawberry.enum(description="Kind of record 记录类别")
class RecordKind(Enum):
    PENALTY = _value("PENALTY", "administrative penalty 行政处罚")
    LICENCE = _value("LICENCE", "administrative licence 行政许可")
    LIST_ENTRY = _value("LIST_ENTRY", "entry of a list of serious dishonesty 严重失信名单")
    AWARD = _value("AWARD", "honour 荣誉（红名单）")


@strawberry.enum(description="State of a record on the day asked about 记录状态")
class RecordState(Enum):
    ACTIVE = _value("ACTIVE", "in force 有效")
    EXPIRED = _value("EXPIRED", "its term ran out 到期")
    REPAIRED = _value("REPAIRED", "credit was repaired; it stood until then 信用修复")
    CORRECTED = _value("CORRECTED", "corrected after an objection: void from the start 异议更正")
    REVOKED = _value("REVOKED", "the decision was revoked: void from the start 撤销")


@strawberry.enum(description="Kind of dated role 任职或持股")
class RoleKind(Enum):
    LEGAL_REPRESENTATIVE = _value("LEGAL_REPRESENTATIVE", "legal representative 法定代表人")
    SHAREHOLDER = _value("SHAREHOLDER", "shareholder 股东")


@strawberry.enum(description="What a piercing rule does to the person reached 穿透效果")
class EffectKind(Enum):
    POINTS_INDICATOR = _value("POINTS_INDICATOR", "indicator in a points scheme, benefits only 积分指标")
    CONSUMPTION_LIMIT = _value("CONSUMPTION_LIMIT", "limit on high consumption 限制高消费")
    ROLE_BAR = _value("ROLE_BAR", "bar on holding the role at enterprises 任职限制")


@strawberry.enum(description="State of a commitment on the day asked about 承诺状态")
class CommitmentState(Enum):
    DUE = _value("DUE", "not yet due 未到期")
    KEPT = _value("KEPT", "kept in time 按期履行")
    KEPT_LATE = _value("KEPT_LATE", "kept after its day 逾期履行")
    BREACHED = _value("BREACHED", "due and not kept 未履行")
    FALSE = _value("FALSE", "found to be false 虚假承诺")


@strawberry.enum(description="Kind of relation between two nodes 关系类别")
class RelationKind(Enum):
    REPRESENTS = _value("REPRESENTS", "person is legal representative of subject 担任法定代表人")
    HOLDS = _value("HOLDS", "person or subject holds a share of subject 持股")
    ABOUT = _value("ABOUT", "record is about subject 记录所涉主体")
    PARTY_TO = _value("PARTY_TO", "subject is party to contract 合同当事人")


@strawberry.enum(description="How a city's answer counts here 互认状态")
class AnswerStatus(Enum):
    ANSWERED = _value("ANSWERED", "recognised, or of the city asked 已认可")
    NOTHING_HELD = _value("NOTHING_HELD", "that city holds nothing 无记录")
    REFUSED = _value("REFUSED", "that city refused, or did not answer as asked 被拒绝")
    UNREACHABLE = _value("UNREACHABLE", "no whole answer in time; says nothing of the subject 无法联系")
    INVALID_SIGNATURE = _value("INVALID_SIGNATURE", "the answer's signature does not hold 签名无效")
    NOT_RECOGNISED = _value("NOT_RECOGNISED", "held there, without force here 不予互认")


@strawberry.enum(description="What an answer rests on 答复依据")
class AnswerBasis(Enum):
    LIVE = _value("LIVE", "asked now 实时查询")
    DIGEST = _value("DIGEST", "a fresh signed digest: certainly nothing 摘要")
    COPY = _value("COPY", "the local copy of that city's feed 本地副本")

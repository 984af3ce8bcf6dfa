"""Subjects: organisations with a unified social credit code, and what is held about them."""

from __future__ import annotations

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from schema.types.common import AFTER, FIRST, Concrete, Connection, Node, PageInfo
from schema.types.contract import Contract
from schema.types.effect import Effect
from schema.types.enums import CommitmentState, SubjectKind
from schema.types.held import argument, held
from schema.types.inputs import RecordFilter
from schema.types.lazy import LazySubject
from schema.types.person import Person, Role
from schema.types.record import Record
from schema.types.scalars import USCC, Date, Decimal


@strawberry.type(description="A commitment of a subject 信用承诺")
class Commitment(Concrete):
    number: str | None = held("number 承诺编号")
    kind: str | None = held("kind 承诺类型")
    subject: LazySubject | None = held("who made it 承诺主体")
    made_on: Date | None = held("day made 承诺日期")
    due_on: Date | None = held("day due 应履行日期")
    kept_on: Date | None = held("day kept 履行日期")
    state: CommitmentState | None = held("state on the day asked about 状态")


@strawberry.type(description="A rating on one scale; scales are not comparable without an agreement 信用评价")
class Rating(Concrete):
    scale: str | None = held("scale 评价标准")
    grade: str | None = held("grade 等级")
    score: Decimal | None = held("score 分值")
    rated_on: Date | None = held("day rated 评价日期")
    valid_to: Date | None = held("last day, null when open 有效期")
    issuer: str | None = held("issuer 评价机构")


@strawberry.type(description="An organisation 信用主体", directives=[Key(fields=FieldSet("code"))])
class Subject(Node, Concrete):
    code: USCC | None = held("unified social credit code 统一社会信用代码")
    name: str | None = held("name on the day asked about 名称")
    former_names: list[str] | None = held("earlier names 曾用名")
    kind: SubjectKind | None = held("kind 主体类别")
    region: str | None = held("region of registration, GB/T 2260; null when registered elsewhere 登记地区")
    status: str | None = held("registration status 登记状态")
    established_on: Date | None = held("day established 成立日期")
    representatives: list[Person] | None = held("legal representatives on the day asked about 法定代表人")
    roles: Connection[Role] | None = held(
        "dated roles of persons and subjects here 任职与持股", first=FIRST, after=AFTER
    )
    records: Connection[Record] | None = held(
        "records, newest first; rows as described at Record 记录",
        filter=argument(RecordFilter | None, "which 筛选"),
        first=FIRST,
        after=AFTER,
    )
    contracts: Connection[Contract] | None = held("contracts it is party to 合同", first=FIRST, after=AFTER)
    commitments: list[Commitment] | None = held("commitments 承诺")
    ratings: list[Rating] | None = held("ratings 评价")
    effects: list[Effect] | None = held("effects whose source record is on this subject 由本主体记录产生的穿透效果")


@strawberry.type(description="Why one item of a batch has no answer 单项错误")
class ItemError:
    code: str | None = held("stable code 错误码")
    hint: str | None = held("what to do 处理建议")


@strawberry.type(description="One item of a batch, in the order asked 批量查询条目")
class SubjectResult:
    code: str = held("the code as asked 所查代码")
    subject: Subject | None = held("the subject, null when nothing is held 主体")
    error: ItemError | None = held("why there is no answer 错误")


@strawberry.type(description="A found subject 检索结果")
class SubjectMatch:
    cursor: str = held("opaque position 游标")
    node: Subject = held("the subject 主体")
    matched_name: str | None = held("the name that matched 匹配的名称")
    former: bool | None = held("true when it matched by a former name 是否曾用名")


@strawberry.type(description="A page of found subjects; no total count 检索分页")
class SubjectMatchConnection:
    edges: list[SubjectMatch] = held("found subjects with the name that matched 条目")
    nodes: list[Subject] = held("found subjects 主体")
    page_info: PageInfo = held("position 分页信息")

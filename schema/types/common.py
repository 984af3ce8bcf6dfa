"""What several types share: money, provenance, global ids, connections."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import strawberry
from strawberry.federation.schema_directives import Shareable

from schema.types.held import TYPE_KEY, argument, held
from schema.types.scalars import Date, DateTime, Decimal

T = TypeVar("T")

FIRST = argument(int | None, "how many, 1 to 200 每页条数", 20)
AFTER = argument(str | None, "cursor after which to go on 起始游标")
AS_OF = argument(Date | None, "day asked about; default today in Asia/Shanghai 查询日期")
KNOWN_AT = argument(DateTime | None, "as the hub knew it at this instant; default now 已知时点")


@strawberry.interface(description="Whatever has a global id (Relay) 具有全局标识的对象")
class Node:
    id: strawberry.ID = held("global id, as seen by this client; opaque 全局标识")

    @classmethod
    def resolve_type(cls, value: Any, *_: Any) -> Any:
        return value[TYPE_KEY]


class Concrete:
    """Tells the stock execution which member of a union or interface an already shaped object is."""

    @classmethod
    def is_type_of(cls, value: Any, *_: Any) -> bool:
        name: str = cls.__strawberry_definition__.name  # type: ignore[attr-defined]
        return bool(value.get(TYPE_KEY, name) == name)


@strawberry.type(description="An amount of money 金额")
class Money:
    value: Decimal | None = held("amount in the unit 数值")
    unit: str | None = held("CNY (amounts given in 万元 are converted) 币种")


@strawberry.type(description="Where a fact comes from 数据来源")
class Provenance:
    run: str | None = held("load run 装载批次")
    source: str | None = held("file 来源文件")
    row: int | None = held("data row in the file, from 1 行号")
    sha256: str | None = held("hash of the normalised row 行摘要")
    recorded_at: DateTime | None = held("when the hub recorded it 入库时间")


@strawberry.type(description="Position in a connection (Relay) 分页信息", directives=[Shareable()])
class PageInfo:
    has_next_page: bool = held("more after this page 是否有下一页")
    has_previous_page: bool = held("something before this page 是否有上一页")
    start_cursor: str | None = held("cursor of the first item 首个游标")
    end_cursor: str | None = held("cursor of the last item 末个游标")


@strawberry.type(description="One item of a connection 分页条目")
class Edge(Generic[T]):
    cursor: str = held("opaque position, bound to client, scopes, filter and times 游标")
    node: T = held("the item 条目")


@strawberry.type(description="A page of a list; no total count 分页列表（不含总数）")
class Connection(Generic[T]):
    edges: list[Edge[T]] = held("items with cursors 带游标的条目")
    nodes: list[T] = held("items 条目")
    page_info: PageInfo = held("position 分页信息")

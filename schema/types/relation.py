"""Relations as the explorer sees them."""

from __future__ import annotations

import strawberry

from schema.types.common import Node
from schema.types.enums import RelationKind
from schema.types.held import held
from schema.types.scalars import Date


@strawberry.type(description="A dated relation between two nodes 关系")
class Relation:
    from_: strawberry.ID | None = held("global id it starts from 起点", "from")
    to: strawberry.ID | None = held("global id it leads to 终点")
    kind: RelationKind | None = held("kind of relation 类别")
    valid_from: Date | None = held("first day 起始日")
    valid_to: Date | None = held("last day, null when open 截止日")
    region: str | None = held("region whose hub holds it 地区")


@strawberry.type(description="What surrounds a node 周边关系")
class Neighbourhood:
    nodes: list[Node] | None = held("nodes, the centre first 节点")
    edges: list[Relation] | None = held("relations between them 关系")
    truncated: bool | None = held("true when the limit cut it 是否截断")


@strawberry.type(description="A way from one node to another 路径")
class Path:
    nodes: list[Node] | None = held("nodes in order 节点")
    edges: list[Relation] | None = held("relations in order 关系")

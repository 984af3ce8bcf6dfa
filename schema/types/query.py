"""The root of queries: each field is one statement to the graph."""

from __future__ import annotations

import strawberry

from schema.types.commitment import CommitmentQuery
from schema.types.common import AFTER, AS_OF, FIRST, KNOWN_AT, Connection, Node
from schema.types.contract import Contract
from schema.types.effect import Penetration
from schema.types.enums import RelationKind
from schema.types.gate import GateQuery
from schema.types.held import argument, held
from schema.types.inputs import ContractFilter, RecordFilter, SubjectFilter
from schema.types.loading import DataQuality, LoadRun
from schema.types.objection import ObjectionQuery
from schema.types.person import Person
from schema.types.recognition import HeldFacts, PeerPenetration, PeerPerson, RecognisedAnswer, RecognisedResult
from schema.types.record import Record
from schema.types.relation import Neighbourhood, Path
from schema.types.repair import RepairQuery
from schema.types.scalars import USCC
from schema.types.subgraph import SubgraphQuery
from schema.types.subject import Subject, SubjectMatchConnection, SubjectResult


@strawberry.type(description="Questions to this hub 查询")
class Query(SubgraphQuery, GateQuery, ObjectionQuery, RepairQuery, CommitmentQuery):
    subject: Subject | None = held(
        "one subject, null when nothing is held 单个主体",
        code=argument(USCC, "unified social credit code 统一社会信用代码"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    subjects: list[SubjectResult] | None = held(
        "many subjects, in the order asked 批量主体",
        codes=argument(list[str], "at most 1000 codes 最多一千个代码"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    search_subjects: SubjectMatchConnection | None = held(
        "find subjects by name, former names too (marked) 按名称检索主体",
        filter=argument(SubjectFilter, "which 筛选"),
        first=FIRST,
        after=AFTER,
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    person: Person | None = held(
        "one person by this client's token 按令牌查人",
        token=argument(strawberry.ID, "Person.token 令牌"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    search_persons: Connection[Person] | None = held(
        "find persons by full name; persons of one name stay apart 按姓名检索",
        name=argument(str, "full name 姓名"),
        organisation=argument(USCC | None, "with a role there 所在主体"),
        first=FIRST,
        after=AFTER,
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    penetration: Penetration | None = held(
        "whom records reach; give exactly one of subject and person 穿透",
        subject=argument(USCC | None, "effects whose source record is on this subject 记录主体"),
        person=argument(strawberry.ID | None, "effects on this person (Person.id) 人员"),
        regions=argument(list[str] | None, "cities whose part is asked for too 一并查询的地区"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    neighbourhood: Neighbourhood | None = held(
        "what surrounds a node 周边关系",
        center=argument(strawberry.ID, "global id 中心节点"),
        depth=argument(int | None, "1 to 3 层数", 1),
        kinds=argument(list[RelationKind] | None, "kinds of relation; default all 关系类别"),
        limit=argument(int | None, "nodes, 1 to 500 节点上限", 100),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    path: list[Path] | None = held(
        "the shortest ways between two nodes 最短路径",
        from_=argument(strawberry.ID, "global id 起点"),
        to=argument(strawberry.ID, "global id 终点"),
        max_hops=argument(int | None, "1 to 6 最多步数", 4),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    records: Connection[Record] | None = held(
        "records, newest first; rows as described at Record 记录",
        filter=argument(RecordFilter, "which 筛选"),
        first=FIRST,
        after=AFTER,
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    contracts: Connection[Contract] | None = held(
        "contracts 合同",
        filter=argument(ContractFilter | None, "which 筛选"),
        first=FIRST,
        after=AFTER,
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    load_runs: Connection[LoadRun] | None = held("loads, newest first 装载批次", first=FIRST, after=AFTER)
    data_quality: DataQuality | None = held("faults that the data show 数据质量", as_of=AS_OF, known_at=KNOWN_AT)
    node: Node | None = held(
        "whatever has this global id, null where the scope may not see it 按标识取对象",
        id=argument(strawberry.ID, "global id of this client 全局标识"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    recognised: list[RecognisedAnswer] | None = held(
        "what the cities hold of a subject and what it means here, side by side 互认查询",
        subject=argument(USCC, "unified social credit code 统一社会信用代码"),
        regions=argument(list[str] | None, "cities asked, this one included; default: all of the directory 地区"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    recognised_batch: list[RecognisedResult] | None = held(
        "the same for many subjects, in the order asked 批量互认查询",
        subjects=argument(list[str], "at most 1000 codes 最多一千个代码"),
        regions=argument(list[str] | None, "as with recognised 地区"),
        as_of=AS_OF,
        known_at=KNOWN_AT,
    )
    facts_held: list[HeldFacts] | None = held(
        "for neighbouring hubs: what is held of these subjects 供邻市枢纽查询",
        "held",
        codes=argument(list[USCC], "at most 1000 codes 最多一千个代码"),
        as_of=AS_OF,
    )
    peer_persons: list[PeerPerson] | None = held(
        "for neighbouring hubs: persons by doubly keyed token 供邻市枢纽查询人员",
        tokens=argument(list[str], "at most 200 tokens 令牌"),
        as_of=AS_OF,
    )
    peer_penetration: PeerPenetration | None = held(
        "for neighbouring hubs: whom the records of a subject reach here 供邻市枢纽查询穿透",
        subject=argument(USCC, "unified social credit code 统一社会信用代码"),
        as_of=AS_OF,
    )

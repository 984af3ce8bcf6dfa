"""A small city in the graph, written directly so that recorded times can be chosen."""

from __future__ import annotations

import itertools
from typing import Any

from graph_loaders.engine import Engine
from schema.names import compared_name
from schema.times import OPEN_DATE, OPEN_INSTANT

FIRM = "91320400XY00000123"
OTHER = "91320400XY0000020X"
RENAMED = "91320400XY0000039T"
HOSPITAL = "12320400XY0000047T"
ELSEWHERE = "91320400XY0000055G"
HIDDEN = "91320400XY0000063B"
GOV = "11320400XY0000071E"
UNKNOWN = "91320400XY000008XX"


BOUND = """MATCH (r:Record)-[:DECIDED_IN]->(:Document)<-[:ENDS]-(e:Ending)
WITH e, collect(DISTINCT r.id) AS ids
SET e.ends = reduce(a = '', i IN ids | a + ' ' + i)"""


class Town:
    """Collects facts; ``write`` puts them into an empty graph. Recorded times are small numbers of microseconds."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.steps: list[tuple[str, dict[str, Any]]] = []

    def _fact(self, begin: str, end: str, recorded: int, retracted: int, **more: Any) -> dict[str, Any]:
        vid = f"v{next(self._count):05d}"
        return {
            "vid": vid,
            "key": f"k-{vid}",
            "valid_from": begin,
            "valid_to": end,
            "recorded_at": recorded,
            "retracted_at": retracted,
            "claimed": True,
            "run": "run-1",
            "source": "file.csv",
            "row": 7,
            "sha256": "ab" * 32,
            **more,
        }

    def registered(
        self,
        code: str,
        name: str,
        begin: str = "2010-01-01",
        end: str = OPEN_DATE,
        *,
        kind: str = "ENTERPRISE",
        region: str = "320400",
        status: str = "存续",
        recorded: int = 1,
        retracted: int = OPEN_INSTANT,
    ) -> None:
        state = self._fact(
            begin,
            end,
            recorded,
            retracted,
            code=code,
            name=name,
            kind=kind,
            region=region,
            status=status,
            established_on="2010-01-01",
            registrar="局",
        )
        self.steps.append(
            (
                "MERGE (s:Subject {code: $p.code}) CREATE (s)<-[:STATE_OF]-(t:SubjectState) SET t = $p",
                {"p": state},
            )
        )

    def record(
        self,
        code: str,
        document: str,
        decided: str,
        until: str = OPEN_DATE,
        *,
        kind: str = "PENALTY",
        tier: str = "一般",
        list_type: str = "",
        valid_to: str | None = None,
        amount: str = "",
        name: str = "来源名称",
        computed: bool = False,
        recorded: int = 1,
        retracted: int = OPEN_INSTANT,
    ) -> str:
        ident = f"id-{document}-{code}"
        record = self._fact(
            decided,
            valid_to or until,
            recorded,
            retracted,
            id=ident,
            kind=kind,
            list_type=list_type,
            tier=tier,
            document=document,
            code=code,
            name_as_given=name,
            authority="机关",
            authority_code="",
            decided_on=decided,
            until=until,
            until_computed=computed,
            term_rule="",
            ground="事由",
            basis="依据",
            category="",
            content="",
            amount=amount,
            amount_given="",
            licence_name="",
            licence_number="",
            order_key=f"{decided}|{ident}",
            adverse=kind in ("PENALTY", "LIST_ENTRY"),
        )
        self.steps.append(
            (
                "MERGE (s:Subject {code: $p.code}) MERGE (d:Document {number: $p.document}) "
                "CREATE (s)<-[:ABOUT]-(r:Record)-[:DECIDED_IN]->(d) SET r = $p",
                {"p": record},
            )
        )
        return ident

    def ending(self, document: str, kind: str, on: str, *, recorded: int = 1, retracted: int = OPEN_INSTANT) -> None:
        ending = self._fact(on, OPEN_DATE, recorded, retracted, document=document, kind=kind, on=on, authority="机关")
        self.steps.append(
            ("MERGE (d:Document {number: $p.document}) CREATE (d)<-[:ENDS]-(e:Ending) SET e = $p", {"p": ending})
        )

    def lift(self, document: str, token: str, on: str, *, recorded: int = 1, retracted: int = OPEN_INSTANT) -> None:
        lift = self._fact(on, OPEN_DATE, recorded, retracted, document=document, on=on, authority="法院")
        self.steps.append(
            (
                "MERGE (d:Document {number: $p.document}) MERGE (p:Person {token: $token}) "
                "CREATE (d)<-[:LIFTS]-(l:Lift)-[:FOR]->(p) SET l = $p",
                {"p": lift, "token": token},
            )
        )

    def role(
        self,
        token: str,
        name: str,
        code: str,
        begin: str,
        end: str = OPEN_DATE,
        *,
        relation: str = "REPRESENTS",
        share: float = 0.0,
        recorded: int = 1,
        retracted: int = OPEN_INSTANT,
    ) -> None:
        role = self._fact(begin, end, recorded, retracted, name=name)
        if relation == "HOLDS":
            role |= {"share": share, "share_given": f"{share}%"}
        made = {"REPRESENTS": "REPRESENTS", "HOLDS": "HOLDS"}[relation]
        self.steps.append(
            (
                "MERGE (s:Subject {code: $code}) MERGE (p:Person {token: $token}) "
                "SET p.name = $p.name, p.compared = $p.compared, p.adult_on = '2000-01-01' "
                f"CREATE (p)-[h:{made}]->(s) SET h = $p",
                {"p": role, "code": code, "token": token},
            )
        )

    def holding(self, holder: str, code: str, begin: str, share: float) -> None:
        role = self._fact(begin, OPEN_DATE, 1, OPEN_INSTANT, name="持股公司", share=share, share_given="")
        self.steps.append(
            (
                "MERGE (s:Subject {code: $code}) MERGE (p:Subject {code: $holder}) "
                "CREATE (p)-[h:HOLDS]->(s) SET h = $p",
                {"p": role, "code": code, "holder": holder},
            )
        )

    def contract(
        self,
        number: str,
        parties: tuple[str, str],
        signed: str,
        due: str,
        done: str = OPEN_DATE,
        status: str = "履约中",
    ) -> str:
        ident = f"id-{number}"
        contract = self._fact(
            signed,
            OPEN_DATE,
            1,
            OPEN_INSTANT,
            id=ident,
            number=number,
            title="合同",
            field="政府采购",
            amount="12000",
            amount_given="1.2",
            signed_on=signed,
            due_on=due,
            completed_on=done,
            status_given=status,
            order_key=f"{signed}|{ident}",
        )
        self.steps.append(
            (
                "MERGE (a:Subject {code: $a}) MERGE (b:Subject {code: $b}) CREATE (c:Contract) SET c = $p "
                "CREATE (a)-[:PARTY_TO {role: 'PARTY_A', name: '甲'}]->(c), "
                "(b)-[:PARTY_TO {role: 'PARTY_B', name: '乙'}]->(c)",
                {"p": contract, "a": parties[0], "b": parties[1]},
            )
        )
        return ident

    def about(self, label: str, code: str, begin: str, **more: Any) -> None:
        fact = self._fact(
            begin, more.pop("valid_to", OPEN_DATE), 1, OPEN_INSTANT, id=f"id{next(self._count)}", code=code
        )
        made = {"Commitment": "Commitment", "Rating": "Rating"}[label]
        self.steps.append(
            (
                f"MERGE (s:Subject {{code: $p.code}}) CREATE (s)<-[:ABOUT]-(c:{made}) SET c = $p",
                {"p": fact | more},
            )
        )

    async def write(self, engine: Engine) -> None:
        for _, values in self.steps:
            if name := values.get("p", {}).get("name"):
                values["p"]["compared"] = compared_name(name)
        for start in range(0, len(self.steps), 100):
            await engine.write_many(self.steps[start : start + 100], timeout=60)
        await engine.write_many([(BOUND, {})], timeout=60)
        self.steps = []

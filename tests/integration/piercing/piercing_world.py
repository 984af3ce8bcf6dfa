"""A small city written straight into the graph: every reason and every ending, with days of its own."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

from graph_loaders.engine import Engine
from schema.times import OPEN_DATE, OPEN_INSTANT

AS_OF = "2026-11-01"
LOADED = 1_000_000
DEFAULTER, SERIOUS = "失信被执行人", "市场监管严重违法失信名单"
_NUMBERS = itertools.count()
COMMON = ("vid", "valid_from", "valid_to", "recorded_at", "retracted_at")


def token(name: str) -> str:
    """A stand-in for a person's group element: hex, of the same length."""
    return hashlib.sha256(name.encode()).hexdigest()


@dataclass
class World:
    """Rows by kind. Times are those of loading unless a test says otherwise."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    recorded: int = LOADED
    retracted: int = OPEN_INSTANT

    def _add(self, sort: str, first: str, last: str, **values: Any) -> None:
        vid = f"{sort}-{next(_NUMBERS)}"
        times = {"recorded_at": self.recorded, "retracted_at": self.retracted}
        self.rows.setdefault(sort, []).append(
            {"vid": vid, "key": vid, "valid_from": first, "valid_to": last, **times, **values}
        )

    def subject(self, code: str, kind: str = "ENTERPRISE", region: str = "320402") -> None:
        self._add(
            "state", "2000-01-01", OPEN_DATE, code=code, kind=kind, region=region, name=f"名称{code}", status="存续"
        )

    def represents(self, name: str, code: str, first: str, last: str = OPEN_DATE, adult_on: str = "1990-01-01") -> None:
        self._add("represents", first, last, name=name, token=token(name), code=code, adult_on=adult_on)

    def holds(
        self, name: str, code: str, share: float, first: str, last: str = OPEN_DATE, adult_on: str = "1990-01-01"
    ) -> None:
        self._add("holds", first, last, name=name, token=token(name), code=code, share=share, adult_on=adult_on)

    def owns(self, holder: str, code: str, share: float, first: str) -> None:
        """One organisation holds a share of another."""
        self._add("owns", first, OPEN_DATE, holder=holder, code=code, share=share)

    def penalty(self, document: str, code: str, decided_on: str, until: str, tier: str = "一般") -> None:
        self._record(document, code, decided_on, until, until, kind="PENALTY", tier=tier, list_type="")

    def listed(self, document: str, code: str, list_type: str, on: str, removed: str = OPEN_DATE) -> None:
        from policies.dates import day_before

        self._record(document, code, on, removed, day_before(removed), kind="LIST_ENTRY", tier="", list_type=list_type)

    def _record(self, document: str, code: str, on: str, until: str, last: str, **values: Any) -> None:
        more = {"id": _id(document), "decided_on": on, "until": until}
        self._add("record", on, last, document=document, code=code, adverse=True, **more, **values)

    def ends(self, document: str, kind: str, on: str) -> None:
        self._add("ending", on, OPEN_DATE, document=document, kind=kind, on=on, ends=_id(document))

    def lifts(self, document: str, name: str, on: str) -> None:
        self._add("lift", on, OPEN_DATE, document=document, token=token(name), on=on)

    async def write(self, engine: Engine) -> None:
        for kind, statement in STATEMENTS.items():
            if self.rows.get(kind):
                await engine.write(statement, {"rows": self.rows[kind]})


def _id(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:32]


_ROWS = "UNWIND $rows AS row "
_SUBJECT = _ROWS + "MERGE (s:Subject {code: row.code}) "
_PERSON = "MERGE (p:Person {token: row.token}) SET p.name = row.name, p.adult_on = row.adult_on "
_DATES = "{" + ", ".join(f"{name}: row.{name}" for name in (*COMMON, "key")) + "}"
_DOCUMENT = "MERGE (d:Document {number: row.document}) "
_LIFT = ", ".join(f"n.{name} = row.{name}" for name in (*COMMON, "document", "on"))
STATEMENTS = {
    "state": _SUBJECT + "CREATE (n:SubjectState)-[:STATE_OF]->(s) SET n = row",
    "represents": _SUBJECT + _PERSON + f"CREATE (p)-[r:REPRESENTS {_DATES}]->(s) SET r.name = row.name",
    "holds": _SUBJECT + _PERSON + f"CREATE (p)-[r:HOLDS {_DATES}]->(s) SET r.share = row.share, r.name = row.name",
    "owns": _SUBJECT
    + f"MERGE (o:Subject {{code: row.holder}}) CREATE (o)-[r:HOLDS {_DATES}]->(s)"
    + " SET r.share = row.share, r.name = row.holder",
    "record": _SUBJECT + _DOCUMENT + "CREATE (n:Record)-[:ABOUT]->(s) CREATE (n)-[:DECIDED_IN]->(d) SET n = row",
    "ending": _ROWS + _DOCUMENT + "CREATE (n:Ending)-[:ENDS]->(d) SET n = row",
    "lift": _ROWS
    + _DOCUMENT
    + f"MERGE (p:Person {{token: row.token}}) CREATE (n:Lift)-[:LIFTS]->(d) CREATE (n)-[:FOR]->(p) SET {_LIFT}",
}

"""A counter over a real graph: journal, rooms, reader and the way of claims into the graph, without HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.reading import global_id
from hub.acts.graph_claims import GraphClaims
from hub.acts.journal import Journal
from hub.acts.model import Act, Claim, Performed, new_id
from hub.ledger import Ledger
from hub.ledger.lock import FileLock
from hub.settings import Settings
from policies import Policies, load_policies
from schema.caller import Caller
from tests.integration.acts.desk import FIRM, OTHER, TODAY, Desk, open_desk

AUTHORITY = "常州市武进区应急管理局"


def caller(name: str, *scopes: str, purpose: str, subject: str | None = None) -> Caller:
    return Caller(name, frozenset(scopes), frozenset({purpose}), purpose, subject=subject, jkt="key", name=name)


OWNER = caller("firm", "credit:self", purpose="self-service", subject=FIRM)
NEIGHBOUR = caller("neighbour", "credit:self", purpose="self-service", subject=OTHER)
DECIDER = caller("decider", "credit:decide", "credit:operate", purpose="operations")
SECOND = caller("second", "credit:decide", "credit:operate", purpose="operations")
BANK = caller("city", "credit:mutual", purpose="mutual-recognition")


class Loading:
    """Claims are loaded when they are waited for."""

    def __init__(self, claims: GraphClaims) -> None:
        self.claims = claims

    async def wait(self, claim: int, seconds: float) -> bool:
        while await self.claims.load_waiting():
            pass
        return True


@dataclass
class Counter:
    desk: Desk
    ids: dict[str, str]

    async def record(self, number: str, who: Caller, fields: str = "state objectionPending") -> Any:
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on Record {{ {fields} }} }} }}"
        answer = json.loads((await self.desk.ask(document, who=who, id=self.ids[number])).body)
        return (answer["data"] or {}).get("node")

    async def query(self, document: str, who: Caller, **variables: Any) -> Any:
        return json.loads((await self.desk.ask(document, who=who, **variables)).body)


def penalty(number: str, decided_on: str = "2026-06-01", code: str = FIRM, **more: str) -> Claim:
    row = {"name": "某某公司", "code": code, "document": number, "decided_on": decided_on, "authority": AUTHORITY}
    return Claim("xzcf", {"ground": "未按规定处置", "basis": "《某法》", "tier": "一般", **row, **more})


async def open_counter(
    settings: Settings, ledger: Ledger, engine: Engine, folder: Path, *claims: Claim, policies: Policies | None = None
) -> Counter:
    persons = Persons.open(folder / "person.key", folder)
    policies = policies or load_policies("320400")
    (engine.config.data / "run").mkdir(exist_ok=True)
    lock = FileLock(folder / "acts.lock")
    loading = Loading(GraphClaims(Journal(ledger), engine, persons, policies, lock, lambda: TODAY))
    graph = CypherGraph(engine, persons, cursor_key=bytes(64), region="320400", timeout=60)
    desk = await open_desk(settings, ledger, graph, loading, policies)
    await desk.journal.record("fill", Performed([Act("test-fill", new_id(), 0, {}, claims=claims)], {}), DECIDER, None)
    await loading.wait(0, 0)
    rows = await engine.read("MATCH (r:Record) RETURN r.id AS id, r.document AS number", {}, name="test")
    return Counter(desk, {row["number"]: global_id("Record", row["id"]) for row in rows})

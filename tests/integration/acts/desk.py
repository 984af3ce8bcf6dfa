"""The API of a department's counter, without HTTP: the real journal and room, a graph that is a dictionary."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from federation.shape import pick
from hub.acts.acts import Acts
from hub.acts.graph import ActsGraph
from hub.acts.journal import Journal
from hub.acts.room import Standing
from hub.acts.rooms import ROOMS
from hub.graphql.service import GraphQLService, Options
from hub.ledger import Ledger
from hub.settings import Settings
from policies import Policies, load_policies
from schema.caller import Caller
from schema.errors import GraphUnavailable
from schema.ports import Asking
from schema.selection import Arguments, Select
from schema.types.build import build_schema

TODAY = "2026-11-02"
FIRM, OTHER = "91320411XYHFHJL15H", "12320404XYEBEXCX24"
CLERK = Caller(
    "department",
    frozenset({"credit:gate"}),
    purposes=frozenset({"gate-check"}),
    purpose="gate-check",
    jkt="key",
    name="department",
)


@dataclass
class DictGraph:
    """Implements ``schema.ports.Graph``: subjects by code, keyed by field names."""

    subjects: dict[str, dict[str, Any]] = field(default_factory=dict)
    statements: int = 0
    down: bool = False
    version: int = 1
    touched: list[str] = field(default_factory=list)

    def prepare(self, root: Select, scopes: frozenset[str]) -> Any:
        async def read(arguments: Arguments, asking: Asking) -> Any:
            self.statements += 1
            if self.down:
                raise GraphUnavailable("the graph does not answer")
            codes = arguments[root.index]["codes"]
            return pick(root.children, [{"code": code, "subject": self.subjects.get(code)} for code in codes])

        return read

    async def data_version(self) -> str:
        return str(self.version)

    async def changed(self, since: str) -> tuple[str, list[str] | None]:
        """As ``federation.ports.LocalFacts``: what was put since the last call."""
        touched, self.touched = self.touched, []
        return str(self.version), touched if since else None

    def put(self, code: str, *records: dict[str, Any], **more: Any) -> None:
        self.version += 1
        self.touched.append(code)
        page = {"nodes": list(records), "pageInfo": {"hasNextPage": False, "endCursor": None}}
        self.subjects[code] = {"__typename": "Subject", "code": code, "name": "某某公司", "records": page, **more}


def listed(list_type: str, number: str = "文1", kind: str = "LIST_ENTRY") -> dict[str, Any]:
    return {
        "__typename": "Record",
        "id": f"id-{number}",
        "kind": kind,
        "listType": list_type,
        "tier": None,
        "until": None,
        "documentNumber": number,
    }


class LoadedClaims:
    """A graph that holds every claim at once."""

    def __init__(self) -> None:
        self.held = True

    async def wait(self, claim: int, seconds: float) -> bool:
        return self.held


@dataclass
class Desk:
    graph: DictGraph
    journal: Journal
    ledger: Ledger
    service: GraphQLService
    acts: Acts
    claims: LoadedClaims

    async def ask(self, document: str, key: str | None = None, who: Caller = CLERK, **variables: Any) -> Any:
        headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
        if key is not None:
            headers.append((b"idempotency-key", key.encode()))
        body = json.dumps({"query": document, "variables": variables}).encode()
        caller = replace(who, jti=secrets.token_hex(8), jti_expires=2**40)
        return await self.service.answer("POST", b"", headers, body, caller, "https://hub.example/graphql")

    async def do(self, name: str, fields: str, given: dict[str, Any], key: str | None = None, **more: Any) -> Any:
        """The payload of a mutation. Fails on errors."""
        answer = await self.ask(self.document(name, fields), key or f'"{secrets.token_hex(8)}"', given=given, **more)
        found = json.loads(answer.body)
        assert "errors" not in found, found
        return found["data"][name]

    async def refused(self, name: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The extensions of the one error of a mutation."""
        answer = await self.ask(self.document(name, "__typename"), f'"{secrets.token_hex(8)}"', given=given, **more)
        return dict(json.loads(answer.body)["errors"][0]["extensions"])

    @staticmethod
    def document(name: str, fields: str) -> str:
        kind = f"{name[0].upper()}{name[1:]}Input"
        return f"mutation($given: {kind}!) {{ {name}(input: $given) {{ {fields} }} }}"

    async def count(self) -> int:
        from sqlalchemy import func, select

        from hub.acts.tables import acts

        query = select(func.count()).select_from(acts)
        return int(await self.ledger.store.read(lambda connection: connection.scalar(query) or 0))


async def open_desk(
    settings: Settings, ledger: Ledger, graph: Any = None, claims: Any = None, policies: Policies | None = None
) -> Desk:
    """``graph`` and ``claims``: a real reader and what brings claims there, instead of a dictionary."""
    graph = graph or DictGraph()
    policies = policies or load_policies(settings.region)
    hub: Any = SimpleNamespace(
        reader=graph,
        policies=policies,
        settings=settings,
        persons=SimpleNamespace(),
        network=SimpleNamespace(neighbours={}),
        facts=graph,
        as_of=TODAY,
    )
    journal = Journal(ledger)
    await journal.open(*(room.tables for room in ROOMS if room.tables is not None))
    standing = Standing(hub, journal, seal=lambda order, bound: f"{bound}!{order}", unseal=lambda c, b: c.split("!")[1])
    claims = claims or LoadedClaims()
    acts = Acts(standing, claims)
    acting = ActsGraph(acts, ROOMS, graph, hub.persons)
    service = GraphQLService(build_schema(), acting, Options(today=lambda: TODAY))
    return Desk(graph, journal, ledger, service, acts, claims)

"""What a hub reads of its own graph to tell neighbours and holders of receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graph_loaders.engine import Engine
from hub.federated.facts import GraphFacts
from schema.ports import Asking, Prepared
from schema.selection import Arguments, Select
from schema.times import OPEN_INSTANT, SHANGHAI, instant_to_us

STEP = """MERGE (s:Subject {code: 'A'}) MERGE (d:Document {number: $document})
CREATE (s)<-[:ABOUT]-(:Record {id: $document, code: 'A', recorded_at: 1, retracted_at: $open})-[:DECIDED_IN]->(d)
CREATE (d)<-[:ENDS]-(e:Ending {vid: $document, kind: $kind, on: $on, recorded_at: $at, retracted_at: $until})
SET e.ends = $document"""


class Unasked:
    """A graph of which nothing else is asked."""

    def prepare(self, root: Select, scopes: frozenset[str]) -> Prepared:
        async def prepared(arguments: Arguments, asking: Asking) -> Any:
            raise AssertionError("not asked here")

        return prepared

    async def data_version(self) -> str:
        raise AssertionError("not asked here")


async def test_void_records_are_found_by_when_it_was_learnt_and_when_it_counts(clean_graph: Engine) -> None:
    early = instant_to_us(datetime(2026, 3, 1, tzinfo=SHANGHAI))
    late = instant_to_us(datetime(2026, 10, 1, tzinfo=SHANGHAI))
    rows = (
        ("revoked", "REVOCATION", "2026-02-01", early, OPEN_INSTANT),
        ("corrected", "CORRECTION", "2026-09-30", late, OPEN_INSTANT),
        ("repaired", "REPAIR", "2026-09-30", late, OPEN_INSTANT),
        ("withdrawn", "REVOCATION", "2026-09-30", late, late + 1),
        ("to come", "REVOCATION", "2026-12-01", late, OPEN_INSTANT),
    )
    for document, kind, on, at, until in rows:
        values: dict[str, Any] = {"document": document, "kind": kind, "on": on, "at": at, "until": until}
        await clean_graph.write(STEP, {**values, "open": OPEN_INSTANT})
    facts = GraphFacts(clean_graph, Unasked(), "320400")
    assert await facts.void_since("", "", "2026-11-01") == {early: ["revoked"], late: ["corrected"]}
    assert await facts.void_since(str(early), "2026-11-01", "2026-11-01") == {late: ["corrected"]}
    assert await facts.void_since(str(late), "2026-11-01", "2026-11-01") == {}
    comes = instant_to_us(datetime(2026, 12, 1, tzinfo=SHANGHAI))
    assert await facts.void_since(str(late), "2026-11-30", "2026-12-01") == {comes: ["to come"]}

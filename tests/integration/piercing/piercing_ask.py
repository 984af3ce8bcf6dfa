"""Asking the graph for decisions without the reader's root fields: fragments, rows, judge."""

from __future__ import annotations

from typing import Any

from piercing_world import AS_OF, token

from graph_loaders.engine import Engine
from graph_loaders.reader.piercing_facts import Finding, findings, parameters
from graph_loaders.reader.piercing_text import Chosen, Names, of_person, of_subject
from schema.piercing import Piercing
from schema.times import OPEN_INSTANT


async def ask(
    engine: Engine,
    piercing: Piercing,
    *,
    code: str = "",
    person: str = "",
    as_of: str = AS_OF,
    known: int = OPEN_INSTANT - 1,
) -> list[Finding]:
    """Decisions about a subject's records, or about a person."""
    start = Names.of_person("n", 1) if person else Names.of_subject("n", 1)
    chosen = Chosen(records=[f"{start.record}.document"], reported=[f"{start.other}.code"])
    text = (of_person if person else of_subject)(start, chosen)
    node = "(n:Person {token: $name})" if person else "(n:Subject {code: $name})"
    values: dict[str, Any] = parameters(piercing.rules(as_of))
    values["uses"] = ["SHARED"]
    values |= {"as_of": as_of, "known": known, "name": token(person) if person else code}
    rows = await engine.read(f"MATCH {node} RETURN {text} AS rows", values)
    return findings(piercing, rows[0]["rows"], as_of, values["name"] if person else None) if rows else []


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    """Rule, document and outcome with the person's token where one is concerned."""
    return sorted(
        (
            f.decision.rule_id,
            f.row["records"][0],
            f.decision.because + (f" {f.decision.person}" if f.decision.person else ""),
        )
        for f in found
    )

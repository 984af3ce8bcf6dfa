"""Every decision over the whole graph, for trying rules before they are put in force. Nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.reader.piercing_facts import Raw, findings, parameters
from graph_loaders.reader.piercing_text import page
from schema.piercing import Decision, Piercing, Rule
from schema.records import USES

PAGE = 2000  # records looked at in one statement


@dataclass(frozen=True, slots=True)
class Found:
    """One decision with what names it: the record's id and document, the subject's code and its registered region
    ("" when it is registered elsewhere), and the hub's own token of the person."""

    decision: Decision
    record: str
    document: str
    subject: str
    region: str


async def everywhere(
    engine: Engine, rulebooks: Sequence[Piercing], as_of: str, known: int, *, size: int = PAGE
) -> AsyncIterator[tuple[int, Found]]:
    """Decisions of each of the rule books (by its index) about every record, page by page.

    All books see the same page of the same state: what is known at ``known`` (microseconds) does not change meanwhile.
    """
    values: dict[str, Any] = parameters(_all_rules(rulebooks, as_of))
    values |= {"as_of": as_of, "known": known, "size": size, "after": "", "uses": list(USES)}
    statement = page()
    while rows := await engine.read(statement, values, name="piercing/page"):
        values["after"] = rows[-1]["vid"]
        candidates = [row["candidate"] for row in rows if row["candidate"]]
        for index, book in enumerate(rulebooks):
            for finding in findings(book, candidates, as_of):
                yield index, _found(finding.decision, finding.row)


def _all_rules(rulebooks: Sequence[Piercing], as_of: str) -> list[Rule]:
    return [rule for book in rulebooks for rule in book.rules(as_of)]


def _found(decision: Decision, row: Raw) -> Found:
    return Found(decision, row["id"], row["records"][0], row["code"], row["region"])

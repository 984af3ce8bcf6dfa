"""``_entities``: subjects as a gateway asks for them, by their code; one batch, so one statement.

It is the batch of ``subjects`` under another form: the same rows, the same masks, the same order. A code that is null,
wrong or not held here gives null, since a gateway asks about subjects that other services know of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schema.ports import Asking, Graph
from schema.selection import Arguments, Select

_NEW = (-1, -2)  # numbers of the selects made here; those of a document count from 1


class EntitiesRoot:
    """Implements ``schema.ports.Prepared``. Every entity is a subject (``schema.types.subgraph.KEYS``)."""

    def __init__(self, root: Select, graph: Graph, scopes: frozenset[str]) -> None:
        self._index = root.index
        fields = tuple(replace(child, parent="Subject", on=None) for child in root.children)
        subject = Select(_NEW[1], "subject", "subject", "SubjectResult", "Subject", fields)
        given = frozenset({"codes"})
        batch = Select(_NEW[0], "subjects", "subjects", "Query", "SubjectResult", (subject,), given=given)
        self._batch = graph.prepare(batch, scopes)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        entities = arguments[self._index]["representations"]
        codes: Mapping[str, Any] = {"codes": [entity["code"] or "" for entity in entities]}
        rows = await self._batch({**arguments, _NEW[0]: codes}, asking)
        return [row["subject"] for row in rows]

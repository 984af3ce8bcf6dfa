"""Questions that the hub asks its own graph in GraphQL: the documents of ``federation/documents.py``, planned once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import get_variable_values

from hub.graphql.access import Access
from hub.graphql.arguments import coerce
from hub.graphql.collect import Collector
from hub.graphql.documents import Documents
from hub.graphql.limits import Limits
from hub.graphql.planning import Planner
from hub.graphql.verdicts import Judge
from schema.errors import HubError
from schema.fields import TABLE
from schema.ports import Asking, Graph
from schema.types.build import build_schema

_LIMITS = Limits(tokens=8000, depth=24)


class InternalDocument:
    """One document under one scope set, whose purpose counts as given; calling it gives ``data``."""

    def __init__(self, text: str, scopes: frozenset[str], graph: Graph) -> None:
        schema = build_schema()._schema
        document = Documents(schema, _LIMITS, introspection=False).read(text)
        self._schema = schema
        self._operation = document.operations[0]
        access = Access(scopes, scopes, None, has_case=True)
        planner = Planner(Collector(schema, document.fragments, {}), Judge(TABLE, access), graph, scopes)
        self._plan = planner.plan(self._operation, frozenset())
        if self._plan.denied is not None or self._plan.withheld:
            raise AssertionError(f"an internal document asks for closed fields: {self._plan.withheld}")

    async def __call__(self, variables: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
        """Raises the HubError of the graph or of a value that does not fit."""
        values = get_variable_values(self._schema, self._operation.variable_definitions or (), dict(variables))
        if isinstance(values, list):
            raise HubError(f"internal question: {values[0].message}")
        answer = {}
        for root in self._plan.roots:
            assert root.prepared is not None
            value = await root.prepared(coerce(root.asked, values, _LIMITS), asking)
            answer[root.key] = value if root.filler is None else root.filler(value)
        return answer

"""Runs a plan: every root field at once, then one answer. Stock execution is the other way to the same bytes.

Both ask the graph through the same prepared fields with the same arguments, so they differ only in who walks the
answer; introspection is what needs the other one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute

from hub.graphql import faults
from hub.graphql.faults import Fault
from hub.graphql.plan import Plan, Root
from schema.errors import GraphUnavailable, HubError, KeyInUse, KeyReused, LedgerUnavailable, Unauthenticated
from schema.ports import Asking
from schema.types.held import TYPE_KEY

Arguments = Mapping[int, Mapping[str, Any]]
WHOLE = (GraphUnavailable, LedgerUnavailable, KeyReused, KeyInUse, Unauthenticated)
"""Errors that leave no answer at all, whichever field meets them."""


@dataclass(slots=True)
class Executed:
    """Data and field errors; ``data`` None where nothing may be answered."""

    data: dict[str, Any] | None
    errors: list[Fault]


@dataclass(frozen=True, slots=True)
class Run:
    """One request at its plan. ``refused`` are root fields that this request's values close, by response key; ``raw``
    is what was read of each, with the keys that the log wants to know."""

    plan: Plan
    arguments: Arguments
    asking: Asking
    refused: frozenset[str] = frozenset()
    raw: dict[str, Any] = field(default_factory=dict)

    async def read(self, root: Root) -> Any:
        """The root field's value as the graph shapes it."""
        if root.prepared is None or root.key in self.refused:
            return None
        value = await root.prepared(self.arguments, self.asking)
        if root.closed_types and isinstance(value, dict) and TYPE_KEY not in value:
            return None  # of a type that the caller may not see: nothing of it was selected
        self.raw[root.key] = value
        return value


async def run_plan(run: Run) -> Executed:
    """Raises GraphUnavailable, since then there is no answer at all."""
    roots = run.plan.roots
    if len(roots) == 1:
        outcomes = [await _outcome(run, roots[0])]
    else:
        outcomes = await asyncio.gather(*(_outcome(run, root) for root in roots))
    data: dict[str, Any] = {}
    errors: list[Fault] = []
    for root, (value, fault) in zip(roots, outcomes, strict=True):
        if isinstance(fault, HubError):
            raise fault
        data[root.key] = value
        if fault is not None:
            if root.required:
                return Executed(None, [fault])
            errors.append(fault)
    return Executed(data, errors)


async def _outcome(run: Run, root: Root) -> tuple[Any, Fault | HubError | None]:
    """Value and fault of one root field. A missing service is handed back, so that no other root is left running."""
    if root.constant is not None:
        return root.constant, None
    try:
        value = await run.read(root)
        return (value if root.filler is None else root.filler(value)), None
    except WHOLE as error:
        return None, error
    except HubError as error:
        return None, faults.of_hub(error, (root.key,), root.nodes)
    except Exception as error:
        return None, faults.of_unexpected(error, (root.key,), root.nodes)


class StockContext:
    """What the stock execution's root resolvers ask (``schema.types.held``)."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._roots = {root.key: root for root in run.plan.roots}
        self.unavailable: HubError | None = None

    async def root(self, key: str) -> Any:
        try:
            return await self._run.read(self._roots[key])
        except WHOLE as error:
            self.unavailable = error
            raise


async def run_stock(
    run: Run,
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: dict[str, Any],
    *,
    hide_suggestions: bool,
) -> Executed:
    """The same by graphql-core's own execution."""
    context = StockContext(run)
    result = execute(
        schema,
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation_name,
        hide_suggestions=hide_suggestions,
    )
    if isinstance(result, Awaitable):
        result = await result
    assert isinstance(result, ExecutionResult)
    if context.unavailable is not None:
        raise context.unavailable
    errors = [faults.of_graphql(error) for error in result.errors or ()]
    order = {root.key: place for place, root in enumerate(run.plan.roots)}
    errors.sort(key=lambda fault: order.get(_first(fault.get("path", ())), -1))
    if result.data is None:
        required = {root.key for root in run.plan.roots if root.required}
        errors = [fault for fault in errors if _first(fault.get("path", ())) in required][:1] or errors
    return Executed(result.data, errors)


def _first(path: Sequence[Any]) -> Any:
    return path[0] if path else None

"""The GraphQL service: from an authenticated request to the bytes of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import strawberry
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from hub.graphql import answers, faults, mutations
from hub.graphql.access import Access
from hub.graphql.answers import Facts, GraphQLAnswer
from hub.graphql.arguments import coerce
from hub.graphql.collect import Collector, Fields
from hub.graphql.cost import cost
from hub.graphql.documents import Document, Documents, InvalidDocument, Lru
from hub.graphql.execution import Run, run_plan, run_stock
from hub.graphql.faults import PlacedError
from hub.graphql.limits import Limits, exceeded
from hub.graphql.operations import check_method, check_size, find_operation, select_operation
from hub.graphql.own import asked_about, bound_roots, ids_asked, personal, type_and_key
from hub.graphql.plan import Plan, Root
from hub.graphql.planning import Planner, root_type
from hub.graphql.requests import GraphQLRequest, RawHeaders, WrongMethod, accepted, read_request
from hub.graphql.told import literals, told_from_elsewhere, told_of
from hub.graphql.trusted import TrustedDocuments
from hub.graphql.verdicts import Judge
from hub.http import TooManyRequests
from schema import scopes as s
from schema import times
from schema.caller import Caller
from schema.errors import (
    GraphUnavailable,
    HubError,
    KeyInUse,
    KeyRequired,
    KeyReused,
    LedgerUnavailable,
    NotAgreed,
    Unauthenticated,
    UsageError,
)
from schema.fields import PERSONAL, PERSONAL_IDS, TABLE, FieldTable
from schema.ports import Asking, Graph, Performing

NEW_DOCUMENT, NEW_FIELD = 100, 50
"""What reading and, apart, planning a new document costs its client: 10 is an object of an answer."""
PLANS_ROOM = 32 * 1024 * 1024  # bytes of plans that are kept
_PLAN, _PLAN_OF_FIELD = 8_000, 1_500  # bytes that a plan takes with its statements, measured


class PlanCounter(Protocol):
    """Counts plans by outcome: ``hit``, ``miss``, ``stock`` (``hub.metrics.Metrics.plans``)."""

    def labels(self, outcome: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Options:
    """``today`` gives the default day of ``asOf``, ISO. ``spend`` is told client and cost of what is about to be read,
    and raises TooManyRequests when that is too much a minute. ``admit`` raises NotAgreed where a caller may not ask
    these root fields, whatever its scopes (``hub.federated.gate``)."""

    introspection: bool = False
    limits: Limits = Limits()
    table: FieldTable = TABLE
    today: Callable[[], str] = lambda: times.today().isoformat()
    spend: Callable[[str, float], None] = lambda client_id, cost: None
    plans: int = 1024
    stock_only: bool = False
    admit: Callable[[Caller, Iterable[str]], None] = lambda caller, names: None


class GraphQLService:
    """Answers authenticated requests. One for each process; plans and documents are kept in bounded caches."""

    def __init__(
        self,
        schema: strawberry.Schema,
        graph: Graph,
        options: Options | None = None,
        trusted: TrustedDocuments | None = None,
        counter: PlanCounter | None = None,
    ) -> None:
        self._schema: GraphQLSchema = schema._schema
        self._graph = graph
        self._options = options or Options()
        self._limits = self._options.limits
        self._trusted = trusted or TrustedDocuments(None)
        self._counter = counter
        self._documents = Documents(self._schema, self._limits, introspection=self._options.introspection)
        self._plans: Lru[tuple[Any, ...], Plan] = Lru(self._options.plans, PLANS_ROOM)

    async def answer(
        self, method: str, query_string: bytes, headers: RawHeaders, body: bytes, caller: Caller, target: str = ""
    ) -> GraphQLAnswer:
        """Raises TooManyRequests only, or when the task is cancelled (the client went away), which ends the graph's
        work too. ``target``: the request's address, for the log of acts."""
        media, facts = "", Facts()
        try:
            headers = list(headers)
            media = accepted(headers)
            request = read_request(method, query_string, headers, body, self._limits)
        except HubError as error:
            return answers.malformed(media, faults.of_hub(error), error)
        try:
            performing = mutations.reading(headers, body, caller, target)
            return await self._answer(request, caller, media, facts, performing)
        except (KeyRequired, KeyReused, KeyInUse, Unauthenticated) as error:
            return answers.refused(media, [faults.of_hub(error)], facts.shown(), error.status)
        except (GraphUnavailable, LedgerUnavailable) as error:
            return answers.answered(media, None, [faults.of_hub(error)], (), facts.shown(), error.status)
        except TooManyRequests:
            raise  # like the limit by count: neither logged nor signed
        except InvalidDocument as error:
            return answers.refused(media, error.faults, facts.shown())
        except WrongMethod as error:
            return answers.refused(media, [faults.of_hub(error)], facts.shown(), 405, (("Allow", "POST"),))
        except PlacedError as placed:
            fault = faults.of_hub(placed.error, placed.path, placed.nodes)
            return answers.answered(media, None, [fault], (), facts.shown())
        except NotAgreed as error:
            return answers.refused(media, [faults.of_hub(error)], facts.shown(), error.status)
        except HubError as error:
            return answers.refused(media, [faults.of_hub(error)], facts.shown())
        except Exception as error:
            return answers.answered(media, None, [faults.of_unexpected(error)], (), facts.shown(), 500)

    async def _answer(
        self, request: GraphQLRequest, caller: Caller, media: str, facts: Facts, performing: Performing
    ) -> GraphQLAnswer:
        text, listed = await self._trusted.document(caller, request.query, request.sha256)
        assert text is not None
        document = self._read(text, request, listed, lambda fields: self._charge(caller, fields))
        facts.document = document.sha256
        operation = select_operation(document, request)
        facts.operation = operation.name.value if operation.name else ""
        check_size(request.variables, self._limits)
        facts.variables = request.variables
        variables = get_variable_values(
            self._schema,
            operation.variable_definitions or (),
            request.variables,
            max_errors=self._limits.errors,
            hide_suggestions=not self._options.introspection,
        )
        if isinstance(variables, list):
            raise InvalidDocument([faults.of_graphql(error, unexpected=False) for error in variables])
        plan = await self._plan(document, operation, variables, caller)
        self._options.admit(caller, dict.fromkeys(root.name for root in plan.roots))
        if plan.denied is not None:
            return answers.answered(media, None, [faults.of_hub(plan.denied)], plan.withheld, facts.shown())
        acting = operation.operation is OperationType.MUTATION
        if acting:
            mutations.check(plan, performing)
            facts.performing = performing
        asking = Asking(caller, self._options.today(), performing=performing if acting else None)
        run, withheld = self._run(plan, variables, asking, request.is_get, facts)
        if run.plan.roots and any(root.select is not None for root in plan.roots):
            facts.data_version = await self._graph.data_version()
        if plan.stock or self._options.stock_only:
            self._count("stock")
            executed = await run_stock(
                run,
                self._schema,
                document.ast,
                request.operation_name,
                request.variables,
                hide_suggestions=not self._options.introspection,
            )
        else:
            executed = await run_plan(run)
        data = run.raw if executed.data is not None else {}
        facts.told = [*told_of(plan, run.arguments, data), *told_from_elsewhere(plan, run.arguments, data)]
        lacking = sorted(run.asking.lacking, key=lambda one: (one["path"], one["region"]))
        further = mutations.told(facts.performing)
        return answers.answered(
            media, executed.data, executed.errors, withheld, facts.shown(), incomplete=lacking, further=further
        )

    def _charge(self, caller: Caller, fields: int) -> None:
        """Reading a new document, or planning one for other scopes or conditions, costs its client something, too."""
        self._options.spend(caller.client_id, NEW_DOCUMENT + NEW_FIELD * fields)

    def _read(self, text: str, request: GraphQLRequest, listed: bool, charge: Callable[[int], None]) -> Document:
        try:
            return self._documents.read(text, listed=listed, charge=charge)
        except InvalidDocument as error:
            if request.is_get and error.parsed is not None:
                nodes = [n for n in error.parsed.definitions if isinstance(n, OperationDefinitionNode)]
                check_method(find_operation(nodes, request.operation_name), request)
            raise

    async def _plan(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues, caller: Caller
    ) -> Plan:
        access = Access.of(caller)
        conditions = {name: variables.coerced.get(name) for name in document.conditions}
        if any(value is None and name in variables.sources for name, value in conditions.items()):
            raise UsageError(
                "a variable of @skip or @include is null",
                hint="give true or false 请填写 true 或 false",
                message_zh="@skip 或 @include 的变量不能为空",
            )
        collector = Collector(self._schema, document.fragments, conditions)
        bound: frozenset[str] = frozenset()
        if s.SELF in access.held:
            query = root_type(self._schema, operation)
            fields = collector.fields(query, (operation.selection_set,))
            bound = bound_roots(query, fields, variables, caller) | await self._own(query, fields, variables, caller)
        name = operation.name.value if operation.name else ""
        key = (document.sha256, name, access, bound, tuple(conditions.values()))
        plan = self._plans.get(key)
        if plan is None:
            self._charge(caller, document.fields)
            judge = Judge(self._options.table, access)
            planner = Planner(collector, judge, self._graph, access.active, stock=self._options.stock_only)
            plan = planner.plan(operation, bound)
            self._plans.put(key, plan, _PLAN + _PLAN_OF_FIELD * document.fields)
            self._count("miss")
        else:
            self._count("hit")
        return plan

    async def _own(
        self, query: GraphQLObjectType, fields: Fields, variables: VariableValues, caller: Caller
    ) -> frozenset[str]:
        """Response keys of ``node(id)`` that ask for a record or contract of the caller's own subject: whose it is,
        only the graph can say."""
        own = set()
        for key, (type_name, ident) in ids_asked(query, fields, variables).items():
            if caller.subject is not None and caller.subject in await self._graph.owners(type_name, ident):
                own.add(key)
        return frozenset(own)

    def _run(
        self, plan: Plan, variables: VariableValues, asking: Asking, is_get: bool, facts: Facts
    ) -> tuple[Run, list[dict[str, object]]]:
        """Checks this request's values against the plan: ranges, closed filters, cost, what may stand in an address."""
        arguments: dict[int, Mapping[str, Any]] = {}
        facts.fields = sorted({root.name for root in plan.roots})
        for root in plan.roots:
            arguments.update(coerce(root.asked, variables, self._limits))
        facts.literals = literals(plan, arguments)
        facts.subjects = asked_about(plan, arguments)
        if is_get and personal(plan, arguments, PERSONAL, PERSONAL_IDS):
            raise WrongMethod(
                "a question that names a person may not stand in an address",
                hint="send it by POST 请改用 POST",
                message_zh="涉及个人的查询不得使用 GET",
            )
        price = cost([root.select for root in plan.roots if root.select is not None], arguments)
        if price > self._limits.cost:
            raise exceeded("objects and values", self._limits.cost, "查询成本")
        self._options.spend(asking.caller.client_id, price)
        withheld = list(plan.withheld)
        refused: set[str] = set()
        for root in plan.roots:
            scope = _closed_id(root, arguments)
            if scope is not None:
                refused.add(root.key)
                withheld = [entry for entry in withheld if _path_start(entry) != root.key]
                withheld.append({"path": [root.key], "reason": "INSUFFICIENT_SCOPE", "scope": scope})
        return Run(plan, arguments, asking, frozenset(refused)), withheld

    def _count(self, outcome: str) -> None:
        if self._counter is not None:
            self._counter.labels(outcome).inc()


def _closed_id(root: Root, arguments: Mapping[int, Mapping[str, Any]]) -> str | None:
    """What would open the type that ``node(id)`` asks for, where the caller may not see that type."""
    if not root.closed_types or root.select is None:
        return None
    type_name, _ = type_and_key(arguments.get(root.select.index, {}).get("id"))
    return dict(root.closed_types).get(type_name)


def _path_start(entry: Mapping[str, object]) -> object:
    path = entry["path"]
    return path[0] if isinstance(path, list) and path else None

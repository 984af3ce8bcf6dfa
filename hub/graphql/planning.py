"""From a validated operation to a plan: fields merged, closed ones removed, each root made ready at the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
)
from graphql.language import ListValueNode, ObjectValueNode, ValueNode

from hub.graphql.arguments import plain
from hub.graphql.collect import Collector
from hub.graphql.fill import NULL, AbstractFiller, ObjectFiller
from hub.graphql.plan import Asked, Plan, Root
from hub.graphql.told import key_select, keys_wanted
from hub.graphql.verdicts import Judge, Place, Withheld
from schema import scopes as s
from schema.errors import Forbidden, HubError
from schema.fields import without_self
from schema.ports import Graph
from schema.selection import Select
from schema.types.held import TYPE_KEY
from schema.types.subgraph import SERVICE

Filler = Callable[[Any], Any]
_STOCK = ("__schema", "__type", SERVICE)


class Planner:
    """Makes one plan. ``stock`` adds the concrete type at every union and interface, as stock execution needs it."""

    def __init__(
        self, collector: Collector, judge: Judge, graph: Graph, scopes: frozenset[str], *, stock: bool = False
    ) -> None:
        self._collector = collector
        self._schema = collector.schema
        self._judge = judge
        self._graph = graph
        self._scopes = scopes - {s.LOAN}
        self._stock = stock
        self._count = 0
        self._asked: list[Asked] = []
        self._keys: frozenset[str] = frozenset()
        self._withheld: dict[tuple[str, ...], Withheld] = {}

    def plan(self, operation: OperationDefinitionNode, bound: frozenset[str]) -> Plan:
        """``bound``: response keys of root fields that ask about the subject of a ``credit:self`` token."""
        query = root_type(self._schema, operation)
        fields = self._collector.fields(query, (operation.selection_set,))
        self._stock = self._stock or any(nodes[0].name.value in _STOCK for nodes in fields.values())
        try:
            roots = tuple(self._root(query, key, nodes, key in bound) for key, nodes in fields.items())
        except HubError as error:
            return Plan((), self._shown(), denied=error, stock=self._stock)
        return Plan(roots, self._shown(), stock=self._stock)

    def _shown(self) -> tuple[dict[str, object], ...]:
        return tuple(withheld.shown() for withheld in self._withheld.values())

    def _root(self, query: GraphQLObjectType, key: str, nodes: list[FieldNode], bound: bool) -> Root:
        name = nodes[0].name.value
        place = Place(bound, False)
        if name == "__typename":
            return Root(key, name, tuple(nodes), place, constant=query.name)
        if name.startswith("__") or name == SERVICE:
            return Root(key, name, tuple(nodes), place)
        withheld = self._judge.closed(query.name, name, place, (key,))
        if withheld is not None:
            self._withheld[withheld.path] = withheld
            if is_non_null_type(query.fields[name].type):
                raise _closed(name, withheld)
            return Root(key, name, tuple(nodes), place, withheld=withheld)
        self._asked = []
        self._keys = keys_wanted(name, nodes)
        select, filler = self._field(query, key, nodes, place, (), None)
        scopes = self._scopes if bound else without_self(self._scopes)
        return Root(
            key,
            name,
            tuple(nodes),
            place,
            select=select,
            asked=tuple(self._asked),
            prepared=self._graph.prepare(select, scopes),
            filler=filler,
            closed_types=self._closed_types(query.fields[name], place),
            required=is_non_null_type(query.fields[name].type),
        )

    def _field(
        self,
        owner: GraphQLObjectType,
        key: str,
        nodes: Sequence[FieldNode],
        place: Place,
        above: tuple[str, ...],
        abstract: str | None,
    ) -> tuple[Select, Filler | None]:
        """One open field with all below it. ``abstract`` names the union or interface that ``owner`` is met in."""
        name = nodes[0].name.value
        index = self._next()
        on = owner.name if abstract is not None else None
        parent = abstract or owner.name
        if name == "__typename":
            return Select(index, key, name, parent, "String", on=on), None
        definition = owner.fields[name]
        path = (*above, key)
        if definition.args:
            self._asked.append(self._ask(index, owner.name, nodes[0], definition, place, path))
        named = get_named_type(definition.type)
        children: tuple[Select, ...] = ()
        filler: Filler | None = None
        if is_composite_type(named):
            below = place.below(owner.name, name, named.name)
            if is_abstract_type(named):
                children, filler = self._abstract(named, nodes, below, path)
            else:
                assert isinstance(named, GraphQLObjectType)
                children, filler = self._object(named, nodes, below, path, None)
        given = frozenset(argument.name.value for argument in nodes[0].arguments or ())
        return Select(index, key, name, parent, named.name, children, on, given), filler

    def _object(
        self,
        runtime: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        place: Place,
        path: tuple[str, ...],
        abstract: str | None,
    ) -> tuple[tuple[Select, ...], ObjectFiller | None]:
        selects: list[Select] = []
        keys: list[tuple[str, Any]] = []
        for key, found in self._collector.subfields(runtime, nodes).items():
            name = found[0].name.value
            withheld = None
            if name != "__typename":
                withheld = self._judge.closed(runtime.name, name, place, (*path, key))
            if withheld is not None:
                self._withheld.setdefault(withheld.path, withheld)
                keys.append((key, NULL))
                continue
            select, filler = self._field(runtime, key, found, place, path, abstract)
            selects.append(select)
            keys.append((key, filler))
        if not selects and abstract is None:
            selects.append(self._type_select(runtime, None))
        hidden = key_select(runtime.name, abstract, selects, self._keys, self._next)
        changed = any(inner is not None for _, inner in keys) or not keys or hidden is not None
        if hidden is not None:
            selects.append(hidden)  # for the log alone: the filler leaves it out of the answer
        return tuple(selects), ObjectFiller(tuple(keys)) if changed else None

    def _abstract(
        self, named: Any, nodes: Sequence[FieldNode], place: Place, path: tuple[str, ...]
    ) -> tuple[tuple[Select, ...], Filler | None]:
        selects: list[Select] = []
        parts: dict[str, tuple[tuple[Select, ...], ObjectFiller | None]] = {}
        possible = self._schema.get_possible_types(named)
        for runtime in possible:
            if self._judge.object_open(runtime.name, place):
                parts[runtime.name] = self._object(runtime, nodes, place, path, named.name)
        fillers = {name: filler for name, (_, filler) in parts.items()}
        changed = any(fillers.values()) or len(parts) < len(possible)
        marked = self._stock or changed
        for name, (inner, _) in parts.items():
            if marked or not inner:
                selects.append(self._type_select(self._schema.type_map[name], named.name))
            selects.extend(inner)
        if not changed:
            return tuple(selects), None
        return tuple(selects), AbstractFiller(
            {n: f or ObjectFiller(tuple((c.key, None) for c in parts[n][0])) for n, f in fillers.items()}
        )

    def _type_select(self, runtime: Any, abstract: str | None) -> Select:
        on = runtime.name if abstract is not None else None
        return Select(self._next(), TYPE_KEY, "__typename", abstract or runtime.name, "String", on=on)

    def _closed_types(self, definition: GraphQLField, place: Place) -> tuple[tuple[str, str], ...]:
        """Concrete types behind ``node(id)`` that the caller may not see at all, with what would open them."""
        named = get_named_type(definition.type)
        if not is_abstract_type(named):
            return ()
        below = place.below("Query", "node", named.name)
        return tuple(
            (runtime.name, self._judge.scopes_of(runtime.name, "id"))
            for runtime in self._schema.get_possible_types(named)
            if not self._judge.object_open(runtime.name, below)
        )

    def _ask(
        self,
        index: int,
        owner: str,
        node: FieldNode,
        definition: GraphQLField,
        place: Place,
        path: tuple[str, ...],
    ) -> Asked:
        name = node.name.value
        constant = None
        if not any(_has_variable(argument.value) for argument in node.arguments or ()):
            try:
                constant = plain(get_argument_values(definition, node))
            except GraphQLError:
                constant = None  # said again, with its place, when the request is answered
        return Asked(
            index, owner, name, path, node, definition, constant, self._forbidden(owner, name, definition, place)
        )

    def _forbidden(self, owner: str, name: str, definition: GraphQLField, place: Place) -> frozenset[str]:
        closed: set[str] = set()
        for argument, declared in definition.args.items():
            if not self._judge.may_ask_by(f"{owner}.{name}({argument})", place):
                closed.add(argument)
            named = get_named_type(declared.type)
            if isinstance(named, GraphQLInputObjectType):
                closed.update(
                    f"{argument}.{field}"
                    for field in named.fields
                    if not self._judge.may_ask_by(f"{named.name}.{field}", place)
                )
        return frozenset(closed)

    def _next(self) -> int:
        self._count += 1
        return self._count


def root_type(schema: GraphQLSchema, operation: OperationDefinitionNode) -> GraphQLObjectType:
    """``Query`` or ``Mutation``; a validated document has no other."""
    found = schema.get_root_type(operation.operation)
    assert found is not None
    return found


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(_has_variable(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(field.value) for field in value.fields)
    return False


def _closed(name: str, withheld: Withheld) -> Forbidden:
    """A closed root field that may not be null takes the whole answer with it."""
    return Forbidden(
        f"{name} is not open to this token here",
        hint=f"ask with one of: {withheld.scope}; see docs/scopes.md 请更换权限",
        message_zh="无权查询",
    )

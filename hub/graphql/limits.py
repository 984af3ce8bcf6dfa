"""Limits of a document, each linear in its text: nothing here or behind it expands a fragment twice.

What a fragment contributes is worked out once, innermost first, so that nested fragments cost their text only; a
document past a limit is refused before it is validated, since validation compares fields pairwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.language import DirectiveNode

from schema.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may ask. ``cost`` counts ten for an object and one for a value, multiplied through lists.

    Tokens and fields bound the work of reading and planning a new document. They are above those of the largest that
    hubs, gateways and GraphiQL ask (220 fields, 260 tokens); a listed document is read once and may have more.
    """

    body_bytes: int = 262_144
    tokens: int = 600
    depth: int = 16
    fields: int = 300
    breadth: int = 200
    repeats: int = 5
    aliases: int = 60
    directives: int = 100
    directives_at_one_place: int = 4
    operations: int = 20
    fragments: int = 60
    variables: int = 100
    values: int = 5_000
    string: int = 4_096
    cost: int = 500_000
    errors: int = 10

    def listed(self) -> Limits:
        """Those of trusted documents."""
        return replace(self, tokens=6 * self.tokens, fields=10 * self.fields)


@dataclass(frozen=True, slots=True)
class Extent:
    """What a selection set comes to with its fragments in place. ``top`` counts fields of the set itself."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    top: int = 0


def exceeded(what: str, limit: int, what_zh: str) -> LimitExceeded:
    return LimitExceeded(
        f"the document has too many or too deep {what}: the limit is {limit}",
        hint="ask less at once: several smaller questions are answered 请拆分为较小的查询",
        message_zh=f"{what_zh}超过上限 {limit}",
    )


def check_document(document: DocumentNode, limits: Limits) -> int | None:
    """Raises LimitExceeded. The fields of all operations; None where fragments run in a circle (validation says
    where)."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    _at_most(len(operations), limits.operations, "operations", "操作数")
    _at_most(
        sum(isinstance(n, FragmentDefinitionNode) for n in document.definitions),
        limits.fragments,
        "fragments",
        "片段数",
    )
    _directives(document, limits)
    order = _innermost_first(fragments)
    if order is None:
        return None
    extents: dict[str, Extent] = {}
    for name in order:
        extents[name] = _extent(fragments[name].selection_set, extents, limits)
        _within(extents[name], limits)
    total = 0
    for operation in operations:
        _at_most(len(operation.variable_definitions or ()), limits.variables, "variables", "变量数")
        extent = _extent(operation.selection_set, extents, limits)
        _within(extent, limits)
        total += extent.fields
        _at_most(total, limits.fields, "fields", "字段数")
    return total


def _at_most(count: int, limit: int, what: str, what_zh: str) -> None:
    if count > limit:
        raise exceeded(what, limit, what_zh)


def _within(extent: Extent, limits: Limits) -> None:
    _at_most(extent.depth, limits.depth, "levels of fields", "查询深度")
    _at_most(extent.fields, limits.fields, "fields", "字段数")
    _at_most(extent.aliases, limits.aliases, "aliases", "别名数")


def _extent(selection_set: SelectionSetNode, extents: Mapping[str, Extent], limits: Limits) -> Extent:
    fields = aliases = depth = top = 0
    seen: dict[str, int] = {}
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            key = (node.alias or node.name).value
            seen[key] = seen.get(key, 0) + 1
            _at_most(seen[key], limits.repeats, "repetitions of one field", "重复字段数")
            inner = _extent(node.selection_set, extents, limits) if node.selection_set else Extent()
            fields += 1 + inner.fields
            aliases += (node.alias is not None) + inner.aliases
            depth = max(depth, 1 + inner.depth)
            top += 1
        else:
            if isinstance(node, InlineFragmentNode):
                inner = _extent(node.selection_set, extents, limits)
            else:
                assert isinstance(node, FragmentSpreadNode)
                inner = extents.get(node.name.value, Extent())
            fields += inner.fields
            aliases += inner.aliases
            depth = max(depth, inner.depth)
            top += inner.top
    _at_most(top, limits.breadth, "fields side by side", "同级字段数")
    return Extent(fields, aliases, depth, top)


def _innermost_first(fragments: Mapping[str, FragmentDefinitionNode]) -> list[str] | None:
    """The fragments so that each comes after those it spreads; None where they run in a circle."""
    needs = {
        name: {spread for spread in _spreads(node.selection_set) if spread in fragments}
        for name, node in fragments.items()
    }
    wanted_by: dict[str, list[str]] = {name: [] for name in fragments}
    for name, spreads in needs.items():
        for spread in spreads:
            wanted_by[spread].append(name)
    ready = [name for name, spreads in needs.items() if not spreads]
    order: list[str] = []
    while ready:
        name = ready.pop()
        order.append(name)
        for user in wanted_by[name]:
            needs[user].discard(name)
            if not needs[user]:
                ready.append(user)
    return order if len(order) == len(fragments) else None


def _spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    stack = [selection_set]
    while stack:
        for node in stack.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                stack.append(node.selection_set)


def _directives(document: DocumentNode, limits: Limits) -> None:
    total = 0
    for place in _places(document):
        _at_most(len(place), limits.directives_at_one_place, "directives at one place", "单处指令数")
        total += len(place)
        _at_most(total, limits.directives, "directives", "指令数")


def _places(document: DocumentNode) -> Iterator[Sequence[DirectiveNode]]:
    stack: list[SelectionSetNode] = []
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            continue
        yield definition.directives or ()
        for variable in definition.variable_definitions or ():
            yield variable.directives or ()
        stack.append(definition.selection_set)
    while stack:
        for node in stack.pop().selections:
            yield node.directives or ()
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                stack.append(node.selection_set)

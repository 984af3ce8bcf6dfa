"""Which fields a selection has for one concrete type, merged by response key (GraphQL specification, 6.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import DirectiveNode, NamedTypeNode

Fields = dict[str, list[FieldNode]]


class Collector:
    """Collects for one document and one set of values of the variables that @skip and @include look at."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self._fragments = fragments
        self._conditions = conditions

    def fields(self, runtime: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]) -> Fields:
        """Field nodes by response key, in the order in which the answer has them."""
        found: Fields = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            self._visit(runtime, selection_set, found, visited)
        return found

    def subfields(self, runtime: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Fields:
        return self.fields(runtime, (node.selection_set for node in nodes if node.selection_set is not None))

    def _visit(
        self, runtime: GraphQLObjectType, selection_set: SelectionSetNode, found: Fields, visited: set[str]
    ) -> None:
        for node in selection_set.selections:
            if not self._included(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node.type_condition, runtime):
                    self._visit(runtime, node.selection_set, found, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None and self._applies(fragment.type_condition, runtime):
                    self._visit(runtime, fragment.selection_set, found, visited)

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            if directive.name.value == "skip" and self._condition(directive):
                return False
            if directive.name.value == "include" and not self._condition(directive):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        value = (directive.arguments or ())[0].value
        if isinstance(value, VariableNode):
            return bool(self._conditions[value.name.value])
        assert isinstance(value, BooleanValueNode)
        return value.value

    def _applies(self, condition: NamedTypeNode | None, runtime: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == runtime.name:
            return True
        named = self.schema.get_type(condition.name.value)
        if named is None or not is_abstract_type(named):
            return False
        abstract: GraphQLAbstractType = named
        return self.schema.is_sub_type(abstract, runtime)


def condition_names(nodes: Iterable[SelectionSetNode]) -> tuple[str, ...]:
    """The variables that decide what is skipped or included in these selection sets, fragments not followed."""
    names: set[str] = set()
    stack = list(nodes)
    while stack:
        for node in stack.pop().selections:
            for directive in node.directives or ():
                if directive.name.value in ("skip", "include"):
                    names.update(
                        a.value.name.value for a in directive.arguments or () if isinstance(a.value, VariableNode)
                    )
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                stack.append(node.selection_set)
    return tuple(sorted(names))

"""Documents by their text: parsed, limited and validated once, then kept in a bounded cache."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoFragmentCyclesRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule

from hub.graphql import faults
from hub.graphql.collect import condition_names
from hub.graphql.limits import Limits, check_document, exceeded
from schema.types.subgraph import SERVICE

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_KEPT_TEXT = 32_768
LONGEST_NUMBER = 1000
_LONG_NUMBER = re.compile(rf"[0-9]{{{LONGEST_NUMBER + 1}}}")


class Lru(Generic[K, V]):
    """The most recently used items, at most ``size`` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._items[key] = value
        if len(self._items) > self._size:
            self._items.popitem(last=False)

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. ``conditions`` are the variables that @skip and @include look at, anywhere in it."""

    sha256: str
    ast: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: dict[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]


class InvalidDocument(Exception):
    """Does not parse or does not fit the schema; ``faults`` say where. ``parsed`` is kept to tell a mutation."""

    def __init__(self, found: list[faults.Fault], parsed: DocumentNode | None = None) -> None:
        super().__init__(found[0]["message"])
        self.faults = found
        self.parsed = parsed


class NoServiceRule(ValidationRule):
    """``_service`` tells the whole schema, so it is closed where introspection is."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.context.get_parent_type()
        if node.name.value == SERVICE and parent is not None and parent is self.context.schema.query_type:
            message = (
                f"Introspection is off here, but the document asks for '{SERVICE}': compose from docs/schema.graphql."
            )
            self.report_error(GraphQLError(message, node))


class Documents:
    """Reads documents. Invalid ones are never kept, so that nobody can push valid ones out of the cache cheaply."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, size: int = 512) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._rules = list(specified_rules)
        if MaxIntrospectionDepthRule not in self._rules:
            self._rules.append(MaxIntrospectionDepthRule)
        if not introspection:
            self._rules += [NoSchemaIntrospectionCustomRule, NoServiceRule]
        self._kept: Lru[str, Document] = Lru(size)

    def read(self, text: str) -> Document:
        """Raises LimitExceeded or InvalidDocument."""
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        ast = self._parse(text)
        document = self._checked(text, ast)
        if len(text) <= _KEPT_TEXT:
            self._kept.put(text, document)
        return document

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        if _LONG_NUMBER.search(text):
            raise exceeded("digits of a number", LONGEST_NUMBER, "数字位数")
        try:
            return parse(text, max_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLError as error:
            if faults.is_limit(error):
                if "nested" in error.message:
                    raise exceeded("levels of brackets", limits.depth, "括号层数") from None
                raise exceeded("tokens", limits.tokens, "词元数") from None
            raise InvalidDocument([faults.of_graphql(error, unexpected=False)]) from None

    def _checked(self, text: str, ast: DocumentNode) -> Document:
        acyclic = check_document(ast, self._limits)
        rules = self._rules if acyclic else [NoFragmentCyclesRule]
        errors = validate(
            self._schema, ast, rules, max_errors=self._limits.errors, hide_suggestions=not self._introspection
        )
        if errors:
            raise InvalidDocument([faults.of_graphql(error, unexpected=False) for error in errors], ast)
        operations = tuple(node for node in ast.definitions if isinstance(node, OperationDefinitionNode))
        fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
        conditions = condition_names(node.selection_set for node in (*operations, *fragments.values()))
        return Document(hashlib.sha256(text.encode()).hexdigest(), ast, operations, fragments, conditions)

"""Documents by their text: parsed, limited and validated once, then kept in a bounded cache."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
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
ROOM = 16 * 1024 * 1024  # bytes of documents that are kept
_WEIGHT, _WEIGHT_OF_CHARACTER = 20_000, 150  # bytes that a parsed document takes, measured
LONGEST_NUMBER = 1000
_LONG_NUMBER = re.compile(rf"[0-9]{{{LONGEST_NUMBER + 1}}}")


class Lru(Generic[K, V]):
    """The most recently used items: at most ``size`` of them, and as many as fit into ``room`` bytes."""

    def __init__(self, size: int, room: int) -> None:
        self._size = size
        self._room = room
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.bytes = 0

    def get(self, key: K) -> V | None:
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """``weight`` is about what it takes in memory, bytes."""
        replaced = self._items.pop(key, None)
        self._items[key] = (value, weight)
        self.bytes += weight - (replaced[1] if replaced else 0)
        while len(self._items) > self._size or self.bytes > self._room:
            self.bytes -= self._items.popitem(last=False)[1][1]

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. ``conditions`` are the variables that @skip and @include look at, anywhere in it; ``fields``
    counts the fields of all operations with their fragments written out."""

    sha256: str
    ast: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: dict[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    fields: int


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
        self._kept: Lru[str, Document] = Lru(size, ROOM)

    def read(self, text: str, *, listed: bool = False, charge: Callable[[int], None] = lambda fields: None) -> Document:
        """Raises LimitExceeded or InvalidDocument. ``listed``: a trusted document, which may be larger. ``charge`` is
        told the fields of a document that is not kept, before the dear part of the work; it may refuse."""
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        limits = self._limits.listed() if listed else self._limits
        document = self._checked(text, self._parse(text, limits), limits, charge)
        self._kept.put(text, document, _WEIGHT + _WEIGHT_OF_CHARACTER * len(text))
        return document

    def _parse(self, text: str, limits: Limits) -> DocumentNode:
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

    def _checked(self, text: str, ast: DocumentNode, limits: Limits, charge: Callable[[int], None]) -> Document:
        fields = check_document(ast, limits)
        charge(fields or 0)
        rules = self._rules if fields is not None else [NoFragmentCyclesRule]
        errors = validate(self._schema, ast, rules, max_errors=limits.errors, hide_suggestions=not self._introspection)
        if errors:
            raise InvalidDocument([faults.of_graphql(error, unexpected=False) for error in errors], ast)
        operations = tuple(node for node in ast.definitions if isinstance(node, OperationDefinitionNode))
        fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
        conditions = condition_names(node.selection_set for node in (*operations, *fragments.values()))
        return Document(hashlib.sha256(text.encode()).hexdigest(), ast, operations, fragments, conditions, fields or 0)

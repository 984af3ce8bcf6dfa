"""Random documents that are valid by construction: aliases, fragments, unions, directives, variables."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from asking import CODE, OTHER
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphs import schema

FIRM_ID = "U3ViamVjdDo5MTMyMDQwMFhZMDAwMDAxMjM"  # Subject:CODE
_LEAVES: dict[str, list[tuple[str, Any]]] = {
    "USCC": [(f'"{CODE}"', CODE), (f'"{OTHER}"', OTHER), (f'"{CODE.lower()}"', CODE.lower())],
    "ID": [('"UmVjb3JkOjE"', "UmVjb3JkOjE"), (f'"{FIRM_ID}"', FIRM_ID), (f'"{FIRM_ID}"', FIRM_ID)],
    "String": [('"银行"', "银行"), ('"x"', "x")],
    "Int": [("1", 1), ("3", 3)],
    "_Any": [
        (f'{{__typename: "Subject", code: "{code}"}}', {"__typename": "Subject", "code": code})
        for code in (CODE, OTHER, "x")
    ],
    "Boolean": [("true", True), ("false", False)],
    "Date": [('"2026-11-01"', "2026-11-01"), ("null", None)],
    "DateTime": [('"2026-11-01T08:00:00+08:00"', "2026-11-01T08:00:00+08:00")],
}


@dataclass
class Generator:
    """One document and its variables."""

    rng: random.Random
    roots: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    count: int = 0

    def document(self) -> str:
        query = schema().query_type
        assert query is not None
        roots = self.rng.sample(self.roots or sorted(query.fields), self.rng.randint(1, 3))
        body = " ".join(self._field("Query", name, query.fields[name], 4, fresh=True) for name in roots)
        if self.rng.random() < 0.3:
            body += " __typename"
        if self.rng.random() < 0.3:
            body = f"... on Query {{ {body} }}"
        head = f"query Q({', '.join(self.declared)})" if self.declared else "query Q"
        return " ".join([f"{head} {{ {body} }}", *self.fragments])

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _field(self, owner: str, name: str, definition: GraphQLField, depth: int, *, fresh: bool) -> str:
        arguments = self._arguments(definition)
        alias = f"a{self._next()}: " if fresh or arguments else ""
        named = get_named_type(definition.type)
        inner = f" {self._selection(named, depth - 1)}" if is_composite_type(named) else ""
        return f"{alias}{name}{arguments}{self._directive()}{inner}"

    def _selection(self, named: Any, depth: int) -> str:
        if is_abstract_type(named):
            return self._abstract(named, depth)
        names = [n for n, d in named.fields.items() if depth > 0 or not is_composite_type(get_named_type(d.type))]
        if not names:
            return "{ __typename }"
        parts = []
        for name in self.rng.choices(names, k=self.rng.randint(1, 4)):
            parts.append(self._field(named.name, name, named.fields[name], depth, fresh=self.rng.random() < 0.3))
        parts += ["__typename"] * (self.rng.random() < 0.3)
        return "{ " + " ".join(self._wrapped(named.name, part) for part in parts) + " }"

    def _abstract(self, named: Any, depth: int) -> str:
        parts = ["__typename"] * (self.rng.random() < 0.5)
        if "id" in getattr(named, "fields", {}) and self.rng.random() < 0.5:
            parts.append("id")
        possible = list(schema().get_possible_types(named))
        for runtime in self.rng.sample(possible, self.rng.randint(1, len(possible))):
            kinds = {n: get_named_type(d.type) for n, d in runtime.fields.items()}
            leaves = [n for n, kind in kinds.items() if depth > 0 or not is_composite_type(kind)]
            fields = [
                self._field(runtime.name, n, runtime.fields[n], depth, fresh=True)
                for n in self.rng.choices(leaves, k=2)
            ]
            parts.append(self._fragment(runtime.name, " ".join(fields)))
        self.rng.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def _wrapped(self, owner: str, part: str) -> str:
        return self._fragment(owner, part) if self.rng.random() < 0.2 else part

    def _fragment(self, owner: str, body: str) -> str:
        kind = self.rng.random()
        if kind < 0.5:
            return f"... on {owner}{self._directive()} {{ {body} }}"
        name = f"F{self._next()}"
        self.fragments.append(f"fragment {name} on {owner} {{ {body} }}")
        return f"...{name}{self._directive()}" + (f" ...{name}" if kind > 0.9 else "")

    def _directive(self) -> str:
        if self.rng.random() > 0.12:
            return ""
        name = self.rng.choice(("skip", "include"))
        value = self.rng.random() < (0.2 if name == "skip" else 0.8)
        if self.rng.random() < 0.5:
            return f" @{name}(if: {str(value).lower()})"
        variable = f"v{self._next()}"
        self.declared.append(f"${variable}: Boolean!")
        self.variables[variable] = value
        return f" @{name}(if: ${variable})"

    def _arguments(self, definition: GraphQLField) -> str:
        given = []
        for name, argument in definition.args.items():
            if isinstance(argument.type, GraphQLNonNull) or self.rng.random() < 0.3:
                given.append(f"{name}: {self._argument(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, kind: Any) -> str:
        text, value = self._value(kind)
        if self.rng.random() < 0.4:
            variable = f"v{self._next()}"
            if self.rng.random() < 0.3 and value is not None:
                self.declared.append(f"${variable}: {kind} = {text}")
            else:
                self.declared.append(f"${variable}: {kind}")
                self.variables[variable] = value
            return f"${variable}"
        return text

    def _value(self, kind: Any) -> tuple[str, Any]:
        if isinstance(kind, GraphQLNonNull):
            text, value = self._value(kind.of_type)
            return (text, value) if value is not None else self._value(kind)
        if isinstance(kind, GraphQLList):
            items = [self._value(kind.of_type) for _ in range(self.rng.randint(0, 3))]
            return "[" + ", ".join(text for text, _ in items) + "]", [value for _, value in items]
        if isinstance(kind, GraphQLEnumType):
            name = self.rng.choice(list(kind.values))
            return name, name
        if isinstance(kind, GraphQLInputObjectType):
            names = self.rng.sample(list(kind.fields), self.rng.randint(0, min(3, len(kind.fields))))
            found = {name: self._value(kind.fields[name].type) for name in names}
            text = "{" + ", ".join(f"{name}: {t}" for name, (t, _) in found.items()) + "}"
            return text, {name: value for name, (_, value) in found.items()}
        return self.rng.choice(_LEAVES[kind.name])

"""Makers of common columns: a property as it is, an open end or an absent text as null, ids, names, nested objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graph_loaders.reader.codegen import Inline
from graph_loaders.reader.columns import Column, Convert, each
from graph_loaders.reader.composer import Composer, Maker, Node
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading, global_id
from schema.selection import Select
from schema.times import OPEN_DATE, OPEN_INSTANT, us_to_iso

# Surnames of two characters, of which a mask keeps both.
_PAIRS = (
    "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒司空夏侯端木南宫长孙宇文轩辕百里呼延闻人申屠濮阳太史澹台公冶宗政"
    "淳于单于钟离赫连鲜于闾丘西门拓跋独孤"
)
_DOUBLE_SURNAMES = frozenset(_PAIRS[i : i + 2] for i in range(0, len(_PAIRS), 2))


def masked(name: str) -> str:
    """A natural person's name with only the surname left: 张三丰 → 张**."""
    keep = 2 if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES else 1
    return name[:keep] + "*" * max(len(name) - keep, 1)


open_to_none = Inline(lambda value, _names: f"(None if {value} == {OPEN_DATE!r} else {value})")
blank_to_none = Inline(lambda value, _names: f"({value} or None)")


def instant_text(value: Any, _reading: Reading) -> Any:
    return None if value is None or value >= OPEN_INSTANT else us_to_iso(value)


def mask(value: Any, _reading: Reading) -> Any:
    return masked(value) if value else None


def prop(name: str, convert: Convert | None = None) -> Maker:
    """A property of the node, as it is or converted."""

    def make(_composer: Composer, node: Node, _select: Select) -> Column:
        return Column(f"{node.variable}.{name}", convert)

    return make


def text(name: str) -> Maker:
    """A text that is "" when absent."""
    return prop(name, blank_to_none)


def day(name: str) -> Maker:
    """A date that may be open."""
    return prop(name, open_to_none)


def node_id(type_name: str, key: str) -> Maker:
    return prop(key, Inline(lambda value, names: f"{names.name(global_id)}({type_name!r}, {value})"))


def constant(expression: str) -> Maker:
    def make(_composer: Composer, _node: Node, _select: Select) -> Column:
        return Column(expression)

    return make


def piece(name: str, convert: Convert | None = None) -> Maker:
    """An expression of its own file, about the node alone."""

    def make(composer: Composer, node: Node, _select: Select) -> Column:
        return Column(fragment(name, composer.number(), node=node.variable), convert)

    return make


def one(name: str, word: str, type_name: str | None = None) -> Maker:
    """A nested object in its own subquery, whose piece binds ``v_<word>``."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        number = composer.number()
        inner = composer.columns(type_name or select.type, Node(own(word, number)), select.children)
        return Column(fragment(name, number, node=node.variable, columns=inner.expression), inner.shape)

    return make


def many(
    name: str,
    word: str,
    near: Callable[[int], Mapping[str, str]] | None = None,
    parts: Callable[[str], Mapping[str, str]] | None = None,
) -> Maker:
    """A nested list in its own subquery; ``near`` gives further variables of the piece by the use's number, ``parts``
    its further holes by the listed object's variable."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        number = composer.number()
        bound = Node(own(word, number), near(number) if near else {})
        inner = composer.columns(select.type, bound, select.children)
        more = parts(bound.variable) if parts else {}
        text = fragment(name, number, node=node.variable, columns=inner.expression, **more)
        return Column(text, each(inner.shape))

    return make


def inline(type_name: str, near: str | None = None) -> Maker:
    """A nested object of a node that is bound already: the node itself, or one bound near it."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        inner = composer.columns(type_name, node if near is None else Node(node.near[near]), select.children)
        return Column(inner.expression, inner.shape)

    return make

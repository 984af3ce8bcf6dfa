"""Amounts: CNY as a decimal string; the unit is always CNY, since 万元 were converted when loading."""

from __future__ import annotations

from typing import Any

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Maker, Node
from graph_loaders.reader.reading import Reading
from schema.selection import Select

UNIT = "CNY"
_FIXED = {"unit": UNIT, "__typename": "Money"}


def money(name: str) -> Maker:
    """A property with an amount, "" for none."""

    def make(_composer: Composer, node: Node, select: Select) -> Column:
        template = [(child.key, _FIXED.get(child.name)) for child in select.children]
        values = [child.key for child in select.children if child.name == "value"]

        def convert(value: Any, _reading: Reading) -> Any:
            if not value:
                return None
            shown: dict[str, Any] = dict(template)
            for key in values:
                shown[key] = value
            return shown

        return Column(f"{node.variable}.{name}", convert)

    return make

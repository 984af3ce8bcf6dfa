"""Amounts: CNY as a decimal string; the unit is always CNY, since 万元 were converted when loading."""

from __future__ import annotations

from graph_loaders.reader.codegen import Inline, entries
from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Maker, Node
from schema.selection import Select

UNIT = "CNY"
_SHOWN = {"value": "VALUE", "unit": repr(UNIT), "__typename": "'Money'"}


def money(name: str) -> Maker:
    """A property with an amount, "" for none."""

    def make(_composer: Composer, node: Node, select: Select) -> Column:
        items = [(child.key, _SHOWN.get(child.name, "None")) for child in select.children]
        convert = Inline(f"({entries(items)} if VALUE else None)")
        return Column(f"{node.variable}.{name}", convert)

    return make

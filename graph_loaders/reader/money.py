"""Amounts: CNY as a decimal string; the unit is always CNY, since 万元 were converted when loading."""

from __future__ import annotations

from graph_loaders.reader.codegen import Inline, Names
from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Maker, Node
from schema.selection import Select

UNIT = "CNY"
_SHOWN = {"unit": repr(UNIT), "__typename": "'Money'"}


def money(name: str) -> Maker:
    """A property with an amount, "" for none."""

    def make(_composer: Composer, node: Node, select: Select) -> Column:
        def code(value: str, names: Names) -> str:
            shown = {**_SHOWN, "value": value}
            items = [(child.key, shown.get(child.name, "None")) for child in select.children]
            return f"({names.entries(items)} if {value} else None)"

        return Column(f"{node.variable}.{name}", Inline(code))

    return make

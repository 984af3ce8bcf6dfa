"""Which records an ending ends: those of its number, on the firm that it names. Never another's.

An ending says a number, often a firm, and an authority, which may be the one that repairs and not the one that decided.
So the number and the firm bind; the authority only chooses where several decisions bear the number. What stays open
ends nothing and is told (``Ending.unbound``). The rules are a function of what is held, so the order of loading does
not matter: whenever a record or an ending of a number changes, its endings are bound anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.steady import read_page, run_steps
from graph_loaders.load.version import Clock
from graph_loaders.statements import statement
from graph_loaders.transform.endings import NO_RECORD
from schema.times import OPEN_INSTANT

PAGE = 2_000  # numbers looked at in one statement
OTHER_FIRM, BEFORE_DECISION, AMBIGUOUS = "other_firm", "before_decision", "ambiguous"

Row = Mapping[str, Any]


def bound_to(ending: Row, records: Sequence[Row]) -> tuple[str, str]:
    """Ids of the records that an ending ends, in order and joined by blanks, and "" or why there are none.

    ``ending``: ``code`` and ``compared`` (the firm, "" where it names none), ``by`` (its authority), ``on``.
    ``records`` are held under the same number: ``id code by decided_on names`` (names of the firm as compared).
    """
    if not records:
        return "", NO_RECORD
    found = [record for record in records if record["decided_on"] <= ending["on"]]
    if not found:
        return "", BEFORE_DECISION
    if ending["code"]:
        found = [record for record in found if record["code"] == ending["code"]]
    elif ending["compared"]:
        found = [record for record in found if ending["compared"] in record["names"]]
    if not found:
        return "", OTHER_FIRM
    if len({(record["code"], record["by"]) for record in found}) > 1:
        found = [record for record in found if ending["by"] and record["by"] == ending["by"]]
        if len({record["code"] for record in found}) != 1:
            return "", AMBIGUOUS
    return " ".join(sorted(record["id"] for record in found)), ""


async def bind_endings(engine: Engine, clock: Clock, forms: Iterable[str]) -> None:
    """Binds the held endings of these numbers to the held records of them. Safe to repeat."""
    ordered = sorted(set(forms) - {""})
    for start in range(0, len(ordered), PAGE):
        values = {"forms": ordered[start : start + PAGE], "open": OPEN_INSTANT}
        rows = await read_page(engine, statement("write/binding"), values)
        if changed := list(_changed(rows)):
            await run_steps(engine, [(statement("write/bind"), {"rows": changed, "now": clock.tick()})])


def _changed(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    for row in rows:
        for ending in row["endings"]:
            ends, unbound = bound_to(ending, row["records"])
            if (ends, unbound) != (ending["ends"], ending["unbound"]):
                yield {"vid": ending["vid"], "ends": ends, "unbound": unbound}

"""Pages of cases that have a state and a last day, newest first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import select

from hub.acts.inputs import usable_code
from hub.acts.model import Written
from hub.acts.room import Given, Standing
from hub.acts.rows import page
from hub.acts.tables import acts
from schema.ports import Asking

SOME = 200  # cases folded at a time


async def cases_page(
    standing: Standing,
    name: str,
    made: str,
    decided: str,
    given: Given,
    asking: Asking,
    shown: Callable[[list[Written]], dict[str, Any] | None],
) -> Any:
    """A connection of the cases whose first act is of kind ``made``, by the filter ``{subject state dueBefore}``.

    ``shown`` gives the full value with ``state`` and ``dueOn``. Raises UsageError for a code or cursor that is none.
    """
    client, first = asking.caller.client_id, given.get("first") or 20
    filter_ = {key: value for key, value in (given.get("filter") or {}).items() if value is not None}
    bound = hashlib.sha256(orjson.dumps([client, name, filter_], option=orjson.OPT_SORT_KEYS)).hexdigest()
    query = select(acts).where(acts.c.kind == made, acts.c.step == 0)
    if filter_.get("subject"):
        query = query.where(acts.c.subject == usable_code(filter_["subject"]))
    before = int(standing.unseal(given["after"], bound)) if given.get("after") else None
    found: list[tuple[Written, dict[str, Any]]] = []
    while len(found) <= first:
        part = query if before is None else query.where(acts.c.seq < before)
        rows = await standing.journal.acts(part.order_by(acts.c.seq.desc()).limit(SOME))
        cases = await standing.journal.cases([row.case for row in rows])
        for row in rows:
            value = shown(cases[row.case])
            if value is not None and _wanted(value, cases[row.case][-1].kind == decided, filter_):
                found.append((row, value))
        if len(rows) < SOME:
            break
        before = rows[-1].seq
    return page(
        found,
        first,
        lambda one: one[1],
        lambda one: standing.seal(str(one[0].seq), bound),
        after=bool(given.get("after")),
    )


def _wanted(value: dict[str, Any], done: bool, filter_: dict[str, Any]) -> bool:
    if filter_.get("state") and value["state"] != filter_["state"]:
        return False
    return not filter_.get("dueBefore") or (not done and value["dueOn"] < filter_["dueBefore"])

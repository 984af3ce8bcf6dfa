"""The record that a case is about: read when the case is made, and again at each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.acts.room import Given, Standing
from hub.acts.rows import Ref, RefReader, own_numbers
from schema.documents import document_form
from schema.errors import Conflict, NotFound, NotPossible
from schema.ports import Asking, Graph, PersonTokens
from schema.scopes import OPERATE
from schema.selection import Arguments, Select

SCOPES = frozenset((OPERATE,))
FIELDS = "kind listType tier documentNumber authority decidedOn lastDay state"
ONE = f"""query One($id: ID!, $asOf: Date) {{ node(id: $id, asOf: $asOf) {{
 __typename ... on Record {{ id {FIELDS} subject {{ code }} }} }} }}"""
ALL = """query All($code: USCC!, $after: String, $asOf: Date) { subject(code: $code, asOf: $asOf) {
 records(first: 200, after: $after) { nodes { id documentNumber } pageInfo { hasNextPage endCursor } } } }"""


async def record_of(standing: Standing, named: str, day: str, asking: Asking) -> dict[str, Any]:
    """What a case keeps of a record: ``id kind listType tier document authority decidedOn lastDay state code``.

    Raises NotFound for what is no record held here, Conflict for one that is void, GraphUnavailable.
    """
    found = (await standing.ask(ONE, SCOPES, {"id": named, "asOf": day}, asking))["node"]
    if found is None or found["__typename"] != "Record" or not (found["subject"] or {}).get("code"):
        raise NotFound(
            "there is no such record here",
            hint="give Record.id of a record that stands 请检查记录标识",
            message_zh="记录不存在",
        )
    if found["state"] in ("REVOKED", "CORRECTED"):
        raise Conflict(
            f"the record is void: {found['state']}",
            hint="what is void needs nothing further 该记录已无效",
            message_zh="记录已无效",
        )
    kept = {
        name: found[name] for name in ("id", "kind", "listType", "tier", "authority", "decidedOn", "lastDay", "state")
    }
    return {**kept, "document": found["documentNumber"] or "", "code": found["subject"]["code"]}


async def alone_under_its_number(standing: Standing, record: Given, day: str, asking: Asking) -> None:
    """An ending says a number and a firm; so it may be said by the hub only where they mean one record.

    Raises NotPossible otherwise: what ends one record may never lift what another supports.
    """
    form, after = document_form(record["document"]), None
    while True:
        given = {"code": record["code"], "after": after, "asOf": day}
        page = ((await standing.ask(ALL, SCOPES, given, asking))["subject"] or {}).get("records")
        for node in (page or {}).get("nodes") or ():
            if node["id"] != record["id"] and document_form(node["documentNumber"] or "") == form:
                raise NotPossible(
                    f"several records of this firm bear the number {record['document'][:80]!r}",
                    hint="the authority that made them ends the right one in its own files 请由作出机关处理",
                    message_zh="同一文号下有多条记录，不能在此办理",
                )
        if page is None or not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def ending(record: Given, word: str, on: str, authority: str) -> dict[str, str]:
    """A row of a file of endings about a record."""
    row = {"document": record["document"], "ending": word, "on": on, "authority": authority, "code": record["code"]}
    return row


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record, by its global id."""

    id: str


def record_reader(select: Select, graph: Graph, scopes: frozenset[str], persons: PersonTokens) -> RefReader:
    """``node`` for each; null where the asker may not see it now."""
    number, _ = own_numbers(select)
    children = tuple(replace(child, parent="Node", on="Record") for child in select.children)
    made = Select(number, "n", "node", "Query", "Node", children, given=frozenset({"id"}))
    prepared = graph.prepare(made, scopes)

    async def read(refs: Sequence[Any], arguments: Arguments, asking: Asking) -> Mapping[Ref, Any]:
        async def one(ref: RecordRef) -> Any:
            return await prepared({**arguments, number: {"id": ref.id}}, asking)

        return dict(zip(refs, await asyncio.gather(*map(one, refs)), strict=True))

    return read

"""``held``: the records and ratings of some subjects as ``credit:mutual`` opens them, flat, in the order asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation.documents import RATING, RECORD
from federation.shape import pick
from hub.federated.gate import Gate
from hub.federated.internal import InternalDocument
from schema.ports import Asking, Graph
from schema.scopes import MUTUAL
from schema.selection import Arguments, Select

PAGE = f"nodes {{ {RECORD} }} pageInfo {{ hasNextPage endCursor }}"
SUBJECTS = f"""query Subjects($codes: [String!]!, $asOf: Date, $knownAt: DateTime) {{
 subjects(codes: $codes, asOf: $asOf, knownAt: $knownAt) {{
  code subject {{ records(first: 200) {{ {PAGE} }} ratings {{ {RATING} }} }} }}
}}"""
MORE = f"""query More($code: USCC!, $after: String, $asOf: Date, $knownAt: DateTime) {{
 subject(code: $code, asOf: $asOf, knownAt: $knownAt) {{ records(first: 200, after: $after) {{ {PAGE} }} }}
}}"""
SCOPES = frozenset((MUTUAL,))


class HeldFacts:
    """Reads them from the hub's own graph: one statement, and one more for every 200 records of one subject."""

    def __init__(self, graph: Graph) -> None:
        self._subjects = InternalDocument(SUBJECTS, SCOPES, graph)
        self._more = InternalDocument(MORE, SCOPES, graph)

    async def __call__(
        self, codes: list[str], asking: Asking, times: Mapping[str, Any]
    ) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """``times``: ``asOf`` and ``knownAt`` where they were given."""
        rows = (await self._subjects({"codes": codes, **times}, asking))["subjects"]
        return [
            (code, await self._facts(code, row["subject"], asking, times))
            for code, row in zip(codes, rows, strict=True)
        ]

    async def _facts(
        self, code: str, subject: Mapping[str, Any] | None, asking: Asking, times: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        if subject is None:
            return []
        page = subject["records"]
        records = list(page["nodes"])
        while page["pageInfo"]["hasNextPage"]:
            after = {"code": code, "after": page["pageInfo"]["endCursor"], **times}
            page = (await self._more(after, asking))["subject"]["records"]
            records += page["nodes"]
        return [*records, *subject["ratings"]]


def times_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The times of a question as variables of an internal document."""
    times: dict[str, Any] = {}
    if given.get("asOf") is not None:
        times["asOf"] = given["asOf"]
    if given.get("knownAt") is not None:
        times["knownAt"] = given["knownAt"].isoformat()
    return times


class HeldRoot:
    def __init__(self, root: Select, graph: Graph, region: str, gate: Gate) -> None:
        self._root = root
        self._held = HeldFacts(graph)
        self._region = region
        self._gate = gate

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        given = arguments[self._root.index]
        opens = self._gate.opened(asking.caller, str(given.get("asOf") or asking.as_of))
        rows = await self._held(list(given["codes"]), asking, times_of(given))
        if opens is not None:
            rows = [(code, [fact for fact in facts if opens(fact)]) for code, facts in rows]
        full = [
            {"__typename": "HeldFacts", "region": self._region, "code": code, "facts": facts} for code, facts in rows
        ]
        return pick(self._root.children, full)

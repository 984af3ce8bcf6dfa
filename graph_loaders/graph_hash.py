"""One number for all facts that a hub holds now: equal for equal facts, whatever the order of loading or the engine.

Each fact enters as the SHA-256 of a JSON array: its label, then the values of the properties named in ``PROPERTIES``
(``ROLES``: also the subject's code, and the holder as token or code). Both valid times are among them; recorded times,
runs, files, rows, ids made of other properties, and what is only the source's way of writing (amounts and shares as
given) are not. The sum modulo 2**256 does not depend on the order, so facts are read page by page and memory stays
bounded. It tells equal graphs from unequal ones; it is no commitment against somebody who chooses facts to collide.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import orjson

from graph_loaders.engine import Engine
from graph_loaders.statements import statement
from schema.times import OPEN_INSTANT

PAGE = 2_000
WITHIN = 60.0  # seconds for one page
VALID = ("valid_from", "valid_to")

PROPERTIES: dict[str, tuple[str, ...]] = {
    "SubjectState": ("code", "name", "kind", "region", "status", "established_on", "registrar"),
    "Record": (
        *("kind", "list_type", "tier", "document", "code", "name_as_given", "authority", "authority_code"),
        *("decided_on", "until", "until_computed", "term_rule", "ground", "basis", "category", "content", "amount"),
        *("licence_name", "licence_number", "adverse"),
    ),
    "Ending": ("document", "kind", "on", "authority"),
    "Lift": ("document", "token", "on", "authority"),
    "Contract": (
        *("number", "title", "field", "amount", "signed_on", "due_on", "completed_on", "status_given"),
        *("party_a", "party_a_name", "party_b", "party_b_name"),
    ),
    "Commitment": ("number", "kind", "matter", "code", "name_as_given", "made_on", "due_on", "kept_on", "status_given"),
    "Rating": ("code", "scale", "score", "grade", "rated_on", "issuer"),
    "Complaint": ("number", "code", "received_at", "received_on", "matter"),
}
ROLES: dict[str, tuple[str, ...]] = {"REPRESENTS": ("name",), "HOLDS": ("name", "share")}


async def graph_hash(engine: Engine) -> str:
    """64 hex digits. Hold the load lock (shared) to hash one state of the graph."""
    total = 0
    for label, properties in PROPERTIES.items():
        async for fact in _nodes(engine, label):
            total += _number(label, (fact.get(name) for name in (*properties, *VALID)))
    for relation, properties in ROLES.items():
        async for row in _roles(engine, relation):
            ends = (row["code"], row["token"], row["adult_on"], row["holder_code"])
            total += _number(relation, (*ends, *(row["fact"].get(name) for name in (*properties, *VALID))))
    return f"{total % 2**256:064x}"


def _number(label: str, values: Iterable[Any]) -> int:
    return int.from_bytes(hashlib.sha256(orjson.dumps([label, *values])).digest(), "big")


async def _nodes(engine: Engine, label: str) -> AsyncIterator[dict[str, Any]]:
    text = statement("hash/nodes").replace(":FACT", f":{label}")
    after = ""
    while True:
        values = {"after": after, "limit": PAGE, "open": OPEN_INSTANT}
        rows = await engine.read(text, values, timeout=WITHIN, name="graph_hash")
        for row in rows:
            yield row["fact"]
        if len(rows) < PAGE:
            return
        after = rows[-1]["fact"]["vid"]


async def _roles(engine: Engine, relation: str) -> AsyncIterator[dict[str, Any]]:
    text = statement("hash/roles").replace(":ROLE", f":{relation}")
    after = ""
    while True:
        values = {"after": after, "limit": PAGE, "open": OPEN_INSTANT}
        rows = await engine.read(text, values, timeout=WITHIN, name="graph_hash")
        for row in rows:
            if row["fact"] is not None:
                yield row
        if not rows:
            return
        after = max(row["code"] for row in rows)

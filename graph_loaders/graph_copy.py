"""The whole graph as lines of JSON and back, by Bolt: the same on every engine, whatever it was written with.

Each line is ``{"node": label, "rows": [properties]}`` or ``{"relation": [kind, from, to], "rows": [[from key, to key,
properties]]}``. Hold the load lock, so that one state is written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import orjson

from graph_loaders.engine import Engine
from graph_loaders.statements import statement
from schema.errors import ServiceError, UsageError

PAGE = 2_000
WITHIN = 120.0  # seconds for one page
KEYS = {
    "Subject": "code",
    "SubjectState": "vid",
    "Person": "token",
    "Record": "vid",
    "Document": "number",
    "Ending": "vid",
    "Lift": "vid",
    "Contract": "vid",
    "Commitment": "vid",
    "Rating": "vid",
    "Complaint": "vid",
    "Region": "code",
    "LoadRun": "id",
    "DataVersion": "name",
    "SchemaVersion": "name",
}
RELATIONS = (
    ("STATE_OF", "SubjectState", "Subject"),
    ("REPRESENTS", "Person", "Subject"),
    ("HOLDS", "Person", "Subject"),
    ("HOLDS", "Subject", "Subject"),
    ("ABOUT", "Record", "Subject"),
    ("ABOUT", "Commitment", "Subject"),
    ("ABOUT", "Rating", "Subject"),
    ("CONCERNS", "Complaint", "Subject"),
    ("DECIDED_IN", "Record", "Document"),
    ("ENDS", "Ending", "Document"),
    ("LIFTS", "Lift", "Document"),
    ("FOR", "Lift", "Person"),
    ("PARTY_TO", "Subject", "Contract"),
    ("WITHIN", "Region", "Region"),
)


async def graph_lines(engine: Engine) -> AsyncIterator[bytes]:
    """The graph, line by line. Raises ServiceError where it holds something of a kind that is not listed here."""
    nodes = relations = 0
    for label, key in KEYS.items():
        async for rows in _pages(engine, _put(statement("backup/nodes"), label, key), key):
            nodes += len(rows)
            yield _line({"node": label, "rows": [row["fact"] for row in rows]})
    for kind, source, target in RELATIONS:
        text = _put(statement("backup/relations"), source, KEYS[source], kind, target)
        async for rows in _pages(engine, text, None):
            found = [[row["source"], row["target"], row["fact"]] for row in rows if row["target"] is not None]
            relations += len(found)
            if found:
                yield _line({"relation": [kind, source, target], "rows": found})
    for name, copied in (("nodes", nodes), ("relations", relations)):
        (counted,) = await engine.read(statement(f"backup/count_{name}"), timeout=WITHIN, name="backup")
        if counted["found"] != copied:
            raise ServiceError(
                f"the graph has {counted['found']} {name}, {copied} of them are of kinds that a backup knows",
                hint="remove what other programs wrote into this database, or back it up with the graph's own tools",
            )


async def put_graph(engine: Engine, lines: Iterable[bytes]) -> None:
    """Write a copy into an empty graph. Raises UsageError where there is something, or a line is none of a copy."""
    (counted,) = await engine.read(statement("backup/count_nodes"), timeout=WITHIN, name="restore")
    if counted["found"] > 1:  # the mark of the schema's version
        raise UsageError("the graph is not empty", hint="restore into an empty data folder or database")
    for line in lines:
        try:
            part = orjson.loads(line)
            if "node" in part:
                label, key = part["node"], KEYS[part["node"]]
                rows: list[Any] = [{"key": fact[key], "fact": fact} for fact in part["rows"]]
                text = _put(statement("backup/put_nodes"), label, key)
            else:
                kind, source, target = part["relation"]
                if (kind, source, target) not in RELATIONS:
                    raise ValueError(f"an unknown relation {kind}")
                rows = [{"source": row[0], "target": row[1], "fact": row[2]} for row in part["rows"]]
                text = _put(statement("backup/put_relations"), source, KEYS[source], kind, target)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise UsageError(f"not a copy of a graph: {error!r}", hint="give a folder made by backup") from None
        await engine.write(text, {"rows": rows}, timeout=WITHIN, name="restore", idempotent=False)


def _put(text: str, label: str, key: str, kind: str = "", other: str = "") -> str:
    """Labels and keys of the tables above, never of a client, in place of their names."""
    if other:
        text = text.replace("OTHERKEY", KEYS[other]).replace(":OTHER", f":{other}").replace(":ROLE", f":{kind}")
    return text.replace(":FACT", f":{label}").replace("KEYNAME", key)


def _line(part: dict[str, Any]) -> bytes:
    return orjson.dumps(part) + b"\n"


async def _pages(engine: Engine, text: str, key: str | None) -> AsyncIterator[list[dict[str, Any]]]:
    after: str | None = ""
    while after is not None:
        rows = await engine.read(text, {"after": after, "limit": PAGE}, timeout=WITHIN, name="backup")
        if rows:
            yield rows
        last = None if not rows else rows[-1]["source"] if key is None else rows[-1]["fact"][key]
        after = last if (len(rows) >= PAGE if key else bool(rows)) else None

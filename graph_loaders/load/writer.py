"""Writes facts: each batch is one transaction, from the identities over the claims to what is held."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.steady import Step, run_steps
from graph_loaders.load.tables import ROLES, TABLES, on_nodes, on_roles
from graph_loaders.load.version import Clock
from graph_loaders.statements import statement
from graph_loaders.transform.reading import compared_name
from schema.errors import LimitExceeded, TimedOut
from schema.times import OPEN_INSTANT

BATCH = 5_000  # facts in one transaction
SMALLEST = 200  # a batch is halved down to this when the graph is too slow for its time limit

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
ROLE_ENDS = ("role", "code", "token", "adult_on", "holder_code")


class Writer:
    """Facts of one load run. ``snapshot``: they are only noted; ``snapshot.finish`` makes them the claims."""

    def __init__(self, engine: Engine, clock: Clock, run: str, key_id: str, *, snapshot: bool = False) -> None:
        self._engine = engine
        self._clock = clock
        self._run = run
        self._key_id = key_id
        self._snapshot = snapshot

    async def write(self, facts: Mapping[str, Sequence[Row]]) -> None:
        """``facts``: rows by label of ``TABLES``, and under ``Role`` those of relations. Safe to repeat."""
        everything = [(label, row) for label, rows in facts.items() for row in rows]
        for start in range(0, len(everything), BATCH):
            await self._write(everything[start : start + BATCH])

    async def _write(self, batch: Sequence[tuple[str, Row]]) -> None:
        steps = list(self._steps(batch, self._clock.tick()))
        try:
            await run_steps(self._engine, steps)
        except (TimedOut, LimitExceeded):
            if len(batch) <= SMALLEST:
                raise
            log.warning("the graph is slow: batch of %d facts halved", len(batch))
            half = len(batch) // 2
            await self._write(batch[:half])
            await self._write(batch[half:])

    def _steps(self, batch: Sequence[tuple[str, Row]], now: int) -> Iterator[Step]:
        by_label: dict[str, list[Row]] = {}
        for label, row in batch:
            by_label.setdefault(label, []).append(row)
        if states := by_label.get("SubjectState"):
            by_label["SubjectState"] = [{**row, "compared": compared_name(row["name"])} for row in states]
        roles = by_label.pop("Role", [])
        yield from self._identities(by_label, roles)
        for label, rows in by_label.items():
            yield from self._nodes(label, rows, now)
        for relation in ROLES:
            yield from self._roles(relation, [row for row in roles if row["role"] == relation], now)
        if not self._snapshot:
            codes = {row["code"] for row in by_label.get("SubjectState", ())}
            for relation, table in ROLES.items():
                touched = {row["code"] for row in roles if row["role"] == relation} | (codes if table.split else set())
                yield from settle_roles(relation, touched, now)

    def _identities(self, by_label: Mapping[str, list[Row]], roles: Sequence[Row]) -> Iterator[Step]:
        codes: set[str] = {code for row in roles for code in (row["code"], row["holder_code"])}
        documents: set[str] = set()
        persons: dict[str, dict[str, str]] = {}
        for rows in by_label.values():
            first = rows[0]
            codes.update(row[name] for name in ("code", "party_a", "party_b") if name in first for row in rows)
            if "document" in first:
                documents.update(row["document"] for row in rows)
        for row in (*roles, *by_label.get("Lift", ())):
            if token := row["token"]:
                known = persons.setdefault(token, {"token": token, "name": "", "adult_on": row["adult_on"]})
                name = row.get("name", "")
                if name and (not known["name"] or name < known["name"]):
                    known["name"] = name
        if found := sorted(codes - {""}):
            yield statement("write/subjects"), {"codes": found}
        if found := sorted(documents - {""}):
            yield statement("write/documents"), {"numbers": found}
        if persons:
            rows_ = [persons[token] for token in sorted(persons)]
            yield statement("write/persons"), {"rows": rows_, "key_id": self._key_id}

    def _nodes(self, label: str, rows: Sequence[Row], now: int) -> Iterator[Step]:
        keys = distinct(row["code"] if label == "SubjectState" else row["key"] for row in rows)
        if self._snapshot:
            yield on_nodes("nodes_seen", label), {"rows": rows, "now": now, "run": self._run}
        else:
            values = {"rows": rows, "now": now, "open": OPEN_INSTANT, "run": self._run}
            yield on_nodes("nodes", label), values
            yield on_nodes("settle", label), {"keys": keys, "now": now, "open": OPEN_INSTANT}
        for link in TABLES[label].links:
            yield on_nodes(link, label), {"keys": keys}

    def _roles(self, relation: str, roles: Sequence[Row], now: int) -> Iterator[Step]:
        ends = "_seen" if self._snapshot else ""
        values: dict[str, Any] = {"now": now, "run": self._run}
        if not self._snapshot:
            values["open"] = OPEN_INSTANT
        for holder, name in (("token", "person"), ("holder_code", "subject")):
            rows = [_role(row, holder) for row in roles if row[holder]]
            if rows:
                yield on_roles(f"roles_{name}{ends}", relation), {"rows": rows, **values}


def settle_roles(relation: str, codes: Iterable[str], now: int) -> Iterator[Step]:
    if found := distinct(codes):
        values = {"codes": found, "split": ROLES[relation].split, "now": now, "open": OPEN_INSTANT}
        yield on_roles("settle_roles", relation), values


def distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _role(row: Row, holder: str) -> dict[str, Any]:
    properties = {name: value for name, value in row.items() if name not in ROLE_ENDS}
    if row["role"] == "REPRESENTS":
        properties.pop("share", None)
        properties.pop("share_given", None)
    return {"code": row["code"], "holder": row[holder], "vid": row["vid"], "properties": properties}

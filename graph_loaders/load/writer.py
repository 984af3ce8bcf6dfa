"""Writes facts: each batch is one transaction, from the identities over the claims to what is held."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.binding import bind_endings
from graph_loaders.load.findings import Findings
from graph_loaders.load.steady import Step, run_steps
from graph_loaders.load.tables import ROLES, TABLES, on_nodes, on_roles
from graph_loaders.load.version import Clock
from graph_loaders.statements import statement
from schema.errors import LimitExceeded, TimedOut
from schema.names import compared_name
from schema.times import OPEN_INSTANT

BATCH = 5_000  # facts in one transaction
SMALLEST = 200  # a batch is halved down to this when the graph is too slow for its time limit

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
Told = tuple[str, Mapping[str, Any], Callable[[Sequence[Row]], None] | None]
"""A step, and who is told what it returned."""

ROLE_ENDS = ("role", "code", "token", "adult_on", "holder_code")


class Writer:
    """Facts of one load run. ``snapshot``: they are only noted; ``snapshot.finish`` makes them the claims."""

    def __init__(self, engine: Engine, clock: Clock, run: str, key_id: str, *, snapshot: bool = False) -> None:
        self._engine = engine
        self._clock = clock
        self._run = run
        self._key_id = key_id
        self._snapshot = snapshot
        self.findings = Findings()
        self.endings: dict[str, set[str]] = {"Ending": set(), "Lift": set()}  # ids of versions that this run has read

    async def write(self, facts: Mapping[str, Sequence[Row]]) -> None:
        """``facts``: rows by label of ``TABLES``, and under ``Role`` those of relations. Safe to repeat."""
        everything = [(label, row) for label, rows in facts.items() for row in rows]
        for start in range(0, len(everything), BATCH):
            await self._write(everything[start : start + BATCH])

    async def _write(self, batch: Sequence[tuple[str, Row]]) -> None:
        now = self._clock.tick()
        steps = list(self._steps(batch, now))
        try:
            results = await run_steps(self._engine, [(text, values) for text, values, _ in steps])
        except (TimedOut, LimitExceeded):
            if len(batch) <= SMALLEST:
                raise
            log.warning("the graph is slow: batch of %d facts halved", len(batch))
            half = len(batch) // 2
            await self._write(batch[:half])
            await self._write(batch[half:])
            return
        for (_, _, tell), rows in zip(steps, results, strict=True):
            if tell is not None:
                tell(rows)
        for label, vids in self.endings.items():
            vids.update(row["vid"] for one, row in batch if one == label)
        if not self._snapshot:
            forms = (row["form"] for label, row in batch if label in ("Record", "Ending"))
            await bind_endings(self._engine, self._clock, forms)

    def _steps(self, batch: Sequence[tuple[str, Row]], now: int) -> Iterator[Told]:
        by_label: dict[str, list[Row]] = {}
        for label, row in batch:
            by_label.setdefault(label, []).append(row)
        if states := by_label.get("SubjectState"):
            by_label["SubjectState"] = [{**row, "compared": compared_name(row["name"])} for row in states]
        roles = by_label.pop("Role", [])
        yield from _untold(self._identities(by_label, roles))
        for label, rows in by_label.items():
            yield from self._nodes(label, rows, now)
        for relation in ROLES:
            yield from _untold(self._roles(relation, [row for row in roles if row["role"] == relation], now))
        if not self._snapshot:
            codes = {row["code"] for row in by_label.get("SubjectState", ())}
            for relation, table in ROLES.items():
                touched = {row["code"] for row in roles if row["role"] == relation} | (codes if table.split else set())
                yield from _untold(settle_roles(relation, touched, now))
                if touched and not table.split:
                    yield rivals_of_roles(relation, touched, self._run, self.findings)

    def _identities(self, by_label: Mapping[str, list[Row]], roles: Sequence[Row]) -> Iterator[Step]:
        codes: set[str] = {code for row in roles for code in (row["code"], row["holder_code"])}
        documents: set[str] = set()
        persons: dict[str, dict[str, str]] = {}
        for label, rows in by_label.items():
            first = rows[0]
            codes.update(row[name] for name in ("code", "party_a", "party_b") if name in first for row in rows)
            if label in ("Record", "Ending", "Lift"):
                documents.update(row["form"] for row in rows)
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
            rows_ = [{**persons[token], "compared": compared_name(persons[token]["name"])} for token in sorted(persons)]
            yield statement("write/persons"), {"rows": rows_, "key_id": self._key_id}

    def _nodes(self, label: str, rows: Sequence[Row], now: int) -> Iterator[Told]:
        keys = distinct(row["code"] if label == "SubjectState" else row["key"] for row in rows)
        if self._snapshot:
            yield on_nodes("nodes_seen", label), {"rows": rows, "now": now, "run": self._run}, None
        else:
            values = {"rows": rows, "now": now, "open": OPEN_INSTANT, "run": self._run}
            yield on_nodes("nodes", label), values, lambda found: self._again(label, found)
            yield on_nodes("settle", label), {"keys": keys, "now": now, "open": OPEN_INSTANT}, None
            yield rivals_of_nodes(label, keys, self._run, self.findings)
        for link in TABLES[label].links:
            yield on_nodes(link, label), {"keys": keys}, None

    def _again(self, label: str, found: Sequence[Row]) -> None:
        for row in found:
            self.findings.again(label, row["again"])

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


def rivals_of_nodes(label: str, keys: Sequence[str], run: str, findings: Findings) -> Told:
    values = {"keys": keys, "run": run, "open": OPEN_INSTANT}
    return on_nodes("rivals", label), values, lambda found: findings.rivals(label, found)


def rivals_of_roles(relation: str, codes: Iterable[str], run: str, findings: Findings) -> Told:
    values = {"codes": distinct(codes), "run": run, "open": OPEN_INSTANT}
    return on_roles("rivals_roles", relation), values, lambda found: findings.rivals(relation, found)


def _untold(steps: Iterable[Step]) -> Iterator[Told]:
    for text, values in steps:
        yield text, values, None


def distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _role(row: Row, holder: str) -> dict[str, Any]:
    properties = {name: value for name, value in row.items() if name not in ROLE_ENDS}
    properties["compared"] = compared_name(row["name"])
    if row["role"] == "REPRESENTS":
        properties.pop("share", None)
        properties.pop("share_given", None)
        properties.pop("part", None)
    return {"code": row["code"], "holder": row[holder], "vid": row["vid"], "properties": properties}

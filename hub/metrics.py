"""Prometheus metrics of one hub. Labels never carry a client's or a subject's identity, nor what was asked: from the
name of a root field or the refusal of a missing case anybody would see that an investigator is at work.

With several workers the values are shared through files (prometheus_client's multiprocess mode), so any worker
answers ``/metrics`` for all.
"""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """All instruments in one registry, so that two hubs in one process don't share them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        add: dict[str, Any] = {"registry": self.registry, "namespace": "credit_hub"}
        self.requests = Counter("requests_total", "Requests by path and status", ["path", "status"], **add)
        self.request_seconds = Histogram("request_seconds", "Time of a request", ["path"], buckets=_BUCKETS, **add)
        self.graph_seconds = Histogram("graph_seconds", "Time of a statement", ["work"], buckets=_BUCKETS, **add)
        self.ledger_seconds = Histogram("ledger_seconds", "Time to commit an entry", buckets=_BUCKETS, **add)
        self.plans = Counter("plans_total", "Plan cache: hit, miss, or stock execution", ["outcome"], **add)
        self.refused = Counter("refused_total", "Refusals by code", ["code"], **add)
        self.peer_seconds = Histogram("peer_seconds", "Time of a peer's answer", ["region"], buckets=_BUCKETS, **add)
        self.peer_answers = Counter("peer_answers_total", "Peers' answers by status", ["region", "status"], **add)
        words = "Persons that a neighbour had exchanged or asked about", ["region", "kind"]
        self.person_elements = Counter("person_elements_total", *words, **add)
        words = "Alarms about the persons that a neighbour asks for", ["region", "kind"]
        self.person_alarms = Counter("person_alarms_total", *words, **add)
        self.rows = Gauge(
            "source_rows", "Rows of the last load by kind and outcome", ["kind", "outcome"], **add | _LAST
        )
        self.loaded = Gauge("source_loaded_timestamp_seconds", "Last load by kind", ["kind"], **add | _LAST)

    def observe_statement(self, name: str, seconds: float) -> None:
        """By what it was for: a question of a client whatever it asked, or the hub's own work by its kind."""
        folder, inner, _ = name.partition("/")
        self.graph_seconds.labels(folder if inner and folder in _OWN_WORK else "question").observe(seconds)

    def count_refusal(self, code: str) -> None:
        self.refused.labels(code if code in _SHOWN else "OTHER").inc()

    def observe_peer(self, region: str, status: str, seconds: float) -> None:
        self.peer_answers.labels(region, status).inc()
        self.peer_seconds.labels(region).observe(seconds)

    def text(self) -> bytes:
        """The exposition format, of all workers where there are several."""
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self.registry)


_OWN_WORK = frozenset(("loads", "write", "federation", "hash", "rotate", "schema"))
_SHOWN = frozenset(
    (
        "UNAUTHENTICATED",
        "LIMIT_EXCEEDED",
        "BAD_USER_INPUT",
        "GRAPH_UNAVAILABLE",
        "LEDGER_UNAVAILABLE",
        "TIMEOUT",
        "INTERNAL",
    )
)
_LAST: dict[str, Any] = {"multiprocess_mode": "mostrecent"}

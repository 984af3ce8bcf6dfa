"""What an engine needs to know: where the graph is, and within which limits it answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

EMBEDDED = "embedded"
DEFAULT_DATABASE = "neo4j"


class GraphSettings(Protocol):
    """The settings read here; the hub's ``Settings`` has them all."""

    @property
    def graph(self) -> str: ...
    @property
    def graph_user(self) -> str: ...
    @property
    def graph_password_file(self) -> Path | None: ...
    @property
    def graph_database(self) -> str: ...
    @property
    def graph_heap_mb(self) -> int: ...
    @property
    def graph_timeout(self) -> float: ...
    @property
    def data(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class GraphConfig:
    """``url`` is ``embedded`` or a Bolt address; ``timeout`` is the longest time of one statement in seconds.

    The embedded engine has the heap (``heap_mb``, MB) of whoever starts it.
    """

    data: Path
    url: str = EMBEDDED
    user: str = "neo4j"
    password_file: Path | None = None
    database: str = ""
    heap_mb: int = 1024
    timeout: float = 10.0

    @property
    def is_embedded(self) -> bool:
        return self.url == EMBEDDED

    @classmethod
    def of(cls, settings: GraphSettings) -> GraphConfig:
        return cls(
            data=settings.data,
            url=settings.graph,
            user=settings.graph_user,
            password_file=settings.graph_password_file,
            database=settings.graph_database,
            heap_mb=settings.graph_heap_mb,
            timeout=settings.graph_timeout,
        )

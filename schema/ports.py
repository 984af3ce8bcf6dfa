"""Ports: what one package needs of another without importing it. ``hub`` joins them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from schema.caller import Caller
from schema.selection import Arguments, Select


@dataclass(slots=True)
class Performing:
    """One mutation under way. ``key`` is its ``Idempotency-Key``; ``content`` tells it from another under the same key
    (SHA-256 over body, purpose and case); ``digest`` and ``target`` are the request's, for the log.

    Filled while it is performed: ``receipt`` (id of the act's receipt; None until it is on the disk), ``fresh`` (the
    request's DPoP proof was used up with the act), ``replayed``, and ``pending`` (the graph does not hold it yet).
    """

    key: str
    content: str
    digest: str
    method: str = "POST"
    target: str = ""
    receipt: str | None = None
    fresh: bool = False
    replayed: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """One request as the graph sees it: who asks, and today (ISO date, or ``HUB_AS_OF``), the default of ``asOf``.
    ``lacking`` is where a root field says which city that was asked its answer lacks (``lacks``).
    ``performing``: the mutation, if it is one."""

    caller: Caller
    as_of: str
    lacking: list[dict[str, Any]] = field(default_factory=list, compare=False)
    performing: Performing | None = field(default=None, compare=False)

    def lacks(self, key: str, region: str, status: str) -> None:
        """The root field of this response key lacks a region's word; once for each."""
        entry = {"path": [key], "region": region, "status": status}
        if entry not in self.lacking:
            self.lacking.append(entry)


class Prepared(Protocol):
    """A root field made ready once for a document and a scope set: one statement, one shaping function."""

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        """The response-shaped, JSON-ready value of the root field: keys are response keys in selection order."""


class Graph(Protocol):
    """The city's graph, read by whole root fields. Implemented by ``graph_loaders.reader``."""

    def prepare(self, root: Select, scopes: frozenset[str]) -> Prepared: ...

    async def owners(self, type_name: str, key: str) -> frozenset[str]:
        """Codes of the subjects whose own a record or contract is, by its key; none for other types or unknown keys."""

    async def data_version(self) -> str:
        """Changes with every load; cheap (cached, at most one second old)."""


class PersonTokens(Protocol):
    """Tokens of persons (RFC 9497 ristretto255 group elements under the hub's secret key)."""

    def token(self, number: str) -> str:
        """The hub's own token of an ID number, hex. CPU-bound: about 0.1 ms."""

    def for_client(self, token: str, client_id: str) -> str:
        """The token as this client sees it (AES-SIV, deterministic per client), base64url."""

    def from_client(self, shown: str, client_id: str) -> str:
        """Back again. Raises UsageError when it was not made for this client."""


class TermRules(Protocol):
    """Publication terms by date (policy data)."""

    def last_day(self, decided_on: str, tier: str) -> tuple[str, str]:
        """The computed last day of publication of a penalty without one, and the rule's id."""


class CodedWords(Protocol):
    """What sources' own words and numbers for coded columns mean (policy data)."""

    def meaning(self, column: str, kind: str, text: str) -> str | None:
        """The value of ``tier``, ``status`` or ``use`` in files of a kind; None for a text that is not understood."""


class ListTypes(Protocol):
    """Which lists are adverse and which are honours (policy data)."""

    def is_award(self, list_type: str) -> bool: ...

    def known(self, list_type: str) -> bool: ...

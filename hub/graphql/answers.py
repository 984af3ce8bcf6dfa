"""The answer of one request, as bytes, with what the log needs to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from hub.graphql.faults import Fault
from hub.graphql.requests import JSON, RESPONSE_JSON
from schema.errors import HubError
from schema.ports import Performing

_MOST = 90_000  # bytes of an answer that holds errors only


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """``facts``: ``data_version``, ``subject`` (the one asked about), ``detail`` (operation, root fields, subjects,
    document hash), ``discloses`` (subject codes asked about, and what was told of besides) and ``variables``. Of a
    mutation also ``follows``, the act's receipt, and ``proof_used``: the request's proof was used up with the act."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Further:
    """What an answer has beside its data: ``extensions`` and response headers."""

    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


NOTHING = Further()


@dataclass(slots=True)
class Facts:
    """Filled while answering, so that a refusal is logged with what was known by then."""

    operation: str = ""
    document: str = ""
    data_version: str = ""
    fields: Iterable[str] = ()
    subjects: Iterable[str] = ()
    told: Iterable[str] = ()
    performing: Performing | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    literals: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        subjects = list(self.subjects)
        return {
            "data_version": self.data_version,
            "subject": subjects[0] if subjects else None,
            "detail": {
                "operation": self.operation,
                "fields": list(self.fields),
                "subjects": subjects,
                "document": self.document,
            },
            "discloses": [*subjects, *self.told],
            "follows": self.performing.receipt if self.performing else None,
            "proof_used": bool(self.performing and self.performing.fresh),
            "variables": self._asked_with(),
        }

    def _asked_with(self) -> dict[str, Any] | None:
        """What the question was asked with: variables as sent, and arguments that the document itself has."""
        found = {"variables": self.variables, "literals": self.literals}
        return {name: value for name, value in found.items() if value} or None


def answered(
    media: str,
    data: dict[str, Any] | None,
    errors: Sequence[Fault],
    withheld: Sequence[dict[str, object]],
    facts: dict[str, Any],
    status: int = 200,
    incomplete: Sequence[dict[str, object]] = (),
    further: Further = NOTHING,
) -> GraphQLAnswer:
    """An answer of execution: ``data`` is there even where it is null. ``incomplete``: which city each field lacks."""
    body: dict[str, Any] = {"data": data}
    if errors:
        body["errors"] = list(errors)
    extensions = dict(further.extensions)
    if withheld:
        extensions["withheld"] = list(withheld)
    if incomplete:
        extensions["incomplete"] = list(incomplete)
    if extensions:
        body["extensions"] = extensions
    return GraphQLAnswer(status, f"{media}; charset=utf-8", orjson.dumps(body), further.headers, facts)


def refused(
    media: str,
    errors: Sequence[Fault],
    facts: dict[str, Any],
    status: int | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> GraphQLAnswer:
    """A request that was not executed. By default 400, or 200 where only application/json is understood, as the
    GraphQL-over-HTTP specification has it for clients of old."""
    if status is None:
        status = 400 if media == RESPONSE_JSON else 200
    kept = list(errors)
    body = orjson.dumps({"errors": kept})
    while len(body) > _MOST and len(kept) > 1:
        kept.pop()
        body = orjson.dumps({"errors": kept})
    return GraphQLAnswer(status, f"{media}; charset=utf-8", body, headers, facts)


def malformed(media: str, fault: Fault, error: HubError) -> GraphQLAnswer:
    """Not a GraphQL request at all: its own status, whatever is accepted."""
    headers = (("Allow", "GET, POST"),) if error.status == 405 else ()
    return refused(media or JSON, [fault], {}, error.status, headers)

"""Errors as the answer shows them: one shape, a stable code, what to do; nothing from inside.

An unexpected exception becomes INTERNAL with an id that the log has too. Messages are cut, so that an error body
stays small whatever the request says.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from schema.errors import HubError
from schema.masking import mask_person_ids

LOG = logging.getLogger("hub.graphql")
_MESSAGE = 600
_HINT = "compare the document with the schema, docs/schema.graphql 请对照接口定义检查查询"

Fault = dict[str, Any]


class PlacedError(Exception):
    """An expected error with the place in the document that it belongs to."""

    def __init__(self, error: HubError, path: Sequence[str] = (), nodes: Sequence[Any] = ()) -> None:
        super().__init__(error.message)
        self.error = error
        self.path = tuple(path)
        self.nodes = tuple(nodes)


def of_hub(error: HubError, path: Sequence[str | int] = (), nodes: Sequence[Any] = ()) -> Fault:
    """An expected error, optionally at a place of the answer and of the document."""
    message = f"{error.message} {error.message_zh}".strip()
    fault: Fault = {"message": message[:_MESSAGE]}
    if nodes:
        located = GraphQLError("", list(nodes)).locations
        if located:
            fault["locations"] = [place.formatted for place in located]
    if path:
        fault["path"] = list(path)
    fault["extensions"] = error.extensions()
    return fault


def of_graphql(error: GraphQLError, *, unexpected: bool = True) -> Fault:
    """An error of graphql-core: a fault of the document, or what a resolver raised."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, PlacedError):
        original = original.error
    if isinstance(original, HubError):
        return of_hub(original, error.path or (), error.nodes or ())
    if unexpected and original is not None and not isinstance(original, GraphQLError):
        return of_unexpected(original, error.path or (), error.nodes or ())
    fault: Fault = {"message": _cut(error.message)}
    if error.locations:
        fault["locations"] = [place.formatted for place in error.locations[:4]]
    if error.path:
        fault["path"] = list(error.path)
    fault["extensions"] = {"code": "BAD_USER_INPUT", "hint": _HINT}
    return fault


def of_unexpected(error: BaseException, path: Sequence[str | int] = (), nodes: Sequence[Any] = ()) -> Fault:
    """Anything else: the client gets an id, the log gets the traceback."""
    incident = uuid.uuid4().hex[:12]
    LOG.error("unexpected error %s", incident, exc_info=error)
    shown = HubError(
        f"the hub failed while answering (id {incident})",
        hint="ask again; if it stays, tell the operator this id 请重试，或将编号告知运维",
        message_zh="内部错误",
    )
    return of_hub(shown, path, nodes)


def is_limit(error: GraphQLError) -> bool:
    """True for the parser's refusals of size and nesting, which it words as syntax errors."""
    return isinstance(error, GraphQLSyntaxError) and any(
        text in error.message for text in ("Parsing aborted", "nested too deeply", "exceeds")
    )


def _cut(message: str) -> str:
    message = mask_person_ids(message, free=True)
    return message if len(message) <= _MESSAGE else message[: _MESSAGE - 1] + "…"

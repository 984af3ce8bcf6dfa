"""What one request brings to a prepared statement: who asks, its arguments, and the values made from them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph_loaders.reader.cursors import Cursors
from schema.errors import UsageError
from schema.fields import PERSONS
from schema.ports import Asking, PersonTokens
from schema.selection import Arguments
from schema.times import OPEN_INSTANT, instant_to_us

NO_ARGUMENTS: Mapping[str, Any] = {}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def global_id(type_name: str, key: str) -> str:
    """The Relay global id: base64url of ``Type:key``, without padding."""
    raw = binascii.b2a_base64(f"{type_name}:{key}".encode(), newline=False)
    return raw.translate(_URL_SAFE, b"=").decode("ascii")


def parse_global_id(value: str) -> tuple[str, str] | None:
    """Type and key of a global id; None for what is not one (an unknown id is not an error)."""
    if len(value) > 1000:
        return None
    try:
        text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    type_name, colon, key = text.partition(":")
    if not colon or global_id(type_name, key) != value.rstrip("="):
        return None
    return type_name, key


class Reading:
    """One request at one root field. ``values`` are the statement's parameters by name, without ``$``."""

    __slots__ = (
        "_shown",
        "_viewer",
        "arguments",
        "asking",
        "client_id",
        "cursors",
        "noted",
        "scopes",
        "times_given",
        "tokens",
        "values",
    )

    def __init__(
        self, asking: Asking, arguments: Arguments, scopes: str, tokens: PersonTokens, cursors: Cursors
    ) -> None:
        self.asking = asking
        self.client_id = asking.caller.client_id
        self.arguments = arguments
        self.scopes = scopes
        self.tokens = tokens
        self.cursors = cursors
        self.times_given: tuple[Any, Any] = (None, None)
        self.values: dict[str, Any] = {}
        self.noted: dict[int, Any] = {}  # by Select.index: what a field works out once for the request
        self._shown: dict[str, str] = {}
        # An id holds the token. For those who may not read tokens, and so may ask for no person by an id either, it is
        # made apart: it tells persons from each other and nothing else.
        self._viewer = f"{self.client_id}\n" if PERSONS.isdisjoint(scopes.split()) else self.client_id

    def of(self, index: int) -> Mapping[str, Any]:
        """This request's arguments of the field with this ``Select.index``."""
        return self.arguments.get(index, NO_ARGUMENTS)

    def shown_token(self, token: str) -> str:
        """A person's token as this client sees it."""
        shown = self._shown.get(token)
        if shown is None:
            shown = self._shown[token] = self.tokens.for_client(token, self._viewer)
        return shown

    def person_id(self, token: str) -> str:
        return global_id("Person", self.shown_token(token))

    def hub_token(self, shown: str) -> str | None:
        """The hub's own token for what this client was shown; None for anything else."""
        try:
            return self.tokens.from_client(shown, self.client_id)
        except UsageError:
            return None


def day_asked(arguments: Mapping[str, Any], asking: Asking) -> str:
    """``asOf`` of a root field, or the default day of the request (ISO date, Asia/Shanghai)."""
    day = arguments.get("asOf")
    return asking.as_of if day is None else str(day)


def instant_known(arguments: Mapping[str, Any]) -> int:
    """``knownAt`` of a root field in microseconds; by default all that is held now."""
    known = arguments.get("knownAt")
    if known is None:
        return OPEN_INSTANT - 1
    if isinstance(known, str):
        known = datetime.fromisoformat(known)
    return min(instant_to_us(known), OPEN_INSTANT - 1)

"""What a capability hands to the journal: acts, with all that goes out from them."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schema.records import FileKind


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): sorts by the millisecond it was made in."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 2 << 62))


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact for the graph: one row of a kind of file, by the column names of ``graph_loaders/profiles``. No ID
    numbers; days ISO; whatever ``load`` would set aside is an error of the room that made it."""

    kind: FileKind
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened that ``audience`` (a client id) is told of. ``about`` names things by id, never their content:
    the receiver asks again."""

    kind: str
    audience: str
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """Work for later. ``id`` is its natural key (rule, thing, day): made twice it is there once."""

    id: str
    kind: str
    thing: str
    at_us: int
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One transition of one case. ``step`` is its place there: when somebody else's took that place first, the room's
    function is called again on the case as it is then.

    ``body`` is JSON-ready and says all that a later reader needs: what was decided, by which rule, on which facts.
    ``topic`` is what the room narrows its cases by. ``write`` puts further rows of the room into the same transaction
    (conditional updates of what is counted like money); it may raise any HubError, and then nothing is written.
    """

    kind: str
    case: str
    step: int
    body: Mapping[str, Any]
    subject: str | None = None
    person: str | None = None
    topic: str = ""
    actor: str = ""
    claims: Sequence[Claim] = ()
    events: Sequence[Event] = ()
    due: Sequence[Due] = ()
    write: Callable[[Connection], None] | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """What a room's function did. ``result`` (JSON-ready, small) is what its view reads the payload by; it is kept
    under the idempotency key, so that a repeated request reads the same act."""

    acts: Sequence[Act]
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """An act as the journal holds it. ``at_us``: microseconds, UTC."""

    seq: int
    id: str
    kind: str
    case: str
    step: int
    at_us: int
    client: str
    actor: str
    subject: str | None
    person: str | None
    topic: str
    body: Mapping[str, Any]
    receipt: str

"""How a neighbour stands, for the operator: asked just now, as a client's question would be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from federation.ask import held_of
from federation.directory.model import Hub
from federation.documents import HELD
from federation.errors import PeerFault, PeerUnreachable
from federation.feed.copies import Copies
from federation.ports import Asker
from policies.sharing import Sharing

if TYPE_CHECKING:
    from hub.federated.network import Neighbour

log = logging.getLogger(__name__)
PATIENCE = 2.0
NOTHING = "{ __typename }"
NO_SUBJECT = "91310000XY0000004F"  # right check digits, given to nobody
ASKER, PURPOSE, CASE = "operator", "mutual-recognition", "looking at neighbours"


async def view(neighbour: Neighbour, copies: Copies, found: Sharing) -> dict[str, Any]:
    """``{region, name, url, status, latency_ms, last_feed, key_expires, reason}``; times RFC 3339, UTC.

    ``status`` is REACHABLE or the status that its answers have. It is asked as for a client, about a code that is
    nobody's, so a hub whose answers do not hold is not called reachable; nor is one whose last answer to a client, or
    last page of the feed, did not hold. ``found`` is what it tells this hub: without an agreement it is asked a
    question without content, since it answers those.
    """
    peer, hub = neighbour.peer, neighbour.peer.hub
    status, reason, latency = "REACHABLE", None if found.agreements else "no agreement in force", None
    try:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        document, variables, asker = _question(found)
        answer = await peer.query(document, variables, asker=asker, deadline=deadline, probing=True)
        latency = answer.seconds * 1000
        if document == HELD:
            held_of(answer.data, (NO_SUBJECT,), hub.region)
        trouble = peer.trouble or neighbour.follower.trouble
        if trouble is not None and not isinstance(trouble, PeerUnreachable):
            status, reason = trouble.peer_status, f"last answer: {trouble.reason}"
    except PeerFault as fault:
        status, reason = fault.peer_status, fault.reason
    except Exception:  # one neighbour's trouble never hides the others
        log.exception("a neighbour could not be looked at", extra={"fields": {"peer": hub.region}})
        status, reason = "UNREACHABLE", "internal"
    position = await asyncio.to_thread(copies.position, hub.region)
    row = unseen(hub, status, reason)
    last = _text(position.synced_us / 1_000_000 if position else None)
    return {**row, "latency_ms": None if latency is None else round(latency, 1), "last_feed": last}


def unseen(hub: Hub, status: str, reason: str | None) -> dict[str, Any]:
    """The row of a hub that was not asked."""
    return {
        "region": hub.region,
        "name": hub.name,
        "url": hub.url,
        "status": status,
        "latency_ms": None,
        "last_feed": None,
        "key_expires": _text(hub.key_expires(int(time.time()))),
        "reason": reason,
    }


def _question(found: Sharing) -> tuple[str, Mapping[str, Any], Asker]:
    if not found.purposes:
        return NOTHING, {}, Asker(ASKER, PURPOSE)
    purpose = PURPOSE if PURPOSE in found.purposes else sorted(found.purposes)[0]
    return HELD, {"codes": [NO_SUBJECT]}, Asker(ASKER, purpose, CASE)


def _text(instant: float | None) -> str | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC).isoformat(timespec="seconds")

"""How a neighbour stands, for the operator: asked just now, by the lightest question there is."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from federation.errors import PeerFault
from federation.feed.copies import Copies
from federation.ports import Asker

if TYPE_CHECKING:
    from hub.federated.network import Neighbour

log = logging.getLogger(__name__)
PATIENCE = 2.0
NOTHING = "{ __typename }"


async def view(neighbour: Neighbour, copies: Copies) -> dict[str, Any]:
    """``{region, name, url, status, latency_ms, last_feed, key_expires, reason}``; times RFC 3339, UTC.

    ``status`` is REACHABLE or the status that its answers would have. A hub without an agreement with this one refuses
    its digest; it is asked a question without content then, since it answers those.
    """
    peer, hub = neighbour.peer, neighbour.peer.hub
    started = time.monotonic()
    status, reason, latency = "REACHABLE", None, None
    try:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        path = f"/federation/digest?have={neighbour.follower.digest.sha256 if neighbour.follower.digest else ''}"
        request, response = await peer.send("GET", path, b"", asker=None, deadline=deadline)
        latency = (time.monotonic() - started) * 1000
        if response.status == 200:
            neighbour.follower.check(request, response)
        elif response.status == 403:
            answer = await peer.query(NOTHING, {}, asker=Asker("operator", "mutual-recognition"), deadline=deadline)
            latency = answer.seconds * 1000
        else:
            status, reason = "REFUSED", str(response.status)
    except PeerFault as fault:
        status, reason = fault.peer_status, fault.reason
    except Exception:  # one neighbour's trouble never hides the others
        log.exception("a neighbour could not be looked at", extra={"fields": {"peer": hub.region}})
        status, reason = "UNREACHABLE", "internal"
    position = await asyncio.to_thread(copies.position, hub.region)
    expires = hub.key_expires(int(time.time()))
    return {
        "region": hub.region,
        "name": hub.name,
        "url": hub.url,
        "status": status,
        "latency_ms": None if latency is None else round(latency, 1),
        "last_feed": _text(position.synced_us / 1_000_000 if position else None),
        "key_expires": _text(expires),
        "reason": reason,
    }


def _text(instant: float | None) -> str | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC).isoformat(timespec="seconds")

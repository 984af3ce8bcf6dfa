"""Hubs of the directory as clients of this hub: their client_id is their base URL, their keys are the directory's."""

from __future__ import annotations

import contextlib
import time

from federation.directory import Directory, read_anchors, verify
from hub.auth.clients import Client
from hub.auth.jose import PublicJwk, public_part
from hub.settings import Settings
from hub.signing.keys import PublicKey
from hub.signing.suites import Verifier
from policies.agreements import PEER_PURPOSES
from schema.scopes import MUTUAL
from schema.times import today


def peer_client(directory: Directory | None, client_id: str, here: str) -> Client | None:
    """The neighbouring hub of this base URL with its keys that are valid now; None for others and for this hub."""
    hub = directory.by_url(client_id) if directory else None
    if hub is None or hub.region == here:
        return None
    now = int(time.time())
    keys = []
    for key in hub.keys:
        if (key.get("nbf") or 0) <= now < (key.get("exp") or 2**53):
            with contextlib.suppress(ValueError):
                keys.append(PublicJwk.read(public_part(key)))
    return Client(
        client_id=hub.url,
        name=hub.name or hub.region,
        keys=tuple(keys),
        scopes=frozenset((MUTUAL,)),
        purposes=frozenset(PEER_PURPOSES),
        peer_region=hub.region,
    )


def peer_verifier(directory: Directory | None, client_id: str, kid: str) -> Verifier | None:
    """A key of a hub that is valid now."""
    hub = directory.by_url(client_id) if directory else None
    key = hub.key(kid) if hub else None
    if key is None:
        return None
    with contextlib.suppress(ValueError):
        found = PublicKey.from_jwk({name: value for name, value in key.items() if value is not None})
        if found.valid_at(time.time()):
            return found.verifier
    return None


def unaware_neighbours(settings: Settings, kid: str) -> list[str]:
    """Regions of the hubs of the directory that take this hub's key for an unknown one, since the directory, from
    which they know it, does not list it. Empty without a directory, or where this hub is not in it."""
    if settings.directory is None or not settings.trust_anchors:
        return []
    try:
        verdict = verify(settings.directory.read_bytes(), read_anchors(settings.trust_anchors), today=today())
    except OSError:
        return []
    listed = verdict.directory.hubs if verdict.directory else ()
    own = next((hub for hub in listed if hub.region == settings.region), None)
    if own is None or own.key(kid) is not None:
        return []
    return sorted(hub.region for hub in listed if hub is not own)

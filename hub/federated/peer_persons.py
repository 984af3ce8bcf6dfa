"""``peerPersons`` and ``peerPenetration``: what this hub's rules find, for a neighbour that knows a person too.

Persons are named by doubly keyed tokens, never by a number or a hub's own token. Only hubs of the directory get any.
"""

from __future__ import annotations

import asyncio
from typing import Any

from federation.documents import PENETRATION, PERSON
from federation.shape import pick
from hub.federated.held import times_of
from hub.federated.internal import InternalDocument
from hub.federated.neighbours import Neighbours
from schema.errors import Forbidden, LimitExceeded, UsageError
from schema.ports import Asking, Graph
from schema.scopes import MUTUAL
from schema.selection import Arguments, Select

SCOPES = frozenset((MUTUAL,))
MOST = 200


def peer_region(hub: Neighbours, asking: Asking) -> str:
    """The asking hub's region. Raises Forbidden for anybody else, and without an agreement in force."""
    region = asking.caller.peer_region
    if region is None:
        raise Forbidden("only hubs of the directory may ask this", hint="ask penetration with regions instead")
    if not hub.network.agreed(region):
        raise Forbidden("no agreement in force with that region", hint="see docs/federation.md")
    return region


class PeerPersonsRoot:
    def __init__(self, root: Select, hub: Neighbours, graph: Graph) -> None:
        self._root = root
        self._hub = hub
        self._person = InternalDocument(PERSON, SCOPES, graph)
        self._penetration = InternalDocument(PENETRATION, SCOPES, graph)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        hub, given = self._hub, arguments[self._root.index]
        region = peer_region(hub, asking)
        tokens = list(dict.fromkeys(given["tokens"]))
        if len(tokens) > MOST:
            raise LimitExceeded(f"at most {MOST} tokens", hint="ask in parts")
        own = await asyncio.to_thread(hub.network.pairs.own_of, region, tokens)
        rows = [await self._row(token, own.get(token), given, asking) for token in tokens]
        return pick(self._root.children, rows)

    async def _row(self, token: str, own: str | None, given: Any, asking: Asking) -> dict[str, Any]:
        here = self._hub.settings.region
        row: dict[str, Any] = {"__typename": "PeerPerson", "region": here, "token": token}
        row |= {"person": None, "penetration": None}
        if own is None:
            return row
        times = times_of(given)
        shown = self._hub.persons.for_client(own, asking.caller.client_id)
        row["person"] = (await self._person({"token": shown, **times}, asking))["person"]
        if row["person"] is not None:
            found = await self._penetration({"person": row["person"]["id"], **times}, asking)
            row["penetration"] = found["penetration"]
        return row


class PeerPenetrationRoot:
    def __init__(self, root: Select, hub: Neighbours, graph: Graph) -> None:
        self._root = root
        self._hub = hub
        self._penetration = InternalDocument(PENETRATION, SCOPES, graph)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        hub, given = self._hub, arguments[self._root.index]
        region = peer_region(hub, asking)
        variables = {"subject": given["subject"], **times_of(given)}
        found = (await self._penetration(variables, asking))["penetration"]
        client = asking.caller.client_id
        own = {}
        for effect in found["reached"]:
            shown = effect["person"]["token"]
            try:
                own[shown] = hub.persons.from_client(shown, client)
            except UsageError:
                continue
        doubled = await asyncio.to_thread(hub.network.pairs.pair_of, region, list(own.values()))
        reached = [
            {"__typename": "PeerEffect", "token": doubled.get(own.get(e["person"]["token"], "")), "effect": e}
            for e in found["reached"]
        ]
        here = hub.settings.region
        full = {"__typename": "PeerPenetration", "region": here, "reached": reached, "notReached": found["notReached"]}
        return pick(self._root.children, full)

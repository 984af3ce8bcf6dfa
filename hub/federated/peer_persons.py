"""``peerPersons`` and ``peerPenetration``: what this hub's rules find, for a neighbour that knows a person too.

Persons are named by doubly keyed tokens, never by a number or a hub's own token. Only hubs of the directory get any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from federation.documents import PENETRATION, PERSON
from federation.errors import PeerFault
from federation.ports import Asker
from federation.shape import pick
from hub.federated.held import times_of
from hub.federated.internal import InternalDocument
from hub.federated.neighbours import Neighbours
from hub.federated.person_guard import PersonsPending
from schema.errors import Forbidden, LimitExceeded, UsageError
from schema.ports import Asking, Graph
from schema.scopes import MUTUAL
from schema.selection import Arguments, Select

SCOPES = frozenset((MUTUAL,))
MOST = 200
PART = 0.6  # of the deadline that a peer gives a question, spent on exchanging persons at most


def peer_region(asking: Asking) -> str:
    """The asking hub's region. Raises Forbidden for anybody else; what a hub may ask is a matter of the gate."""
    region = asking.caller.peer_region
    if region is None:
        raise Forbidden("only hubs of the directory may ask this", hint="ask penetration with regions instead")
    return region


Opens = Callable[[Mapping[str, Any]], bool]


def opened(found: Mapping[str, Any], opens: Opens | None) -> dict[str, Any]:
    """What a rule found, without what comes of records that the agreement does not open."""
    if opens is None:
        return dict(found)
    reached = [effect for effect in found["reached"] if effect["source"] and opens(effect["source"])]
    missed = [one for one in found["notReached"] if one["record"] and opens(one["record"])]
    return {**found, "reached": reached, "notReached": missed}


class PeerPersonsRoot:
    def __init__(self, root: Select, hub: Neighbours, graph: Graph) -> None:
        self._root = root
        self._hub = hub
        self._person = InternalDocument(PERSON, SCOPES, graph)
        self._penetration = InternalDocument(PENETRATION, SCOPES, graph)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        hub, given = self._hub, arguments[self._root.index]
        region = peer_region(asking)
        opens = hub.gate.opened(asking.caller, str(given.get("asOf") or asking.as_of))
        tokens = list(dict.fromkeys(given["tokens"]))
        if len(tokens) > MOST:
            raise LimitExceeded(f"at most {MOST} tokens", hint="ask in parts")
        await hub.person_guard.ask(asking.caller, tokens)
        own = await self._own(region, tokens, asking)
        rows = [await self._row(token, own.get(token), given, asking, opens) for token in tokens]
        return pick(self._root.children, rows)

    async def _own(self, region: str, tokens: Sequence[str], asking: Asking) -> dict[str, str]:
        """Own tokens of those that are known here. Raises PersonsPending where this cannot be said of all."""
        hub = self._hub
        own = await asyncio.to_thread(hub.network.pairs.own_of, region, tokens)
        neighbour = hub.network.neighbours.get(region)
        if len(own) < len(tokens) and neighbour is not None:
            patience = hub.settings.peer_deadline * PART
            if not await neighbour.enrolment.complete(Asker.of(asking.caller), patience):
                raise PersonsPending("not all persons here are exchanged with your hub yet", hint="ask again soon")
            own = await asyncio.to_thread(hub.network.pairs.own_of, region, tokens)
        return own

    async def _row(
        self, token: str, own: str | None, given: Any, asking: Asking, opens: Opens | None
    ) -> dict[str, Any]:
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
            row["penetration"] = opened(found["penetration"], opens)
        return row


class PeerPenetrationRoot:
    def __init__(self, root: Select, hub: Neighbours, graph: Graph) -> None:
        self._root = root
        self._hub = hub
        self._penetration = InternalDocument(PENETRATION, SCOPES, graph)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        hub, given = self._hub, arguments[self._root.index]
        region = peer_region(asking)
        opens = hub.gate.opened(asking.caller, str(given.get("asOf") or asking.as_of))
        variables = {"subject": given["subject"], **times_of(given)}
        found = opened((await self._penetration(variables, asking))["penetration"], opens)
        client = asking.caller.client_id
        own = {}
        for effect in found["reached"]:
            shown = effect["person"]["token"]
            try:
                own[shown] = hub.persons.from_client(shown, client)
            except UsageError:
                continue
        doubled = await self._doubled(region, list(own.values()), asking)
        reached = [
            {"__typename": "PeerEffect", "token": doubled.get(own.get(e["person"]["token"], "")), "effect": e}
            for e in found["reached"]
        ]
        here = hub.settings.region
        full = {"__typename": "PeerPenetration", "region": here, "reached": reached, "notReached": found["notReached"]}
        return pick(self._root.children, full)

    async def _doubled(self, region: str, tokens: Sequence[str], asking: Asking) -> dict[str, str]:
        """What the persons of the answer are called between the two hubs; those that are new are exchanged now. Raises
        PersonsPending where that fails: an effect without its person could not be joined."""
        neighbour = self._hub.network.neighbours.get(region)
        if not tokens or neighbour is None:
            return {}
        deadline = asyncio.get_running_loop().time() + self._hub.settings.peer_deadline * PART
        try:
            return await neighbour.enrolment.named(tokens, Asker.of(asking.caller), deadline)
        except PeerFault as fault:
            raise PersonsPending(f"persons could not be exchanged: {fault.reason}", hint="ask again soon") from None

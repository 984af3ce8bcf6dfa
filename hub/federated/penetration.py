"""``penetration(…, regions)``: this hub's effects and those of the cities asked, joined across them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from federation.documents import PEER_PENETRATION, PEER_PERSONS, PENETRATION
from federation.errors import BadSignature, PeerFault, PeerRefused, PeerUnreachable
from federation.peer import PeerAnswer
from federation.piercing import Part, about_person, about_subject
from federation.ports import Asker
from federation.shape import pick
from hub.federated.held import times_of
from hub.federated.internal import InternalDocument
from hub.federated.joining import Foreign, Gathered, Joining
from hub.federated.neighbours import Neighbours
from hub.federated.network import Neighbour
from hub.federated.person_guard import NOT_EXCHANGED, PERSONS_PENDING
from hub.federated.recognised import regions_asked
from hub.graphql.own import type_and_key
from schema.errors import UsageError
from schema.identifiers import normalise_code
from schema.ports import Asking, Graph
from schema.selection import Arguments, Select

log = logging.getLogger(__name__)
MARGIN = 0.05
WHOLE = 7.0  # seconds for all that the cities are asked: less than a root field has
PENDING = 4.0  # seconds more for a city that is exchanging its persons


class PenetrationRoot:
    def __init__(self, root: Select, hub: Neighbours, graph: Graph, scopes: frozenset[str]) -> None:
        self._root = root
        self._hub = hub
        self._local = InternalDocument(PENETRATION, scopes, graph)
        self._join = Joining(hub, graph, scopes)

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        hub, given = self._hub, arguments[self._root.index]
        regions = regions_asked(hub, given.get("regions"))
        here = hub.settings.region
        others = [region for region in regions if region != here]
        if given.get("knownAt") is not None and others:
            raise UsageError("knownAt cannot be asked of other regions", hint="leave it out, or ask this region only")
        day = str(given.get("asOf") or asking.as_of)
        variables = {name: given[name] for name in ("subject", "person") if given.get(name) is not None}
        local = (await self._local({**variables, **times_of(given)}, asking))["penetration"]
        client = asking.caller.client_id
        tokens = [self._own(str(given["person"]), client)] if given.get("person") else []
        tokens += [hub.persons.from_client(effect["person"]["token"], client) for effect in local["reached"]]
        gathered = Gathered()
        if here in regions:
            gathered.regions[here] = _region_answer(here, "ANSWERED", None)
        asked = list(dict.fromkeys(tokens))
        asker = Asker.of(asking.caller)
        try:
            async with asyncio.timeout(WHOLE):
                await asyncio.gather(*(self._ask(region, given, asked, day, asker, gathered) for region in others))
                await self._ask_on(asked, day, asker, gathered)
        except TimeoutError:  # what is there is told, and which cities it may lack
            gathered.regions |= {region: _region_answer(region, "UNREACHABLE", "deadline") for region in others}
        for region, answer in gathered.regions.items():
            if answer["status"] != "ANSWERED":
                asking.lacks(self._root.key, region, answer["status"])
        if here not in regions:
            local = {"reached": [], "notReached": []}
        full = await self._join(local, gathered, day, asking, here in regions)
        return pick(self._root.children, full)

    def _own(self, person_id: str, client: str) -> str:
        return self._hub.persons.from_client(type_and_key(person_id)[1], client)

    async def _ask(
        self,
        region: str,
        given: Mapping[str, Any],
        tokens: Sequence[str],
        day: str,
        asker: Asker,
        gathered: Gathered,
    ) -> None:
        hub = self._hub
        neighbour = hub.network.neighbours.get(region)
        if neighbour is None:
            gathered.regions[region] = _region_answer(region, "UNREACHABLE", "directory")
            return
        questions = [self._ask_persons(neighbour, tokens, day, asker, gathered, given)]
        if given.get("subject"):
            questions.append(self._ask_subject(neighbour, given["subject"], day, asker, gathered))
        outcomes = await asyncio.gather(*questions, return_exceptions=True)
        faults = [one for one in outcomes if isinstance(one, BaseException)]
        gathered.regions[region] = _outcome(region, faults[0]) if faults else _region_answer(region, "ANSWERED", None)

    async def _ask_on(self, asked: Sequence[str], day: str, asker: Asker, gathered: Gathered) -> None:
        """Of persons that only the cities' answers named, the other cities are asked too."""
        known = set(asked)
        fresh = list(dict.fromkeys(e.own for e in gathered.effects if e.own and e.own not in known))
        regions = [r for r, answer in gathered.regions.items() if answer["status"] == "ANSWERED"]
        neighbours = [self._hub.network.neighbours.get(region) for region in regions if fresh]

        async def ask(neighbour: Neighbour) -> None:
            region = neighbour.peer.hub.region
            try:
                await self._ask_persons(neighbour, fresh, day, asker, gathered, {})
            except Exception as fault:
                gathered.regions[region] = _outcome(region, fault)

        await asyncio.gather(*(ask(one) for one in neighbours if one is not None))

    async def _ask_persons(
        self,
        neighbour: Neighbour,
        tokens: Sequence[str],
        day: str,
        asker: Asker,
        gathered: Gathered,
        given: Mapping[str, Any],
    ) -> None:
        """The names of persons are exchanged first, in a time of their own, so that a first question about somebody has
        as long for its answer as every later one."""
        if not tokens:
            return
        region, enrolment = neighbour.peer.hub.region, neighbour.enrolment
        for again in (True, False):
            doubled = await enrolment.named(tokens, asker, self._deadline())
            own = {pair: token for token, pair in doubled.items()}
            # One more token, nobody's: two clients that ask about one person get receipts with digests of their own.
            asked = [*own, secrets.token_hex(32)]
            try:
                answer = await self._patiently(neighbour, PEER_PERSONS, {"tokens": asked, "asOf": day}, asker)
                break
            except PeerRefused as fault:
                if not (again and fault.code_there == NOT_EXCHANGED):
                    raise
                await enrolment.forget(tokens)
        self._take_persons(region, answer, own, asked, day, gathered, bool(given.get("person")))

    async def _ask_subject(
        self, neighbour: Neighbour, subject: str, day: str, asker: Asker, gathered: Gathered
    ) -> None:
        """Persons whom the answer names are known here only once this hub's own are exchanged with that city; this goes
        on beside the question, in a time of its own."""
        enrolled = asyncio.ensure_future(neighbour.enrolment.complete(asker, PENDING))
        try:
            answer = await self._patiently(neighbour, PEER_PENETRATION, {"subject": subject, "asOf": day}, asker)
            names = answer.data["peerPenetration"] and answer.data["peerPenetration"]["reached"]
            whole = not names or await enrolled
        finally:
            enrolled.cancel()
        if not about_subject(answer.data["peerPenetration"], normalise_code(subject)[0]):
            raise PeerRefused("not as asked")
        await self._take_subject(neighbour.peer.hub.region, answer, gathered)
        if not whole:
            raise PeerUnreachable("persons", "not all persons are exchanged yet")

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._hub.settings.peer_deadline - MARGIN

    async def _patiently(
        self, neighbour: Neighbour, document: str, variables: Mapping[str, Any], asker: Asker
    ) -> PeerAnswer:
        """One question within the deadline, put again where a connection broke early; and, for some seconds more, where
        the city says that it is still exchanging its own persons. Raises PeerFault."""
        loop, deadline = asyncio.get_running_loop(), self._deadline()
        until, tries = loop.time() + PENDING, 0
        while True:
            try:
                return await neighbour.peer.query(document, variables, asker=asker, deadline=deadline)
            except PeerRefused as fault:
                if fault.code_there != PERSONS_PENDING or loop.time() >= until:
                    raise
                deadline = self._deadline()
            except PeerUnreachable as fault:
                tries += 1
                if tries > 1 or fault.reason == "breaker" or loop.time() + MARGIN * 2 >= deadline:
                    raise
            await asyncio.sleep(MARGIN)

    def _take_persons(
        self,
        region: str,
        answer: PeerAnswer,
        own: Mapping[str, str],
        asked: Sequence[str],
        day: str,
        gathered: Gathered,
        by_person: bool,
    ) -> None:
        rows = answer.data["peerPersons"] or ()
        if any(row["region"] != region for row in rows if row):
            raise BadSignature("region", "the answer speaks for another region")
        if [row and row["token"] for row in rows] != asked:
            raise PeerRefused("not as asked")
        for row in rows:
            token = own.get(row["token"])
            if row["person"] is None or token is None:
                continue
            enterprises = self._join.represented((row["person"]["roles"] or {}).get("nodes") or (), day)
            gathered.parts.setdefault(token, []).append(Part(region, enterprises, answer.receipt_id))
            if by_person and row["penetration"] is not None:
                found = row["penetration"]
                if not about_person(found, row["person"]):
                    raise PeerRefused("not as asked")
                reached = [e for e in found["reached"] or () if e]
                gathered.effects += [Foreign(region, answer.receipt_id, e, token) for e in reached]
                gathered.not_reached += [{**one, "own": token} for one in found["notReached"] or () if one]

    async def _take_subject(self, region: str, answer: PeerAnswer, gathered: Gathered) -> None:
        found = answer.data["peerPenetration"]
        if found is None or any(not row or row["effect"] is None for row in found["reached"] or ()):
            raise PeerRefused("not as asked")
        if found["region"] != region:
            raise BadSignature("region", "the answer speaks for another region")
        rows = found["reached"] or ()
        pairs = [row["token"] for row in rows if row["token"]]
        own = await asyncio.to_thread(self._hub.network.pairs.own_of, region, pairs)
        for row in rows:
            gathered.effects.append(Foreign(region, answer.receipt_id, row["effect"], own.get(row["token"] or "")))
        gathered.not_reached += [{**one, "own": None} for one in found["notReached"] or () if one]


def _outcome(region: str, fault: BaseException) -> dict[str, Any]:
    """One city's trouble never costs the others their part; only the end of the question itself does."""
    if isinstance(fault, PeerFault):
        return _region_answer(region, fault.peer_status, fault.reason)
    if not isinstance(fault, Exception):
        raise fault
    log.error("a peer's answer could not be read", exc_info=fault, extra={"fields": {"peer": region}})
    return _region_answer(region, "UNREACHABLE", "internal")


def _region_answer(region: str, status: str, reason: str | None) -> dict[str, Any]:
    return {"__typename": "RegionAnswer", "region": region, "status": status, "reason": reason}

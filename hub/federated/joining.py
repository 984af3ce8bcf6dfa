"""What the cities asked said, joined into one answer: a bar there against the posts here, and the other way round."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.documents import PERSON
from federation.piercing import Part, join, represented
from graph_loaders.reader.reading import global_id
from hub.federated.internal import InternalDocument
from hub.federated.neighbours import Neighbours
from schema.ports import Asking, Graph
from schema.visibility import past_is_open


@dataclass(slots=True)
class Foreign:
    """One effect of another city: ``own`` is this hub's token of the person where both know the person."""

    region: str
    receipt: str
    effect: Mapping[str, Any]
    own: str | None


@dataclass(slots=True)
class Gathered:
    """What the cities asked said. ``parts`` by own person token."""

    effects: list[Foreign] = field(default_factory=list)
    not_reached: list[Mapping[str, Any]] = field(default_factory=list)
    parts: dict[str, list[Part]] = field(default_factory=dict)
    regions: dict[str, dict[str, Any]] = field(default_factory=dict)


class Joining:
    """``own`` tokens are this hub's; what is told carries the names that the asking client knows."""

    def __init__(self, hub: Neighbours, graph: Graph, scopes: frozenset[str]) -> None:
        self._hub = hub
        self._past_is_open = past_is_open(scopes)
        self._person = InternalDocument(PERSON, scopes, graph)

    async def __call__(
        self, local: Mapping[str, Any], gathered: Gathered, day: str, asking: Asking, with_here: bool
    ) -> dict[str, Any]:
        hub, client = self._hub, asking.caller.client_id
        here, recogniser = hub.settings.region, hub.network.recogniser

        def covers(list_type: str, one: str, other: str) -> bool:
            return all(recogniser.covers_list(list_type, one, other, each) for each in self._days(day))

        reached = []
        for effect in local["reached"]:
            token = hub.persons.from_client(effect["person"]["token"], client)
            parts = gathered.parts.get(token, []) if effect["effect"] == "ROLE_BAR" else []
            reached.append(join(effect, source_region=here, source_receipt=None, parts=parts, covers=covers))
        for foreign in gathered.effects:
            parts = []
            if foreign.own and foreign.effect.get("effect") == "ROLE_BAR":
                parts = list(gathered.parts.get(foreign.own, []))
                if with_here:
                    parts.append(await self._own_part(foreign.own, day, asking))
            joined = join(
                foreign.effect,
                source_region=foreign.region,
                source_receipt=foreign.receipt,
                parts=parts,
                covers=covers,
            )
            reached.append(rename_person(joined, self._names(foreign.effect.get("person"), foreign.own, client)))
        not_reached = [*local["notReached"]]
        for one in gathered.not_reached:
            name = self._names(one.get("person"), one["own"], client)
            not_reached.append(rename_person({k: v for k, v in one.items() if k != "own"}, name))
        return {
            "__typename": "Penetration",
            "reached": reached,
            "notReached": not_reached,
            "regions": [gathered.regions[region] for region in sorted(gathered.regions)],
        }

    async def _own_part(self, token: str, day: str, asking: Asking) -> Part:
        shown = self._hub.persons.for_client(token, asking.caller.client_id)
        person = (await self._person({"token": shown, "asOf": day}, asking))["person"]
        roles = person["roles"]["nodes"] if person else ()
        return Part(self._hub.settings.region, self.represented(roles, day), None)

    def represented(self, roles: Sequence[Mapping[str, Any]], day: str) -> tuple[Mapping[str, Any], ...]:
        """On the day asked about, and today where the past does not reopen what has ended."""
        then, *today = (represented(roles, each, self._reported_kinds(each)) for each in self._days(day))
        still = [{subject["code"] for subject in subjects} for subjects in today]
        return tuple(subject for subject in then if all(subject["code"] in codes for codes in still))

    def _days(self, day: str) -> tuple[str, ...]:
        return (day,) if self._past_is_open else (day, self._hub.as_of)

    def _reported_kinds(self, day: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for rule in self._hub.policies.rules(day) for kind in rule.reported_on))

    def _names(self, person: Mapping[str, Any] | None, own: str | None, client: str) -> dict[str, str]:
        """How a foreign city's ids of a person read for this client. Who is not known here gets an id of his own, so
        that two clients' answers cannot be joined by what the foreign city calls him."""
        if not person:
            return {}
        foreign = str(person["token"])
        token = own or hashlib.sha256(b"foreign person\n" + foreign.encode()).hexdigest()
        shown = self._hub.persons.for_client(token, client)
        return {foreign: shown, str(person["id"]): global_id("Person", shown)}


def rename_person(value: Any, names: Mapping[str, str]) -> Any:
    """A copy in which the ids and tokens of one person are replaced, wherever they stand."""
    if isinstance(value, dict):
        return {key: rename_person(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [rename_person(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value

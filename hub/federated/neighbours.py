"""What a hub has of its neighbours, beside its own parts: filled while joining, used where they help to answer."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from federation.feed.reader import FeedReader
from hub.federated.digests import Digests
from hub.federated.facts import GraphFacts
from hub.federated.gate import Gate
from hub.federated.messenger import HubMessenger
from hub.federated.network import Network
from hub.federated.person_guard import PersonGuard
from hub.federated.successors import Announced
from hub.federated.telling import Waiters
from hub.federated.witness import Witness
from hub.parts import Parts


@dataclass(slots=True)
class Neighbours(Parts):
    messenger: HubMessenger = field(init=False)
    facts: GraphFacts = field(init=False)
    digests: Digests = field(init=False)
    network: Network = field(init=False)
    announced: Announced = field(init=False)
    gate: Gate = field(init=False)
    person_guard: PersonGuard = field(init=False)
    witness: Witness = field(init=False)
    feed_reader: FeedReader = field(init=False)
    waiters: Waiters = field(init=False)

    @classmethod
    def beside(cls, parts: Parts) -> Neighbours:
        return cls(**{one.name: getattr(parts, one.name) for one in fields(Parts)})

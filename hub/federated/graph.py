"""The graph with the federated root fields: its own fields go to the reader, the others ask the neighbours too."""

from __future__ import annotations

from hub.federated.entities import EntitiesRoot
from hub.federated.held import HeldRoot
from hub.federated.neighbours import Neighbours
from hub.federated.peer_persons import PeerPenetrationRoot, PeerPersonsRoot
from hub.federated.penetration import PenetrationRoot
from hub.federated.recognised import RecognisedRoot
from schema.ports import Graph, Prepared
from schema.selection import Select


class FederatedGraph:
    """Implements ``schema.ports.Graph``."""

    def __init__(self, hub: Neighbours, reader: Graph) -> None:
        self._hub = hub
        self._reader = reader

    def prepare(self, root: Select, scopes: frozenset[str]) -> Prepared:
        match root.name:
            case "held":
                return HeldRoot(root, self._reader, self._hub.settings.region, self._hub.gate)
            case "_entities":
                return EntitiesRoot(root, self._reader, scopes)
            case "recognised" | "recognisedBatch":
                return RecognisedRoot(root, self._hub, scopes)
            case "peerPersons":
                return PeerPersonsRoot(root, self._hub, self._reader)
            case "peerPenetration":
                return PeerPenetrationRoot(root, self._hub, self._reader)
            case "penetration" if "regions" in root.given:
                return PenetrationRoot(root, self._hub, self._reader, scopes)
        return self._reader.prepare(root, scopes)

    async def owners(self, type_name: str, key: str) -> frozenset[str]:
        return await self._reader.owners(type_name, key)

    async def data_version(self) -> str:
        return await self._reader.data_version()

"""The parts that one open hub is made of, before anything is joined to its neighbours or to the API.

What is built on them takes this record, never the hub that opened them: so no part knows who else uses it.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.directory.current import CurrentDirectory
from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from hub.auth import Auth
from hub.auth.jose import PublicJwk
from hub.ledger import Ledger
from hub.metrics import Metrics
from hub.peers import peer_verifier
from hub.rates import RequestLimits
from hub.settings import Settings
from hub.signing import KeyStore
from hub.signing.suites import Verifier
from policies import Policies
from schema import times
from schema.ports import Graph


def default_day(settings: Settings) -> str:
    """The day of questions that name none, ISO: ``HUB_AS_OF``, else today in Asia/Shanghai."""
    return settings.as_of or times.today().isoformat()


@dataclass(slots=True)
class Parts:
    """``reader`` is the city's own graph; what asks the neighbours too is built around it."""

    settings: Settings
    metrics: Metrics
    keys: KeyStore
    rates: RequestLimits
    directory: CurrentDirectory
    auth: Auth
    ledger: Ledger
    policies: Policies
    engine: Engine
    persons: Persons
    reader: Graph

    @property
    def as_of(self) -> str:
        return default_day(self.settings)

    def peer_key(self, client_id: str, kid: str) -> Verifier | None:
        """A key of a hub of the directory."""
        return peer_verifier(self.directory.get(), client_id, kid)

    def client_key(self, client_id: str, kid: str) -> PublicJwk | None:
        """A registered key of a client, be it a hub of the directory or a client of this hub."""
        client = self.auth.client(client_id)
        return next((key for key in client.keys if key.kid == kid), None) if client else None

"""The part of the graph that comes from acts, made again from the journal alone."""

from __future__ import annotations

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from hub.acts.graph_claims import GraphClaims
from hub.acts.journal import Journal
from hub.ledger import Ledger
from hub.ledger.lock import FileLock
from hub.parts import default_day
from hub.settings import Settings
from policies import load_policies


async def replay_claims(settings: Settings, ledger: Ledger, engine: Engine) -> int:
    """Load every claim of the journal, in order; how many. What the graph holds already changes nothing, so this may
    run while the hub serves."""
    journal = Journal(ledger)
    await journal.open()
    persons = Persons.open(settings.person_key, settings.data)
    policies = load_policies(settings.region, settings.policies)
    lock = FileLock(settings.run / "acts.lock")
    claims = GraphClaims(journal, engine, persons, policies, lock, lambda: default_day(settings))
    after = count = 0
    while rows := await claims.claims(after):
        await claims.load(rows)
        count += len(rows)
        after = int(rows[-1].seq)
    return count

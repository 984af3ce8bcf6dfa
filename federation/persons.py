"""Persons in two cities: doubly keyed tokens k_A · k_B · H(number), made online without a number or a hub's own token
ever leaving its hub.

A sends r · k_A · H(n) with a fresh scalar r for each person, B multiplies by k_B, A takes r off. B does the same the
other way round, so both know the same doubly keyed token of a person whom both know, and neither can make one alone.
What a cheating hub could learn is written down in ``docs/federation.md``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import orjson
from sqlalchemy import Engine, delete, func, insert, select

from federation.errors import BadSignature, PeerRefused
from federation.feed.tables import metadata, pair_keys, pairs
from federation.peer import Peer
from federation.ports import Asker, LocalFacts, Messenger, PersonPairs
from federation.transport import check_shape
from schema.errors import UsageError
from schema.sql_tables import create_missing

log = logging.getLogger(__name__)
BATCH = 500
PASSES = 3  # over all persons, should a key be rotated meanwhile
PATIENCE = 15.0  # seconds for one batch that no question waits for


class Pairs:
    """Doubly keyed tokens by peer. Synchronous: run it in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        create_missing(engine, metadata)

    def keys(self, region: str) -> tuple[str, str] | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(pair_keys).where(pair_keys.c.region == region)).first()
        return (row.own_key, row.peer_key) if row else None

    def reset(self, region: str, own_key: str, peer_key: str) -> None:
        """One of the two keys is new: nothing that was made with the old one holds."""
        with self._engine.begin() as connection:
            connection.execute(delete(pairs).where(pairs.c.region == region))
            connection.execute(delete(pair_keys).where(pair_keys.c.region == region))
            connection.execute(insert(pair_keys).values(region=region, own_key=own_key, peer_key=peer_key))

    def missing(self, region: str, tokens: Sequence[str]) -> list[str]:
        with self._engine.connect() as connection:
            query = select(pairs.c.token).where(pairs.c.region == region, pairs.c.token.in_(tokens))
            held = set(connection.execute(query).scalars())
        return [token for token in tokens if token not in held]

    def add(self, region: str, made: Sequence[tuple[str, str]]) -> None:
        with self._engine.begin() as connection:
            for token, pair in made:
                connection.execute(delete(pairs).where(pairs.c.region == region, pairs.c.token == token))
                connection.execute(insert(pairs).values(region=region, token=token, pair=pair))

    def pair_of(self, region: str, tokens: Sequence[str]) -> dict[str, str]:
        """Own tokens to doubly keyed ones."""
        with self._engine.connect() as connection:
            query = select(pairs.c.token, pairs.c.pair).where(pairs.c.region == region, pairs.c.token.in_(tokens))
            return {row.token: row.pair for row in connection.execute(query)}

    def own_of(self, region: str, doubled: Sequence[str]) -> dict[str, str]:
        """Doubly keyed tokens to own ones."""
        with self._engine.connect() as connection:
            query = select(pairs.c.token, pairs.c.pair).where(pairs.c.region == region, pairs.c.pair.in_(doubled))
            return {row.pair: row.token for row in connection.execute(query)}

    def forget(self, region: str, tokens: Sequence[str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(pairs).where(pairs.c.region == region, pairs.c.token.in_(tokens)))

    def count(self, region: str) -> int:
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(pairs).where(pairs.c.region == region)
            return int(connection.execute(query).scalar_one())


class PairExchange:
    """Keeps the doubly keyed tokens of one peer complete."""

    def __init__(self, peer: Peer, messenger: Messenger, persons: PersonPairs, store: Pairs, facts: LocalFacts) -> None:
        self.peer = peer
        self._messenger = messenger
        self._persons = persons
        self._store = store
        self._facts = facts

    async def refresh(self, peer_key: str, asker: Asker, admit: Callable[[int], Awaitable[None]] | None = None) -> int:
        """Exchanges what is missing for an end client's question; how many were made. ``peer_key`` names the peer's
        present key where it is known: what was made with another one is made anew. ``admit`` raises where a batch is
        too many. Raises PeerFault."""
        region, made = self.peer.hub.region, 0
        for _ in range(PASSES):
            known = await asyncio.to_thread(self._store.keys, region)
            if known is not None and (known[0] != self._persons.key_id or peer_key not in ("", known[1])):
                known = None
            made += await self._pass(known is not None, asker, admit)
            now = await asyncio.to_thread(self._store.keys, region)
            if known is None or now == known:
                return made
            peer_key = ""  # it was rotated during the pass, so the earlier part of the pass is gone
        return made

    async def _pass(self, holds: bool, asker: Asker, admit: Callable[[int], Awaitable[None]] | None) -> int:
        """Once through all persons; ``holds``: what is stored was made with the present keys."""
        after, made = "", 0
        while tokens := await self._facts.persons(after, BATCH):
            after = tokens[-1]
            missing = await asyncio.to_thread(self._store.missing, self.peer.hub.region, tokens) if holds else tokens
            if missing:
                if admit is not None:
                    await admit(len(missing))
                made += await self.exchange(missing, asker, asyncio.get_running_loop().time() + PATIENCE)
        return made

    async def exchange(self, tokens: Sequence[str], asker: Asker, deadline: float) -> int:
        """Doubly keyed tokens of these persons, stored; by the event loop's time ``deadline``. Raises PeerFault."""
        region, own_key = self.peer.hub.region, self._persons.key_id
        held_keys = await asyncio.to_thread(self._store.keys, region)
        blinded = await asyncio.to_thread(lambda: [self._persons.blind(token) for token in tokens])
        elements, peer_key = await self._multiplied([element for _, element in blinded], asker, deadline)
        if len(elements) != len(tokens):
            raise PeerRefused("persons", "the peer answered another number of elements")
        try:
            made = await asyncio.to_thread(
                lambda: [
                    (token, self._persons.unblind(scalar, element))
                    for token, (scalar, _), element in zip(tokens, blinded, elements, strict=True)
                ]
            )
        except UsageError as error:
            raise PeerRefused("persons", error.message) from None
        if len({pair for _, pair in made}) != len(made):
            raise PeerRefused("persons", "the peer gave two persons one token")
        if held_keys != (own_key, peer_key):
            await asyncio.to_thread(self._store.reset, region, own_key, peer_key)
        await asyncio.to_thread(self._store.add, region, made)
        return len(made)

    async def _multiplied(self, elements: Sequence[str], asker: Asker, deadline: float) -> tuple[list[str], str]:
        body = orjson.dumps({"elements": elements})
        request, response = await self.peer.send("POST", "/federation/persons", body, asker=asker, deadline=deadline)
        check_shape(response.body)
        if response.status != 200:
            raise PeerRefused("persons", str(response.status))
        self._messenger.check(self.peer.hub, request, response)
        try:
            answer = orjson.loads(response.body)
            found, key, region = answer["elements"], answer["key"], answer["region"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise PeerRefused("persons", "not as asked") from None
        if region != self.peer.hub.region:
            raise BadSignature("region", "the answer speaks for another region")
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or not isinstance(key, str):
            raise PeerRefused("persons", "not as asked")
        return found, key[:64]

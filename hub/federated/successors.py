"""The next signing key before its time: said by the present one, learnt by neighbours where the directory allows it.

The well-known document carries, for each key that is published and not used yet, a JWS (typ ``credit-key+jwt``) by the
key in use: ``iss iat jwk`` with ``nbf`` and ``exp``. It stays there while that key is good, so a neighbour that comes
late learns it too. A neighbour takes it only for a hub whose entry in the directory says ``successors``, and only from
a key that the directory itself lists: a second rotation needs the directory again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson

from federation.directory.current import CurrentDirectory
from federation.directory.model import Hub
from federation.errors import PeerFault
from federation.ports import Messenger
from federation.transport import Transport
from hub.signing import KeyStore
from hub.signing.keys import PublicKey, write_private
from schema.bounded_json import read_json

log = logging.getLogger(__name__)
TYP = "credit-key+jwt"
EVERY = 2.0  # seconds between looks at this hub's own keys
ASK_EVERY = 60.0  # seconds between looks at a neighbour's document
ASK_AGAIN = 10.0  # seconds at least between two, when an answer names a key that nobody knows
PATIENCE = 5.0
MOST = 256 * 1024  # bytes of a well-known document
MOST_KEYS = 8  # successors of one hub


class Announced:
    """This hub's statements about its next keys, kept beside them."""

    def __init__(self, keys: KeyStore, messenger: Messenger, path: Path) -> None:
        self._keys = keys
        self._messenger = messenger
        self._path = path
        self._held: dict[str, str] = self._read()

    def current(self) -> list[str]:
        """The statements about keys that have not ended; makes those that are missing. Blocks for a file."""
        now = int(time.time())
        keys = {key.kid: key for key in self._keys.public()}
        before = dict(self._held)
        for kid, key in keys.items():
            if key.nbf > now and kid not in self._held:
                claims = {"jwk": {**key.jwk, "kid": kid, "nbf": key.nbf, "exp": key.exp}}
                self._held[kid] = self._messenger.sign_statement(claims, TYP)
        self._held = {kid: jws for kid, jws in self._held.items() if kid in keys and now < keys[kid].exp}
        if self._held != before:
            write_private(self._path, orjson.dumps({"successors": self._held}))
        return list(self._held.values())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.current)
            except Exception:
                log.exception("next keys not announced")
            await asyncio.sleep(EVERY)

    def _read(self) -> dict[str, str]:
        try:
            held = read_json(self._path.read_bytes())["successors"]
            return {str(kid): str(jws) for kid, jws in held.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}  # they are made anew for keys that are still to come


class Learner:
    """Looks at the documents of those neighbours whose next keys the directory lets this hub take."""

    def __init__(self, here: str, directory: CurrentDirectory, messenger: Messenger, transport: Transport) -> None:
        self._here = here
        self._directory = directory
        self._messenger = messenger
        self._transport = transport
        self._asked: dict[str, float] = {}
        self._wanted = asyncio.Event()
        self._urgent: set[str] = set()

    def want(self, hub: Hub) -> None:
        """An answer of this hub names a key that nobody knows."""
        if hub.successors:
            self._urgent.add(hub.url)
            self._wanted.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            found = self._directory.get()
            for hub in found.hubs if found else ():
                if hub.successors and hub.region != self._here and self._due(hub.url):
                    await self.look(hub)
            self._wanted.clear()
            try:
                async with asyncio.timeout(ASK_AGAIN if self._urgent else ASK_EVERY / 4):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    def _due(self, url: str) -> bool:
        since = time.monotonic() - self._asked.get(url, -ASK_EVERY)
        return since >= (ASK_AGAIN if url in self._urgent else ASK_EVERY)

    async def look(self, hub: Hub) -> None:
        """Takes what the hub's document says of its next keys, as far as it holds."""
        self._asked[hub.url] = time.monotonic()
        self._urgent.discard(hub.url)
        try:
            answer = await self._transport.client.get(f"{hub.url}/.well-known/credit-hub", timeout=PATIENCE)
            document = read_json(answer.content, most=MOST)
            statements = document.get("successors") or []
            for statement in statements[:MOST_KEYS]:
                self._take(hub, str(statement))
        except (PeerFault, httpx.HTTPError, OSError, ValueError, TypeError, AttributeError) as fault:
            log.info("next keys", extra={"fields": {"peer": hub.region, "fault": type(fault).__name__}})

    def _take(self, hub: Hub, statement: str) -> None:
        listed = self._directory.listed(hub.region)
        if listed is None:
            return
        try:
            claims = self._messenger.check_receipt(listed, statement, TYP)
            jwk = successor(claims)
        except (PeerFault, ValueError):
            log.warning("a statement about a next key does not hold", extra={"fields": {"peer": hub.region}})
            return
        if listed.key(str(jwk["kid"])) is None and self._directory.learn(hub.region, jwk):
            log.warning("a neighbour's next key is known", extra={"fields": {"peer": hub.region, "kid": jwk["kid"]}})


def successor(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key of a statement. Raises ValueError unless it is one that begins after the statement and ends."""
    jwk = claims.get("jwk")
    if not isinstance(jwk, dict) or type(jwk.get("nbf")) is not int or type(jwk.get("exp")) is not int:
        raise ValueError("no key with times")
    key = PublicKey.from_jwk(jwk)
    if not int(claims["iat"]) < key.nbf < key.exp:
        raise ValueError("the key begins before it was announced")
    return {name: value for name, value in key.jwk.items() if isinstance(value, str)} | {
        "kid": key.kid,
        "nbf": key.nbf,
        "exp": key.exp,
    }

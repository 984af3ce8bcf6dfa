"""Does a hub, of whatever make, keep to what its neighbours rely on? Public addresses first, then as its peer.

Each check is one sentence that holds or does not; nothing here needs more than the address, except the last checks,
which need this hub's own keys and an entry of this hub in the other one's directory.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from federation.directory.model import Hub as PeerHub
from federation.directory.model import check_url, valid_at
from federation.documents import HELD
from federation.errors import PeerFault, PeerRefused
from federation.peer import Peer
from federation.ports import Asker
from federation.transport import Transport
from hub.federated.messenger import HubMessenger
from hub.federated.view import NO_SUBJECT, NOTHING
from hub.ledger.notes import NoteVerifier, open_checkpoint
from hub.settings import Settings
from hub.signing import KeyStore
from schema.bounded_json import read_json
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Finding:
    """``ok`` None: the check could not be made, and ``detail`` says why; that is no "ok"."""

    check: str
    ok: bool | None
    detail: str = ""


class NotMade(Exception):
    """A check that cannot be made here and now."""


class Probe:
    """``run`` gives one finding for each check, in order; it never raises for what the peer does."""

    def __init__(self, url: str, settings: Settings, *, timeout: float = 5.0, joined: bool = True) -> None:
        """``joined``: whether this hub runs, so that it can ask as a neighbour; without it, only public addresses."""
        self._joined = joined
        self.url = check_url(url, "URL")
        self._settings = settings
        self._transport = Transport(max_bytes=settings.peer_max_bytes, private=True)
        self._timeout = timeout
        self._told: Mapping[str, Any] = {}

    async def run(self) -> list[Finding]:
        checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("publishes region, name, keys, ledger at /.well-known/credit-hub", self._well_known),
            ("has a signing key that is valid now", self._keys),
            ("publishes RFC 8414 metadata with this issuer, private_key_jwt and DPoP", self._metadata),
            ("refuses /graphql without a token: 401, problem+json, a DPoP challenge", self._challenge),
            ("refuses a compressed request body with 415", self._compressed),
            ("refuses a request body over 256 kB with 413", self._large),
            ("publishes a checkpoint signed by its ledger key", self._checkpoint),
            ("does not know a receipt that it never gave", self._receipt),
            ("answers this hub, signed and bound to the question", self._asked),
        ]
        found = []
        try:
            for name, check in checks:
                found.append(await self._one(name, check))
        finally:
            await self._transport.close()
        return found

    async def _one(self, name: str, check: Callable[[], Awaitable[str]]) -> Finding:
        try:
            return Finding(name, True, await check())
        except NotMade as error:
            return Finding(name, None, str(error))
        except (HubError, httpx.HTTPError, ValueError, KeyError, TypeError, AssertionError, OSError) as error:
            return Finding(name, False, str(error)[:300] or type(error).__name__)

    async def _get(self, path: str) -> httpx.Response:
        return await self._transport.client.get(self.url + path, timeout=self._timeout)

    async def _well_known(self) -> str:
        answer = await self._get("/.well-known/credit-hub")
        _hold(answer.status_code == 200, f"status {answer.status_code}")
        told = read_json(answer.content)
        for name in ("region", "name", "keys", "ledger", "endpoints", "versions"):
            _hold(name in told, f"no {name}")
        self._told = told
        return f"{told['region']} {told['name']}"

    async def _keys(self) -> str:
        self._known()
        now = int(time.time())
        valid = [key for key in self._told["keys"] if valid_at(key, now)]
        _hold(bool(valid), "none")
        _hold(all("d" not in key for key in self._told["keys"]), "a private key is published")
        return " ".join(str(key["kid"]) for key in valid)

    async def _metadata(self) -> str:
        answer = await self._get("/.well-known/oauth-authorization-server")
        told = read_json(answer.content)
        _hold(told["issuer"] == self.url, f"issuer is {told['issuer']}")
        _hold("private_key_jwt" in told["token_endpoint_auth_methods_supported"], "no private_key_jwt")
        _hold(bool(told["dpop_signing_alg_values_supported"]), "no DPoP")
        return str(told["token_endpoint"])

    async def _challenge(self) -> str:
        return await self._refused({}, b'{"query":"{__typename}"}', 401, "www-authenticate")

    async def _compressed(self) -> str:
        return await self._refused({"content-encoding": "gzip"}, b"\x1f\x8b", 415)

    async def _large(self) -> str:
        answer = await self._post({}, b" " * (256 * 1024 + 1))
        _hold(answer.status_code in (401, 413), f"status {answer.status_code}")
        return str(answer.status_code)

    async def _refused(self, headers: Mapping[str, str], body: bytes, status: int, field: str = "") -> str:
        answer = await self._post(headers, body)
        _hold(answer.status_code == status, f"status {answer.status_code}")
        _hold("problem+json" in answer.headers.get("content-type", ""), "no problem+json")
        _hold(not field or answer.headers.get(field, "").startswith("DPoP"), f"no {field}: DPoP")
        return str(read_json(answer.content)["code"])

    async def _post(self, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        sent = {"content-type": "application/json", **headers}
        return await self._transport.client.post(
            f"{self.url}/graphql", headers=sent, content=body, timeout=self._timeout
        )

    async def _checkpoint(self) -> str:
        answer = await self._get("/ledger/checkpoint")
        if answer.status_code == 404:
            raise NotMade("the log is empty")
        self._known()
        verifier = NoteVerifier.from_facts(self._told["ledger"])
        found = open_checkpoint(answer.text, [verifier])
        _hold(found.origin == self._told["ledger"]["origin"], f"origin {found.origin}")
        return f"size {found.size}"

    async def _receipt(self) -> str:
        answer = await self._get("/receipts/00000000-0000-7000-8000-000000000000")
        _hold(answer.status_code == 404, f"status {answer.status_code}")
        return "404"

    def _known(self) -> None:
        if not self._told:
            raise NotMade("it publishes no readable /.well-known/credit-hub")

    async def _asked(self) -> str:
        self._known()
        if not self._joined:
            raise NotMade("no hub of this data folder runs, so nobody asks: credit-hub serve")
        keys = KeyStore.of(self._settings)
        hub = PeerHub(
            str(self._told["region"]),
            str(self._told["name"]),
            self.url,
            tuple({k: v for k, v in key.items() if v is not None} for key in self._told["keys"]),
            self._told["ledger"],
        )
        messenger = HubMessenger(self._settings, keys, self._transport.client)
        peer = Peer(hub, messenger, self._transport)
        deadline = asyncio.get_running_loop().time() + self._timeout
        asker = Asker("conformance probe", "mutual-recognition")
        try:
            await peer.query(NOTHING, {}, asker=asker, deadline=deadline)
            answer = await peer.query(HELD, {"codes": [NO_SUBJECT]}, asker=asker, deadline=deadline)
        except PeerRefused as fault:
            if fault.reason == "token":
                raise NotMade(f"not joined yet: {fault.message}") from None
            if fault.reason == "status":
                return "answers; no agreement in force that opens facts to this hub"
            raise ValueError(f"{fault.peer_status} {fault.message}") from None
        except PeerFault as fault:
            raise ValueError(f"{fault.peer_status} {fault.message}") from None
        return json.dumps(answer.data)[:100]


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)

"""``Auth``: the authorization server and the resource server of one hub process, opened and closed as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Self

from sqlalchemy.exc import IntegrityError
from starlette.routing import Route

from hub.auth import tokens
from hub.auth.challenge import invalid_proof
from hub.auth.clients import HUB_PAGES, Client, Clients, hub_pages
from hub.auth.database import Database
from hub.auth.issuers import Issuers
from hub.auth.local import ensure_local_client
from hub.auth.people.routes import PeopleRoutes, Tell
from hub.auth.profile import ProfileServer
from hub.auth.purpose import narrow
from hub.auth.resource import ClientSource, Headers, ResourceServer
from hub.auth.routes import OAuthRoutes
from hub.auth.snapshot import Revocations
from hub.auth.tables import create_tables
from hub.auth.token_keys import TokenKeys
from hub.settings import Settings
from schema.caller import Caller
from schema.errors import HubError

Admit = Callable[[str], None]


def _anybody(client_id: str) -> None:
    """No limit."""


async def _nobody(kind: str, detail: Mapping[str, object]) -> None:
    """No ledger."""


def _no_peers(_: str) -> Client | None:
    return None


class Auth:
    """Made without I/O, so that ``routes`` can be mounted; ``open`` before the first request, ``close`` after the last.

    ``base_url`` gives issuer, audience and the base of ``htu`` where it is known only after binding (default: the
    setting). ``peers`` finds hubs of the directory, which are clients by their base URL. ``admit`` and ``admit_oauth``
    are told of each client that is known by then, before anything is written for it; they raise TooManyRequests.
    ``tell`` writes an entry of the ledger, for each sign-in.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: Callable[[], str] | None = None,
        peers: ClientSource = _no_peers,
        admit: Admit = _anybody,
        admit_oauth: Admit = _anybody,
        tell: Tell = _nobody,
    ) -> None:
        self.base_url = base_url or (lambda: settings.base_url)
        self._settings = settings
        self._peers: ClientSource = lambda client_id: hub_pages() if client_id == HUB_PAGES else peers(client_id)
        self._admit = admit
        self._database = Database(settings.sql_url)
        self._keys = TokenKeys(settings.data / "keys")
        self._issuers = Issuers(settings.issuers, base_url=self.base_url)
        self._revocations = Revocations(self._database)
        self.clients = Clients(self._database)
        server = ProfileServer(
            base_url=self.base_url,
            database=self._database,
            keys=self._keys,
            find_client=self._find_client,
            admit=admit_oauth,
        )
        self._http = OAuthRoutes(server, require_nonce=settings.dpop_nonce, changed=self._revocations.expire)
        self._resource = ResourceServer(
            base_url=self.base_url,
            keys=self._keys,
            issuers=self._issuers,
            revocations=self._revocations,
            peers=self._peers,
            require_nonce=settings.dpop_nonce,
        )
        people = PeopleRoutes(self._database, self.base_url, tell)
        self.routes: list[Route] = [*self._http.routes(), *people.routes()]

    async def open(self) -> None:
        """Tables, token keys, the local operator's client. Raises SettingsError or LedgerUnavailable."""
        try:
            await asyncio.to_thread(self._prepare)
            await self._revocations.renew()
        except BaseException:
            await self.close()
            raise

    def _prepare(self) -> None:
        create_tables(self._database)
        self._keys.ensure()
        self._issuers.refresh()
        ensure_local_client(self._settings, self.clients)

    async def close(self) -> None:
        self._http.close()
        self._revocations.close()
        await asyncio.to_thread(self._database.close)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def authenticate(self, headers: Headers, method: str, url: str, *, remember: bool = False) -> Caller:
        """The caller with purpose and case: ``identify``, then ``narrow``."""
        return self.narrow(await self.identify(headers, method, url, remember=remember), headers)

    async def identify(self, headers: Headers, method: str, url: str, *, remember: bool = False) -> Caller:
        """Who asks. ``url``: base URL and path as the client wrote them, query or not. Headers: as in the ASGI scope.

        ``remember`` uses the proof's ``jti`` up in the store, for routes whose answer is no ledger entry (which does
        it itself). Raises Unauthenticated with ``www_authenticate``, LedgerUnavailable when the store is gone, and with
        ``remember`` TooManyRequests.
        """
        caller = await self._resource.identify(headers, method, url)
        if remember:
            self._admit(caller.client_id)
            await asyncio.to_thread(self._use_up, caller)
        return caller

    def narrow(self, caller: Caller, headers: Headers) -> Caller:
        """The caller with purpose and case. Raises Forbidden (403) or UsageError (400), after authentication."""
        return narrow(caller, headers, realm=self.base_url())

    def client(self, client_id: str) -> Client | None:
        """A client that is not revoked, as of the last authenticated call; no I/O, so fit for the event loop."""
        client = self._revocations.held.clients.get(client_id) or self._peers(client_id)
        return None if client is None or client.revoked_at is not None else client

    def challenge(self) -> HubError:
        """The refusal of a request without credentials."""
        return self._resource.challenge()

    def _use_up(self, caller: Caller) -> None:
        try:
            with self._database.write() as connection:
                tokens.use_once(connection, "resource", caller.jkt, caller.jti, caller.jti_expires)
        except IntegrityError:
            raise invalid_proof(self.base_url(), "this proof was used before") from None

    def _find_client(self, client_id: str) -> Client | None:
        return self.clients.find(client_id) or self._peers(client_id)


def rotate_token_keys(settings: Settings) -> str:
    """A new token signing key for a running or stopped hub; returns its ``kid``."""
    return TokenKeys(settings.data / "keys").rotate()

"""Machine clients of the built-in authorization server, kept in SQL.

A client is never deleted: its id stays in the ledger, so revoking only ends it. Ids that contain ``#`` name clients
of further issuers (``issuer#client``), ids that are URLs name hubs of the directory; revoking one blocks it here.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from hub.auth.database import Database
from hub.auth.jose import PublicJwk, public_part
from hub.auth.tables import CLIENTS, changed, clients, gateways
from schema.errors import UsageError
from schema.identifiers import is_uscc
from schema.scopes import PURPOSES, PURPOSES_OF_SCOPE, ROLES, SCOPES, SELF

FOREIGN = "#"
HUB_PAGES = "hub-pages"
SIGNED_IN = "/signed-in"
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Client:
    """``keys`` verify its assertions; ``subject`` is the USCC of a ``credit:self`` client; ``peer_region`` is set for
    a hub of the directory; a ``gateway`` may name others for whom it asks. ``redirects`` are paths below the base URL
    of a public client, which has no keys: people get tokens through it. Times are Unix seconds."""

    client_id: str
    name: str
    keys: tuple[PublicJwk, ...]
    scopes: frozenset[str]
    purposes: frozenset[str]
    subject: str | None = None
    created_at: int = 0
    revoked_at: int | None = None
    peer_region: str | None = None
    gateway: bool = False
    redirects: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        return " ".join(sorted(self.scopes))


def hub_pages() -> Client:
    """The hub's own pages in a browser: every scope that some role has, DPoP in place of a secret."""
    scopes = frozenset(scope for role in ROLES.values() for scope in role.scopes)
    purposes = frozenset(purpose for scope in scopes for purpose in PURPOSES_OF_SCOPE[scope])
    return Client(HUB_PAGES, "hub pages 枢纽网页", (), scopes, purposes, redirects=(SIGNED_IN,))


def new_client(
    name: str,
    *,
    scope: str,
    jwks: Iterable[Mapping[str, Any]],
    purposes: Iterable[str] = (),
    subject: str | None = None,
    client_id: str = "",
    gateway: bool = False,
) -> Client:
    """A checked client, not yet stored; purposes default to those of its scopes. Raises UsageError."""
    scopes = frozenset(scope.split())
    _known("scope", scopes, SCOPES)
    _known("purpose", purposes, PURPOSES)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise UsageError("a client needs a name", hint=f"printable text of up to {MAX_NAME} characters")
    if (SELF in scopes) != (subject is not None):
        raise UsageError(
            f"{SELF} and a subject go together", hint="give --subject with the USCC of the one subject it may see"
        )
    if subject is not None and not is_uscc(subject):
        raise UsageError(
            "the subject is not a USCC",
            hint="18 characters with two check digits, GB 32100-2015",
            message_zh="统一社会信用代码无效",
        )
    try:
        keys = tuple(PublicJwk.read(public_part(jwk)) for jwk in jwks)
    except (ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            f"the client's key is not usable: {error}", hint="give an Ed25519, P-256 or RSA (2048 bits or more) JWK"
        ) from None
    if not 0 < len(keys) <= 10 or len({key.kid for key in keys}) != len(keys):
        raise UsageError("a client has 1 to 10 keys, each with its own kid", hint="give a JWK or a JWK set")
    chosen = frozenset(purposes) or frozenset(p for s in scopes for p in PURPOSES_OF_SCOPE[s])
    made = client_id or f"client-{secrets.token_hex(8)}"
    return Client(made, name.strip(), keys, scopes, chosen, subject, int(time.time()), gateway=gateway)


def _known(what: str, given: Iterable[str], allowed: Mapping[str, object]) -> None:
    wrong = sorted(set(given) - set(allowed))
    if wrong or (what == "scope" and not set(given)):
        text = f"unknown {what}: {' '.join(wrong)}" if wrong else f"no {what} given"
        raise UsageError(text, hint="allowed: " + " ".join(allowed))


class Clients:
    """The register of clients. Raises LedgerUnavailable when the store does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, client: Client) -> bool:
        """False when a client of this id is there already (it is left as it is)."""
        try:
            with self._database.write() as connection:
                connection.execute(insert(clients).values(**_values(client)))
                if client.gateway:
                    connection.execute(insert(gateways).values(client_id=client.client_id))
                changed(connection, CLIENTS)
        except IntegrityError:
            return False
        return True

    def find(self, client_id: str) -> Client | None:
        with self._database.read() as connection:
            row = connection.execute(registered().where(clients.c.client_id == client_id)).first()
        return None if row is None else read_client(row)

    def all(self) -> list[Client]:
        """In the order of their making."""
        with self._database.read() as connection:
            rows = connection.execute(registered().order_by(clients.c.created_at, clients.c.client_id)).all()
        return [read_client(row) for row in rows]

    def revoke(self, client_id: str) -> Client:
        """End a client and with it all its tokens; once more changes nothing. Raises UsageError for an unknown id."""
        now = int(time.time())
        held = self.find(client_id)
        if held is None and (FOREIGN in client_id or client_id.startswith(("https://", "http://"))):
            self.add(Client(client_id, client_id, (), frozenset(), frozenset(), None, now, now))
            return self.revoke(client_id)
        if held is None:
            raise UsageError(f"no client has the id {client_id}", hint="see `credit-hub client list`")
        with self._database.write() as connection:
            where = (clients.c.client_id == client_id) & clients.c.revoked_at.is_(None)
            if connection.execute(update(clients).where(where).values(revoked_at=now)).rowcount:
                changed(connection, CLIENTS)
        return self.find(client_id) or held


def _values(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "jwks": json.dumps([key.members | {"kid": key.kid} for key in client.keys]),
        "scopes": client.scope,
        "purposes": " ".join(sorted(client.purposes)),
        "subject": client.subject,
        "created_at": client.created_at,
        "revoked_at": client.revoked_at,
    }


def registered() -> Select[Any]:
    """Clients with whether they are gateways, for ``read_client``."""
    joined = clients.outerjoin(gateways, gateways.c.client_id == clients.c.client_id)
    return select(clients, gateways.c.client_id.is_not(None).label("gateway")).select_from(joined)


def read_client(row: Row[Any]) -> Client:
    return Client(
        row.client_id,
        row.name,
        tuple(PublicJwk.read(jwk) for jwk in json.loads(row.jwks)),
        frozenset(row.scopes.split()),
        frozenset(row.purposes.split()),
        row.subject,
        row.created_at,
        row.revoked_at,
        gateway=bool(row.gateway),
    )

"""Tables of OAuth state, all prefixed ``oauth_``, and the one place that makes them.

Times are Unix seconds (UTC). The counters in ``oauth_state`` grow with every change that a running hub must notice:
``clients`` when one is added or revoked, ``tokens`` when one is revoked; workers compare them with what they hold.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from hub.auth.database import Database
from schema.errors import SettingsError
from schema.sql_tables import make_missing

SCHEMA_VERSION = 1
CLIENTS, TOKENS = "clients", "tokens"  # names of the counters

metadata = MetaData()

state = Table(
    "oauth_state",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

clients = Table(
    "oauth_clients",
    metadata,
    Column("client_id", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("jwks", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("subject", String(18)),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

gateways = Table(
    "oauth_gateways",
    metadata,
    Column("client_id", String(200), primary_key=True),  # may speak for others
)

tokens = Table(
    "oauth_tokens",
    metadata,
    Column("jti", String(64), primary_key=True),
    Column("client_id", String(200), nullable=False),
    Column("scope", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)
Index("oauth_tokens_expiry", tokens.c.expires_at)
Index("oauth_tokens_revoked", tokens.c.revoked_at)

seen = Table(
    "oauth_seen",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 over the kind, whose it is, and the `jti`
    Column("expires_at", BigInteger, nullable=False),
)
Index("oauth_seen_expiry", seen.c.expires_at)


def create_tables(database: Database) -> None:
    """Make what is missing; safe to call from several processes at once.

    Raises SettingsError when the store was written by a newer program.
    """
    database.make_file()
    try:
        _create(database)
    except IntegrityError:
        _create(database)  # another process made them between our look and our write


def _create(database: Database) -> None:
    with database.write() as connection:
        make_missing(connection, metadata)
        held = {row.name: row.value for row in connection.execute(select(state))}
        for name, value in (("schema", SCHEMA_VERSION), (CLIENTS, 1), (TOKENS, 1)):
            if name not in held:
                connection.execute(insert(state).values(name=name, value=value))
    if held.get("schema", SCHEMA_VERSION) > SCHEMA_VERSION:
        raise SettingsError(
            f"the store has OAuth tables of version {held['schema']}, this program knows {SCHEMA_VERSION}",
            hint="run the newer credit-hub, or give another HUB_SQL",
        )


def changed(connection: Connection, what: str) -> None:
    """Tell running workers that clients or tokens changed; part of the transaction that changes them."""
    connection.execute(update(state).where(state.c.name == what).values(value=state.c.value + 1))

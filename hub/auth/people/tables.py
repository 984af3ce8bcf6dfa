"""Tables of people and of their way to a token. Times are Unix seconds (UTC).

Whatever a browser holds (links, cookies, codes) is kept as its SHA-256 only. No ID number is in any of them.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from hub.auth.tables import metadata

people = Table(
    "oauth_people",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # as colleagues know it; nothing is ever matched by it
    Column("role", String(32), nullable=False),
    Column("token", Text),  # the person's token in the graph, under the key of `key_id`
    Column("key_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

passkeys = Table(
    "oauth_passkeys",
    metadata,
    Column("credential_id", String(1400), primary_key=True),  # base64url; WebAuthn level 3: up to 1023 bytes
    Column("person_id", String(64), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

links = Table(
    "oauth_links",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

ceremonies = Table(
    "oauth_ceremonies",  # a page that was shown and what its form may do, once
    metadata,
    Column("key", String(64), primary_key=True),
    Column("browser", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("challenge", LargeBinary, nullable=False),
    Column("person_id", String(64)),
    Column("request", Text),
    Column("expires_at", BigInteger, nullable=False),
)

sessions = Table(
    "oauth_sessions",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False, index=True),
    Column("method", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("signed_in_at", BigInteger, nullable=False),
    Column("request", Text),  # the pushed request that this sign-in was for
    Column("expires_at", BigInteger, nullable=False),
)

pushed = Table(
    "oauth_pushed",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("client_id", String(200), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("jkt", String(64), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

codes = Table(
    "oauth_codes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("client_id", String(200), nullable=False),
    Column("person_id", String(64), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("jkt", String(64), nullable=False),
    Column("level", String(16), nullable=False),
    Column("signed_in_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("jti", String(64)),  # of the token that it gave
)

person_tokens = Table(
    "oauth_person_tokens",
    metadata,
    Column("jti", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False, index=True),
    Column("expires_at", BigInteger, nullable=False),
)

PASSING = (links, ceremonies, sessions, pushed, codes, person_tokens)
for _table in PASSING:
    Index(f"{_table.name}_expiry", _table.c.expires_at)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

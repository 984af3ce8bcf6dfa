"""People who sign in at this hub, their passkeys and the one-time links that enrol one.

A person is never deleted, since its id stays in the ledger; disabling ends links, sessions, codes and tokens at once.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from hub.auth.database import Database
from hub.auth.people.tables import codes, digest, links, passkeys, people, person_tokens, sessions
from hub.auth.tables import TOKENS, changed, tokens
from schema.errors import UsageError
from schema.scopes import ROLES

LINK_LIFE = 600  # seconds
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Person:
    """``name`` is how colleagues call them; ``token`` names them in the graph while its key is that of ``key_id``."""

    person_id: str
    name: str
    role: str
    token: str | None = None
    key_id: str | None = None
    created_at: int = 0
    disabled_at: int | None = None

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(ROLES[self.role].scopes) if self.role in ROLES else frozenset()


@dataclass(frozen=True, slots=True)
class Passkey:
    credential_id: str
    person_id: str
    public_key: bytes
    sign_count: int


def new_person(name: str, role: str) -> Person:
    """A checked person, not yet stored. Raises UsageError."""
    if role not in ROLES:
        raise UsageError(f"unknown role {role[:40]}", hint="allowed: " + " ".join(ROLES), message_zh="角色无效")
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UsageError("a person needs a name", hint=f"printable text of up to {MAX_NAME} characters")
    if sum(map(str.isdigit, name)) >= 15:
        raise UsageError("this name looks like an ID number", hint="ID numbers come with --id-number-from FILE")
    return Person(f"user-{secrets.token_hex(8)}", name, role, created_at=int(time.time()))


def read_person(connection: Connection, person_id: str, *, lock: bool = False) -> Person | None:
    """``lock``: nobody disables the person until the transaction ends."""
    query = select(people).where(people.c.person_id == person_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _person(row)


def _person(row: Row[Any]) -> Person:
    return Person(
        row.person_id, row.name, row.role, row.token, row.key_id, created_at=row.created_at, disabled_at=row.disabled_at
    )


class People:
    """Raises LedgerUnavailable when the store does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def require_free(self, name: str) -> None:
        """Raises UsageError when the name is taken."""
        with self._database.read() as connection:
            if connection.execute(select(people.c.person_id).where(people.c.name == name)).first() is not None:
                raise _taken(name)

    def add(self, person: Person) -> None:
        """Raises UsageError when the name is taken."""
        values = {name: getattr(person, name) for name in Person.__dataclass_fields__}
        try:
            with self._database.write() as connection:
                connection.execute(insert(people).values(**values))
        except IntegrityError:
            raise _taken(person.name) from None

    def bind(self, person: Person) -> None:
        """Keeps the person's token in the graph."""
        with self._database.write() as connection:
            where = people.c.person_id == person.person_id
            connection.execute(update(people).where(where).values(token=person.token, key_id=person.key_id))

    def all(self) -> list[Person]:
        """In the order of their making."""
        with self._database.read() as connection:
            rows = connection.execute(select(people).order_by(people.c.created_at, people.c.person_id)).all()
        return [_person(row) for row in rows]

    def find(self, person_id: str) -> Person | None:
        with self._database.read() as connection:
            return read_person(connection, person_id)

    def named(self, text: str) -> Person:
        """By id or name, as an operator types it. Raises UsageError."""
        with self._database.read() as connection:
            row = connection.execute(
                select(people).where((people.c.person_id == text) | (people.c.name == text))
            ).first()
        if row is None:
            raise UsageError("no such person", hint="see `credit-hub user list`", message_zh="没有此用户")
        return _person(row)

    def passkeys_of(self, person_id: str) -> list[Passkey]:
        with self._database.read() as connection:
            rows = connection.execute(select(passkeys).where(passkeys.c.person_id == person_id)).all()
        return [Passkey(row.credential_id, row.person_id, bytes(row.public_key), row.sign_count) for row in rows]

    def make_link(self, person: Person) -> str:
        """The code of a new one-time link, which ends those before it. Raises UsageError for a disabled person."""
        code = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            held = read_person(connection, person.person_id, lock=True)
            if held is None or held.disabled_at is not None:
                raise UsageError(
                    f"{person.name} is disabled", hint="add them anew under another name", message_zh="已停用"
                )
            connection.execute(delete(links).where(links.c.person_id == person.person_id))
            until = int(time.time()) + LINK_LIFE
            connection.execute(insert(links).values(key=digest(code), person_id=person.person_id, expires_at=until))
        return code

    def disable(self, person: Person) -> None:
        """Once more changes nothing. Running workers notice within a quarter of a second."""
        now = int(time.time())
        with self._database.write() as connection:
            read_person(connection, person.person_id, lock=True)
            where = (people.c.person_id == person.person_id) & people.c.disabled_at.is_(None)
            connection.execute(update(people).where(where).values(disabled_at=now))
            for table in (links, sessions, codes):
                connection.execute(delete(table).where(table.c.person_id == person.person_id))
            theirs = select(person_tokens.c.jti).where(person_tokens.c.person_id == person.person_id)
            ended = tokens.c.jti.in_(theirs) & tokens.c.revoked_at.is_(None)
            connection.execute(update(tokens).where(ended).values(revoked_at=now))
            changed(connection, TOKENS)


def _taken(name: str) -> UsageError:
    return UsageError(f"{name} is there already", hint="see `credit-hub user list`", message_zh="该用户已存在")

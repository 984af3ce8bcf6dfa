"""Pages that were shown and what comes back from them: once, from the same browser, within ten minutes.

The page holds the ceremony's name, which no other site can read; the browser holds a cookie. Both are needed, so a
form of another site, or of another browser, does nothing.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from hub.auth.database import Database
from hub.auth.people.provider import Assurance, refused
from hub.auth.people.store import read_person
from hub.auth.people.tables import ceremonies, digest, sessions

LIFE = 600  # seconds
SESSION_LIFE = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Ceremony:
    kind: str
    challenge: bytes
    person_id: str | None
    request: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody signed in. ``request``: the pushed request that they did it for."""

    person_id: str
    level: str
    signed_in_at: int
    request: str | None


class Ceremonies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, kind: str, browser: str, *, person_id: str | None = None, request: str | None = None
    ) -> tuple[str, bytes]:
        """The name of the new ceremony, and its challenge."""
        name, challenge = secrets.token_urlsafe(32), secrets.token_bytes(32)
        with self._database.write() as connection:
            connection.execute(
                insert(ceremonies).values(
                    key=digest(name),
                    browser=digest(browser),
                    kind=kind,
                    challenge=challenge,
                    person_id=person_id,
                    request=request,
                    expires_at=int(time.time()) + LIFE,
                )
            )
        return name, challenge

    def finish(self, kind: str, name: object, browser: str) -> Ceremony:
        """What the page was for; it is used up whatever comes of it. Raises SignInRefused."""
        if not isinstance(name, str) or not browser:
            raise refused("the page's form is not complete")
        where = (ceremonies.c.key == digest(name)) & (ceremonies.c.browser == digest(browser))
        where &= (ceremonies.c.kind == kind) & (ceremonies.c.expires_at > time.time())
        with self._database.write() as connection:
            row = connection.execute(select(ceremonies).where(where)).first()
            if row is None or not connection.execute(delete(ceremonies).where(where)).rowcount:
                raise refused("this page is used up, too old or of another browser")
        return Ceremony(row.kind, bytes(row.challenge), row.person_id, row.request)

    def open_session(self, assurance: Assurance, request: str | None, before: str) -> str:
        """The value of the new session's cookie; the one that the browser brought (``before``) ends.

        Raises SignInRefused.
        """
        value = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            person = read_person(connection, assurance.person, lock=True)
            if person is None or person.disabled_at is not None:
                raise refused("this person is disabled")
            end_session(connection, before)
            connection.execute(
                insert(sessions).values(
                    key=digest(value),
                    person_id=assurance.person,
                    method=assurance.method,
                    level=assurance.level,
                    signed_in_at=assurance.at,
                    request=request,
                    expires_at=assurance.at + SESSION_LIFE,
                )
            )
        return value

    def close_session(self, value: str) -> None:
        with self._database.write() as connection:
            end_session(connection, value)


def end_session(connection: Connection, value: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.key == digest(value)))


def find_session(connection: Connection, value: str) -> Session | None:
    where = (sessions.c.key == digest(value)) & (sessions.c.expires_at > time.time())
    row = connection.execute(select(sessions).where(where)).first()
    return None if row is None else Session(row.person_id, row.level, row.signed_in_at, row.request)

"""Passkeys (WebAuthn level 3): the default way to sign in, without passwords and without another server.

User verification is demanded each time. The relying party is the host of the base URL, which browsers allow for https
and for ``localhost`` only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hub.auth.database import Database
from hub.auth.people.ceremonies import Ceremonies
from hub.auth.people.provider import Assurance, Begun, Shown, refused
from hub.auth.people.store import Passkey, People, Person, read_person
from hub.auth.people.tables import digest, links, passkeys
from hub.signing.suites import b64u

LEVEL = "phr"  # phishing-resistant: OpenID Connect EAP ACR values 1.0
MAX_ID = 1400
_BAD = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class PasskeyProvider:
    name = "passkey"

    def __init__(self, database: Database, base_url: Callable[[], str]) -> None:
        self._database = database
        self._base_url = base_url
        self._ceremonies = Ceremonies(database)

    @property
    def origin(self) -> str:
        parts = urlsplit(self._base_url())
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def party(self) -> str:
        return urlsplit(self._base_url()).hostname or ""

    def begin(self, return_to: str | None, browser: str) -> Begun:
        """``return_to``: the key of the pushed request that the sign-in is for."""
        name, challenge = self._ceremonies.begin("sign-in", browser, request=return_to)
        options = generate_authentication_options(
            rp_id=self.party, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        return Begun(name, options_to_json(options))

    def complete(self, request: Shown) -> Assurance:
        return self.signed_in(request)[0]

    def signed_in(self, request: Shown) -> tuple[Assurance, str | None]:
        """The assurance, and the pushed request that the page was shown for."""
        ceremony = self._ceremonies.finish("sign-in", request.fields.get("ceremony"), request.browser)
        credential = _credential(request.fields)
        with self._database.read() as connection:
            held = connection.execute(select(passkeys).where(passkeys.c.credential_id == credential["id"])).first()
        if held is None:
            raise refused("this passkey is not known here", "ask the operator for a new link 请联系管理员")
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=ceremony.challenge,
                expected_rp_id=self.party,
                expected_origin=self.origin,
                credential_public_key=bytes(held.public_key),
                credential_current_sign_count=held.sign_count,
                require_user_verification=True,
            )
            handle = credential["response"].get("userHandle")
            if handle is not None and base64url_to_bytes(handle) != held.person_id.encode():
                raise ValueError("the passkey is of another person")
        except _BAD as error:
            raise refused("the passkey's answer does not hold") from error
        with self._database.write() as connection:
            same = (passkeys.c.credential_id == held.credential_id) & (passkeys.c.sign_count == held.sign_count)
            if not connection.execute(update(passkeys).where(same).values(sign_count=verified.new_sign_count)).rowcount:
                raise refused("the passkey was used at the same moment elsewhere")
            person = read_person(connection, held.person_id)
            if person is None or person.disabled_at is not None:
                raise refused("this person is disabled", "ask the operator 请联系管理员")
        now = int(time.time())
        return Assurance(self._base_url(), self.name, LEVEL, held.person_id, None, now), ceremony.request

    def enrolment(self, person: Person, browser: str) -> Begun:
        """The page on which a person who came by a link makes a passkey."""
        name, challenge = self._ceremonies.begin("enrol", browser, person_id=person.person_id)
        known = People(self._database).passkeys_of(person.person_id)
        options = generate_registration_options(
            rp_id=self.party,
            rp_name="Delta Credit Hub 长三角信用互认枢纽",
            user_id=person.person_id.encode(),
            user_name=person.name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in known
            ],
        )
        return Begun(name, options_to_json(options))

    def enrolled(self, request: Shown) -> Passkey:
        """The new passkey, not yet kept. Raises SignInRefused."""
        ceremony = self._ceremonies.finish("enrol", request.fields.get("ceremony"), request.browser)
        assert ceremony.person_id is not None
        try:
            made = verify_registration_response(
                credential=_credential(request.fields),
                expected_challenge=ceremony.challenge,
                expected_rp_id=self.party,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _BAD as error:
            raise refused("the new passkey does not hold") from error
        return Passkey(b64u(made.credential_id), ceremony.person_id, made.credential_public_key, made.sign_count)

    def keep(self, passkey: Passkey) -> None:
        """Raises SignInRefused."""
        try:
            with self._database.write() as connection:
                person = read_person(connection, passkey.person_id, lock=True)
                if person is None or person.disabled_at is not None:
                    raise refused("this person is disabled")
                connection.execute(insert(passkeys).values(**asdict(passkey), created_at=int(time.time())))
        except IntegrityError:
            raise refused("this passkey is enrolled already") from None


class LinkProvider:
    """A one-time link from the operator: ten minutes; looking at it changes nothing, the page's form uses it up."""

    name = "link"

    def __init__(self, database: Database, base_url: Callable[[], str]) -> None:
        self._database = database
        self._base_url = base_url
        self._ceremonies = Ceremonies(database)

    def begin(self, return_to: str | None, browser: str) -> Begun:
        return Begun(self._ceremonies.begin("link", browser, request=return_to)[0])

    def who(self, code: str) -> Person | None:
        """Whose link it is, while it works."""
        with self._database.read() as connection:
            where = (links.c.key == digest(code)) & (links.c.expires_at > time.time())
            row = connection.execute(select(links).where(where)).first()
            return None if row is None else read_person(connection, row.person_id)

    def complete(self, request: Shown) -> Assurance:
        self._ceremonies.finish("link", request.fields.get("ceremony"), request.browser)
        where = (links.c.key == digest(str(request.fields.get("code")))) & (links.c.expires_at > time.time())
        with self._database.write() as connection:
            row = connection.execute(select(links).where(where)).first()
            if row is None or not connection.execute(delete(links).where(where)).rowcount:
                raise refused("this link is used up or too old", "ask for another: `credit-hub user link` 请重新获取")
        return Assurance(self._base_url(), self.name, self.name, row.person_id, None, int(time.time()))


def _credential(fields: dict[str, Any]) -> dict[str, Any]:
    credential = fields.get("credential")
    if isinstance(credential, dict) and isinstance(credential.get("response"), dict):
        name = credential.get("id")
        if isinstance(name, str) and len(name) <= MAX_ID:
            return credential
    raise refused("there is no passkey in the form")

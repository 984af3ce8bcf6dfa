"""The port through which people show who they are, whatever shows it: a passkey, a link, another issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from schema.errors import HubError


class SignInRefused(HubError):
    code = "REFUSED"
    status = 403


@dataclass(frozen=True, slots=True)
class Assurance:
    """What was shown. ``issuer``: who vouches, this hub's base URL for its own; ``method``: the adapter's name;
    ``level``: the ``acr`` of tokens; ``person``: the id of a person of this hub; ``organisation``: for whom the issuer
    says they act, never taken for a right; ``at``: Unix seconds."""

    issuer: str
    method: str
    level: str
    person: str
    organisation: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser sends back: ``browser`` is the cookie's value, ``fields`` the form or JSON object."""

    browser: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """What the page is to show: the form's ceremony, and options for the browser where the method has some."""

    ceremony: str
    options: str = ""


class IdentityProvider(Protocol):
    """An ID number that an adapter sees lives inside ``complete`` only: it becomes the person's token and is dropped.

    ``complete`` raises SignInRefused, whatever does not hold; both raise LedgerUnavailable.
    """

    name: str

    def begin(self, return_to: str | None, browser: str) -> Begun: ...

    def complete(self, request: Shown) -> Assurance: ...


def refused(why: str, hint: str = "load the page again and start anew 请刷新页面后重试") -> SignInRefused:
    return SignInRefused(why, hint=hint, message_zh="未能登录")

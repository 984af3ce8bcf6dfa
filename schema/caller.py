"""Who asks: the outcome of authentication, handed to everything behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated client and what its token and headers allow for this one request.

    ``purpose`` and ``case`` are the checked ``Credit-Purpose`` and ``Credit-Case`` headers (None: header absent).
    ``subject`` is the USCC that a ``credit:self`` token is bound to. ``on_behalf_of`` names the end client that a
    neighbouring hub or a gateway asks for; ``via`` are those who passed the question on, each ``(issuer, name)``, the
    last one first; ``behalf_digest`` is the digest (RFC 9530) of the signed statement that says so. ``jti`` and ``jkt``
    are the DPoP proof's id and key thumbprint (RFC 9449).
    """

    client_id: str
    scopes: frozenset[str]
    purposes: frozenset[str] = frozenset()
    purpose: str | None = None
    case: str | None = None
    subject: str | None = None
    on_behalf_of: str | None = None
    via: tuple[tuple[str, str], ...] = ()
    behalf_digest: str | None = None
    jti: str = ""
    jti_expires: int = 0  # Unix seconds; the proof's id must be remembered until then
    jkt: str = ""
    issuer: str = ""
    token_id: str = ""
    name: str = ""
    peer_region: str | None = None  # set when the client is a hub of the directory
    gateway: bool = False  # registered to speak for others (``Credit-On-Behalf-Of``)

    def has(self, *scopes: str) -> bool:
        """True when any of the given scopes was granted."""
        return not self.scopes.isdisjoint(scopes)

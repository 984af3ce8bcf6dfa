"""OAuth errors that Authlib lacks (RFC 6749 section 5.2, RFC 9449 sections 5 and 8)."""

from __future__ import annotations

from authlib.oauth2.rfc6749.errors import OAuth2Error


class InvalidDpopProof(OAuth2Error):  # type: ignore[misc]
    error = "invalid_dpop_proof"


class UseDpopNonce(OAuth2Error):  # type: ignore[misc]
    """The client sends again with the nonce in the ``DPoP-Nonce`` header of this answer."""

    error = "use_dpop_nonce"


class UnsupportedResponseType(OAuth2Error):  # type: ignore[misc]
    error = "unsupported_response_type"


class RequestNotSupported(OAuth2Error):  # type: ignore[misc]
    """OpenID Connect Core section 6: no request objects here."""

    error = "request_not_supported"


class UnsupportedGrantType(OAuth2Error):  # type: ignore[misc]
    error = "unsupported_grant_type"


def described(error: type[OAuth2Error], why: str) -> OAuth2Error:
    """The error with a description cut down to the characters that RFC 6749 allows."""
    return error(description="".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in why[:200]))

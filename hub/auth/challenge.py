"""Refusals of the resource server, with the ``WWW-Authenticate`` value that tells why (RFC 9449 section 7.1)."""

from __future__ import annotations

from hub.auth.jose import ALGS
from schema.errors import Forbidden, Unauthenticated

_DOCS = "get a token at /oauth/token and send it as `Authorization: DPoP …` with a fresh DPoP proof"


def _challenge(realm: str, error: str = "", description: str = "") -> str:
    parts = [f'DPoP realm="{realm}"']
    if error:
        safe = "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in description[:200])
        parts += [f'error="{error}"', f'error_description="{safe}"']
    return ", ".join([*parts, f'algs="{" ".join(ALGS)}"'])


def _refusal(realm: str, error: str, message: str, message_zh: str, hint: str) -> Unauthenticated:
    refusal = Unauthenticated(message, hint=hint, message_zh=message_zh)
    refusal.headers["WWW-Authenticate"] = _challenge(realm, error, message)
    return refusal


def not_authenticated(realm: str) -> Unauthenticated:
    """No credentials at all: the challenge carries no error code (RFC 6750 section 3.1)."""
    return _refusal(realm, "", "the request is not authenticated", "未认证", _DOCS)


def invalid_token(realm: str, why: str) -> Unauthenticated:
    return _refusal(realm, "invalid_token", why, "访问令牌无效", _DOCS)


def invalid_proof(realm: str, why: str) -> Unauthenticated:
    return _refusal(
        realm, "invalid_dpop_proof", why, "DPoP 证明无效", "make a new proof for each request (RFC 9449 section 4)"
    )


def nonce_needed(realm: str, nonce: str) -> Unauthenticated:
    refusal = _refusal(
        realm,
        "use_dpop_nonce",
        "the proof needs a fresh nonce of this server",
        "需要服务器随机数",
        "put the value of the DPoP-Nonce response header into the proof's nonce claim and send again",
    )
    refusal.headers["DPoP-Nonce"] = nonce
    return refusal


def forbidden(realm: str, message: str, hint: str, message_zh: str) -> Forbidden:
    """Authenticated, but not for this: 403 with ``insufficient_scope``."""
    refusal = Forbidden(message, hint=hint, message_zh=message_zh)
    refusal.headers["WWW-Authenticate"] = _challenge(realm, "insufficient_scope", message)
    return refusal

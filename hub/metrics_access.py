"""Who may read ``/metrics``: a monitoring system with the token of a file (it can make no proofs), or a client with
``credit:operate``. Numbers alone tell who works when, so nobody else sees them.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
from pathlib import Path

from starlette.requests import Request

from hub.auth import Auth
from hub.signing.keys import locked, write_private
from schema.errors import Forbidden, SettingsError
from schema.scopes import OPERATE

SHORTEST = 16


def metrics_token(path: Path, *, given: bool) -> bytes:
    """The token in the file, which is made (mode 600) unless the operator named it. Raises SettingsError."""
    try:
        if not given and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(path.with_suffix(".lock")):
                if not path.exists():
                    write_private(path, secrets.token_urlsafe(32).encode())
        token = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"HUB_METRICS_TOKEN_FILE {os.fspath(path)} cannot be read: {error.strerror}",
            hint="give a file of this user",
        ) from None
    if len(token) < SHORTEST or not token.isascii():
        raise SettingsError(
            f"the metrics token in {os.fspath(path)} is too short", hint=f"at least {SHORTEST} ASCII characters"
        )
    return token


async def admit(request: Request, auth: Auth, url: str, path: Path, *, given: bool) -> None:
    """Raises Unauthenticated, Forbidden or SettingsError."""
    sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(sent) == 1 and sent[0][:7].lower() == b"bearer ":
        token = await asyncio.to_thread(metrics_token, path, given=given)
        if hmac.compare_digest(sent[0][7:].strip(), token):
            return
        refused = auth.challenge()
        refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        raise refused
    caller = await auth.identify(request.scope["headers"], request.method, url, remember=True)
    if not caller.has(OPERATE):
        raise Forbidden("this needs credit:operate", hint="or the token of HUB_METRICS_TOKEN_FILE: docs/settings.md")

"""The local operator's client: who can read the hub's data folder may ask it with every scope of an operator.

Its private key is ``keys/local-client.json`` (mode 600). If it was revoked, remove that file and start the hub: it
makes a new client. ``credit:self`` is not among its scopes, since that one belongs to a single subject, nor is
``credit:unmask``: who is to see full names is registered by name. Nor are the scopes of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import orjson

from hub.auth.clients import Clients, new_client
from hub.auth.jose import PrivateJwk, generate_jwk, public_part
from hub.settings import Settings
from hub.signing.keys import locked, write_private
from schema.errors import ServiceError, SettingsError
from schema.scopes import OF_PEOPLE, SCOPES, SELF, UNMASK

LOCAL_SCOPES = tuple(scope for scope in SCOPES if scope not in (SELF, UNMASK, *OF_PEOPLE))
LOCAL_NAME = "local operator 本机操作员"


@dataclass(frozen=True)
class LocalClient:
    client_id: str
    key: PrivateJwk


def local_client_file(settings: Settings) -> Path:
    return settings.data / "keys" / "local-client.json"


def read_local_client(settings: Settings) -> LocalClient:
    """Raises ServiceError when no hub has run in this data folder, SettingsError when the file is damaged."""
    path = local_client_file(settings)
    try:
        held = orjson.loads(path.read_bytes())
        return LocalClient(str(held["client_id"]), PrivateJwk.read(held["key"]))
    except OSError as error:
        raise ServiceError(
            f"{path} cannot be read: {error.strerror}",
            hint="start the hub with the same HUB_DATA, and run this command as its user",
            message_zh="找不到本机客户端密钥",
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is damaged: {error}", hint="remove it and start the hub again") from None


def ensure_local_client(settings: Settings, clients: Clients) -> str:
    """Make and register the client where it is missing; returns its id. A revoked one stays revoked."""
    path = local_client_file(settings)
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            made = {"client_id": f"local-{token_hex(8)}", "key": generate_jwk()}
            write_private(path, orjson.dumps(made))
        held = read_local_client(settings)
        registered = clients.find(held.client_id)
        if registered is not None and UNMASK in registered.scopes:  # one of an earlier version
            clients.revoke(held.client_id)
            write_private(path, orjson.dumps({"client_id": f"local-{token_hex(8)}", "key": generate_jwk()}))
            held = read_local_client(settings)
        clients.add(
            new_client(
                LOCAL_NAME,
                scope=" ".join(LOCAL_SCOPES),
                jwks=[public_part(held.key.public)],
                client_id=held.client_id,
            )
        )
    return held.client_id

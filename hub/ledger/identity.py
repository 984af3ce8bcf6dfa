"""The log's identity: origin and key, made once and kept for the life of the log; and its last signed head on disk."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger.notes import NoteSigner
from hub.settings import Settings
from hub.signing.keys import locked, write_private
from hub.signing.suites import b64u, unb64u
from schema.errors import ServiceError, SettingsError


def open_identity(settings: Settings) -> NoteSigner:
    """The log's signer, made on first use. The origin follows HUB_BASE_URL where that is set at the time, and is a
    name of its own otherwise; it never changes later. Raises SettingsError or ServiceError when it cannot be read."""
    path = settings.data / "keys" / "ledger.json"
    with locked(path.with_suffix(".lock")):
        try:
            saved = orjson.loads(path.read_bytes())
            return NoteSigner(saved["origin"], Ed25519PrivateKey.from_private_bytes(unb64u(saved["key"])))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise ServiceError(f"{path} cannot be read: {error.strerror}", hint="check its owner and mode") from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{path} is damaged: {error}", hint="restore it from a backup") from None
        key = Ed25519PrivateKey.generate()
        made = NoteSigner(_origin(settings, key), key)
        document = {"origin": made.name, "key": b64u(key.private_bytes_raw()), "vkey": made.verifier.vkey}
        write_private(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))
    return made


def _origin(settings: Settings, key: Ed25519PrivateKey) -> str:
    parts = urlsplit(settings.base_url)
    if parts.netloc and "+" not in settings.base_url and not any(c.isspace() for c in settings.base_url):
        return f"{parts.netloc}{parts.path}/ledger"
    return f"credit-hub-{settings.region}/{key.public_key().public_bytes_raw()[:6].hex()}/ledger"


class LastHead:
    """The newest signed checkpoint, beside the database: a database that is set back is noticed by it."""

    def __init__(self, settings: Settings) -> None:
        self._path: Path = settings.data / "keys" / "ledger.checkpoint"

    def read(self) -> str | None:
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ServiceError(
                f"{self._path} cannot be read: {error.strerror}", hint="check its owner and mode"
            ) from None

    def write(self, note: str) -> None:
        write_private(self._path, note.encode())

"""The log's identity: origin and key, made once and kept for the life of the log; and its last signed head on disk."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.ledger.log_keys import LogKeys, LogSigner
from hub.ledger.notes import NoteSigner
from hub.settings import Settings
from hub.signing.keys import locked, write_private
from schema.errors import ServiceError


def open_identity(settings: Settings) -> NoteSigner:
    """The log's signer, made on first use. The origin follows HUB_BASE_URL where that is set at the time, and is a
    name of its own otherwise; it never changes later. Raises SettingsError or ServiceError when it cannot be read."""
    store = LogKeys(settings)
    with locked(store.path.with_suffix(".lock")):
        if store.read() is None:
            _begin(settings, store)
    return LogSigner(store)


def _begin(settings: Settings, store: LogKeys) -> None:
    made = store.generate()
    key = store.private(made)
    store.write({"origin": _origin(settings, key.public_key()), **made, "made": int(time.time())})


def _origin(settings: Settings, key: Ed25519PublicKey) -> str:
    parts = urlsplit(settings.base_url)
    if parts.netloc and "+" not in settings.base_url and not any(c.isspace() for c in settings.base_url):
        return f"{parts.netloc}{parts.path}/ledger"
    return f"credit-hub-{settings.region}/{key.public_bytes_raw()[:6].hex()}/ledger"


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

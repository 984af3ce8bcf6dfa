"""The log's identity: origin and key, made once and kept for the life of the log."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.ledger.last_head import LastHead
from hub.ledger.log_keys import LogKeys, LogSigner
from hub.ledger.notes import NoteSigner
from hub.settings import Settings
from hub.signing.keys import locked


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
    origin = _origin(settings, key.public_key())
    LastHead(settings).begin(NoteSigner(origin, key))
    store.write({"origin": origin, **made, "made": int(time.time())})


def _origin(settings: Settings, key: Ed25519PublicKey) -> str:
    parts = urlsplit(settings.base_url)
    if parts.netloc and "+" not in settings.base_url and not any(c.isspace() for c in settings.base_url):
        return f"{parts.netloc}{parts.path}/ledger"
    return f"credit-hub-{settings.region}/{key.public_bytes_raw()[:6].hex()}/ledger"

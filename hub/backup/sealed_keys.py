"""The hub's secret files as one JWE (RFC 7516) that only the recipient's private key opens.

``ECDH-ES+A256KW`` with ``A256GCM``; recipients are X25519 (RFC 8037) or P-256 keys. Left out: locks, and the local
operator's client, which belongs to a machine: a restored hub makes a new one.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, import_key

from hub.auth.local import local_client_file
from hub.ledger.log_keys import LogKeys
from hub.settings import Settings
from hub.signing.keys import write_private
from schema.errors import UsageError

ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]
MOST = 16 * 1024 * 1024


def new_recipient(path: Path) -> dict[str, Any]:
    """Make a key for backups: the private one into ``path`` (mode 600), to be kept away from the hub; the public one is
    returned. Raises UsageError where the file is there already."""
    if path.exists():
        raise UsageError(f"{path} is there already", hint="choose another name")
    key = OKPKey.generate_key("X25519", auto_kid=True)
    write_private(path, orjson.dumps(key.as_dict(private=True), option=orjson.OPT_INDENT_2))
    return dict(key.as_dict(private=False))


def secret_files(settings: Settings) -> dict[str, Path]:
    """Name in the backup → where it is now."""
    left_out = local_client_file(settings).name
    found = {
        path.name: path
        for path in sorted((settings.data / "keys").iterdir())
        if path.is_file() and path.suffix != ".lock" and path.name != left_out and not path.name.startswith(".")
    }
    found |= {"person.key": settings.person_key, "ledger.json": LogKeys(settings).path}
    following = settings.person_key.with_name(settings.person_key.name + ".next")
    if following.exists():
        found["person.key.next"] = following
    return {name: path for name, path in found.items() if path.exists()}


def seal(files: dict[str, bytes], recipient: Path) -> bytes:
    """Raises UsageError for what is no recipient key, and for a private one of which the hub should know nothing."""
    key = _key(recipient)
    payload = orjson.dumps({name: b64encode(data).decode() for name, data in files.items()})
    header = {"alg": ALGORITHMS[0], "enc": ALGORITHMS[1], "typ": "credit-backup-keys"}
    return jwe.encrypt_compact(header, payload, key, algorithms=ALGORITHMS).encode()


def unseal(data: bytes, key_file: Path) -> dict[str, bytes]:
    """Raises UsageError where the key is another one, or the data were changed."""
    key = _key(key_file)
    if not key.is_private:
        raise UsageError(f"{key_file} holds no private key", hint="give the recipient's private JWK")
    try:
        payload = jwe.decrypt_compact(data, key, algorithms=ALGORITHMS).plaintext
        assert payload is not None
        return {str(name): b64decode(text) for name, text in orjson.loads(payload).items()}
    except (JoseError, ValueError, AssertionError):
        raise UsageError(
            "the keys of this backup cannot be opened",
            hint="give the private JWK of the recipient that it was made for",
            message_zh="无法解开备份中的密钥",
        ) from None


def _key(path: Path) -> OKPKey | ECKey:
    try:
        if path.stat().st_size > MOST:
            raise ValueError("too large")
        key = import_key(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="see credit-hub keys recipient") from None
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        key = None
    curves = {"X25519", "P-256"}
    if not isinstance(key, (OKPKey, ECKey)) or key.as_dict(private=False).get("crv") not in curves:
        raise UsageError(f"{path} is no recipient key", hint="an X25519 or P-256 JWK; see credit-hub keys recipient")
    return key

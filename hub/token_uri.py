"""PKCS#11 URIs (RFC 7512): where a key token is, in one setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

TOKEN_PARTS = frozenset({"token", "serial", "manufacturer", "model", "slot-id"})


@dataclass(frozen=True)
class TokenUri:
    """A PKCS#11 URI (RFC 7512): which module, which token, and the file with the PIN."""

    module: str
    pin_file: Path
    token: Mapping[str, str]
    text: str

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Raises ValueError, saying what is wrong. ``pin-value`` is refused: secrets come from files."""
        if not text.startswith("pkcs11:"):
            raise ValueError("'file', or a pkcs11: URI (RFC 7512)")
        path, _, query = text.removeprefix("pkcs11:").partition("?")
        parts, asked = _pairs(path, ";"), _pairs(query, "&")
        if "pin-value" in asked:
            raise ValueError("a pkcs11: URI with pin-source=file:PATH; a PIN in a setting is refused")
        pin, module = asked.get("pin-source", ""), asked.get("module-path", "")
        if not pin.removeprefix("file:").startswith("/") or not module.startswith("/"):
            raise ValueError("a pkcs11: URI with absolute module-path=PATH and pin-source=file:PATH")
        if not parts or parts.keys() - TOKEN_PARTS or asked.keys() - {"pin-source", "module-path"}:
            raise ValueError(f"a pkcs11: URI that names its token by {' '.join(sorted(TOKEN_PARTS))}")
        return cls(module, Path(pin.removeprefix("file:")), parts, text)


def _pairs(text: str, separator: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if not equals or not value or name in found:
            raise ValueError("a pkcs11: URI of name=value parts, each once")
        found[name] = unquote(value)
    return found


def key_place(value: str) -> str:
    """A setting: ``file`` or a pkcs11: URI. Raises ValueError."""
    if value != "file":
        TokenUri.parse(value)
    return value


def log_key_place(value: str) -> str:
    """A setting: nothing, a file or a pkcs11: URI. Raises ValueError."""
    if value.startswith("pkcs11:"):
        return key_place(value)
    if value and not value.startswith("/"):
        raise ValueError("an absolute path, or a pkcs11: URI (RFC 7512)")
    return value

"""Content digests in the syntax of RFC 9530: ``sha-256=:…:``."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import http_sf

_HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def content_digest(body: bytes) -> str:
    """The ``Content-Digest`` of these exact bytes, with SHA-256."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def digest_matches(value: str, body: bytes) -> bool:
    """True when the field has at least one known digest and every known one is that of ``body``.

    An unknown algorithm beside a known one is passed over (RFC 9530 section 2); a malformed field never matches.
    """
    try:
        members: Any = http_sf.parse(value.encode("ascii"), tltype="dictionary")
    except (ValueError, TypeError):
        return False
    known = [(_HASHES[name], member) for name, member in members.items() if name in _HASHES]
    return bool(known) and all(
        isinstance(member, tuple) and isinstance(member[0], bytes) and member[0] == hashed(body).digest()
        for hashed, member in known
    )

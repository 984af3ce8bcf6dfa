"""RFC 3161 timestamps on heads of the log: one more signature line of the note, beside those of witnesses.

The line's name is ``rfc3161.HOST``; behind its key id is the whole TimeStampResp over the note's text. So it is stored,
shown and carried in bundles with the head. Needs the extra ``timestamps``.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from hub.ledger.notes import DASH
from schema.errors import SettingsError, UsageError

PREFIX = "rfc3161."
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
_TYPE = b"\xff" + b"RFC 3161 timestamp"  # C2SP signed-note: 0xff and a name for types without a number


def library() -> Any:
    """Raises SettingsError where the extra is not installed."""
    try:
        import rfc3161_client
    except ImportError:
        raise SettingsError(
            "timestamps need the extra timestamps", hint="pip install 'delta-credit-hub[timestamps]'"
        ) from None
    return rfc3161_client


@dataclass(frozen=True)
class TimestampLine:
    """The lines of one authority, by its name. ``check`` tells whether a line is over a text, not whom to trust."""

    name: str

    @classmethod
    def of(cls, url: str) -> TimestampLine:
        return cls(PREFIX + (urlsplit(url).hostname or ""))

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPE).digest()[:4]

    def line(self, reply: bytes) -> str:
        return f"{DASH}{self.name} {b64encode(self.key_id + reply).decode()}"

    def check(self, line: str, text: str) -> int:
        """When the authority stamped the text, Unix seconds. Raises ValueError where the line is none over it."""
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        raw = b64decode(encoded, validate=True)
        if not line.startswith(DASH) or name != self.name or raw[:4] != self.key_id:
            raise ValueError("not a timestamp of that authority")
        token = library().decode_timestamp_response(raw[4:])
        if token.tst_info.message_imprint.message != hashlib.sha256(text.encode()).digest():
            raise ValueError("a timestamp of something else")
        return int(token.tst_info.gen_time.timestamp())


def request_for(text: str) -> bytes:
    """The TimeStampReq over a note's text: SHA-256, with a nonce, asking for the authority's certificate."""
    made = library()
    builder = made.TimestampRequestBuilder().data(text.encode()).hash_algorithm(made.HashAlgorithm.SHA256)
    data: bytes = builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()
    return data


def stamped(note: str, roots: Sequence[x509.Certificate]) -> dict[str, datetime]:
    """Authority → instant of every timestamp of a note that leads to one of the roots; others count for nothing."""
    made = library()
    text, _, signatures = note.rpartition("\n\n")
    builder = made.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    verifier, found = builder.build(), {}
    for line in signatures.splitlines():
        name = line.removeprefix(DASH).partition(" ")[0]
        if not name.startswith(PREFIX):
            continue
        try:
            TimestampLine(name).check(line, text + "\n")
            reply = made.decode_timestamp_response(b64decode(line.rpartition(" ")[2])[4:])
            if verifier.verify_message(reply, (text + "\n").encode()):
                found[name] = reply.tst_info.gen_time
        except (ValueError, made.VerificationError):
            continue
    return found


def read_roots(paths: Sequence[Path]) -> list[x509.Certificate]:
    """Certificates in PEM. Raises UsageError."""
    try:
        return [one for path in paths for one in x509.load_pem_x509_certificates(path.read_bytes())]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}", hint="give a PEM file") from None
    except ValueError:
        raise UsageError("no certificates in PEM", hint="give the root of the timestamp authority") from None

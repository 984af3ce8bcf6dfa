"""HTTP message signatures (RFC 9421) as checked by this project: the library's parser and signature base, our policy.

The library decides what the signed bytes are; this module decides which key may have signed them, which components
must be covered, and how old a signature may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import http_sf
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureAlgorithm, HTTPSignatureKeyResolver
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from hub.signing.suites import Verifier
from schema.errors import Refused

Pair = tuple[str, str]


class SignatureFault(Refused):
    """A signature that does not hold. ``reason``: missing, unknown_key, not_covered, invalid, stale."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, hint="ask again, or ask the signer for its current keys", message_zh="签名无效")
        self.reason = reason


class Pairs:
    """Header fields in wire order, repeated names kept apart, as the library wants to read them."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = [(name.lower(), value) for name, value in pairs]

    def items(self) -> Iterator[Pair]:
        return iter(self._pairs)

    def get(self, name: str) -> str | None:
        """The combined value of a field (RFC 9110 section 5.3), or None."""
        values = [value.strip(" \t") for key, value in self._pairs if key == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True)
class RequestMessage:
    method: str
    url: str
    headers: Pairs


@dataclass(frozen=True)
class ResponseMessage:
    status_code: int
    headers: Pairs
    request: RequestMessage


@dataclass(frozen=True)
class VerifiedSignature:
    """What a signature that holds says of itself. ``created`` in Unix seconds."""

    keyid: str
    created: int
    nonce: str | None


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Left to ``verify_message``: evidence is checked years later, against the key's own validity."""


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def resolve_public_key(self, key_id: str) -> Verifier:
        return self._verifier


def signer_of(headers: Pairs) -> tuple[str, int]:
    """``keyid`` and ``created`` of the one signature, unchecked: who claims to have signed. Raises SignatureFault."""
    raw = headers.get("signature-input")
    if raw is None or headers.get("signature") is None:
        raise SignatureFault("missing", "the message is not signed")
    try:
        members: Any = http_sf.parse(raw.encode("ascii"), tltype="dictionary")
        ((_, params),) = members.values()
        keyid, created = params["keyid"], params["created"]
    except (ValueError, TypeError, KeyError):
        raise SignatureFault("invalid", "Signature-Input needs one signature with keyid and created") from None
    if not isinstance(keyid, str) or type(created) is not int:
        raise SignatureFault("invalid", "keyid is a string, created a whole number of Unix seconds")
    return keyid, created


def verify_message(
    message: RequestMessage | ResponseMessage,
    *,
    find_key: Callable[[str], Verifier | None],
    cover: Sequence[str],
    now: float | None,
    max_age: int = 60,
) -> VerifiedSignature:
    """Check the one signature of a message. ``now`` None: any age. Raises SignatureFault with its reason."""
    keyid, created = signer_of(message.headers)
    verifier = find_key(keyid)
    if verifier is None:
        raise SignatureFault("unknown_key", f"no key {keyid!r} is known of the signer")
    algorithm = _bridge(verifier)
    try:
        (result,) = _Verifier(signature_algorithm=algorithm, key_resolver=_Keys(verifier)).verify(message, max_age=None)
    except (HTTPMessageSignaturesException, ValueError, TypeError, AttributeError) as error:
        raise SignatureFault("invalid", f"the signature does not hold: {error}") from None
    missing = [name for name in cover if name not in result.covered_components]
    if missing:
        raise SignatureFault("not_covered", "the signature does not cover " + " ".join(missing))
    expires = result.parameters.get("expires")
    if now is not None and (abs(now - created) > max_age or (isinstance(expires, int) and now > expires)):
        raise SignatureFault("stale", f"the signature was made more than {max_age} s off this clock, or has expired")
    return VerifiedSignature(keyid, created, result.nonce)


def _bridge(verifier: Verifier) -> type[HTTPSignatureAlgorithm]:
    class Algorithm(HTTPSignatureAlgorithm):
        algorithm_id = verifier.http

        def __init__(self, public_key: Verifier, private_key: None = None) -> None:
            self._key = public_key

        def verify(self, signature: bytes, message: bytes) -> None:
            if not self._key.verify(signature, message):
                raise HTTPMessageSignaturesException("signature mismatch")

    return Algorithm

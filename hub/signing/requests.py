"""Signed requests between hubs (RFC 9421): made with the hub's key, checked once, remembered so they work only once."""

from __future__ import annotations

import secrets
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from hub.signing.digests import content_digest, digest_matches
from hub.signing.keys import KeyStore
from hub.signing.messages import (
    Pair,
    Pairs,
    RequestMessage,
    SignatureFault,
    VerifiedSignature,
    signer_of,
    verify_message,
)
from hub.signing.suites import Verifier
from schema.errors import Unauthenticated

LABEL = "hub"
MAX_AGE = 60  # seconds, either way
DERIVED = ("@method", "@target-uri")
FIELDS = ("content-digest", "authorization", "dpop", "credit-purpose", "credit-on-behalf-of")
FindKey = Callable[[str], Verifier | None]


class Memory(Protocol):
    """What has been used once, shared by all workers of a hub. Implemented by the ledger."""

    async def remember(self, scope: str, value: str, expires: int) -> None:
        """Raises Unauthenticated when the value was remembered before. ``expires`` in Unix seconds."""


def sign_request(
    keys: KeyStore, method: str, target_uri: str, headers: Iterable[Pair], body: bytes = b"", *, nonce: str = ""
) -> list[Pair]:
    """``Content-Digest``, ``Signature-Input`` and ``Signature`` to send beside ``headers``.

    All of ``FIELDS`` that the request has are covered; the verifier refuses one that it has and does not cover.
    """
    key = keys.current()
    fields = Pairs([*headers, ("content-digest", content_digest(body))])
    lines = [f'"@method": {method}', f'"@target-uri": {target_uri}']
    covered = [f'"{name}"' for name in DERIVED]
    for name in FIELDS:
        value = fields.get(name)
        if value is not None:
            covered.append(f'"{name}"')
            lines.append(f'"{name}": {value}')
    nonce = nonce or secrets.token_urlsafe(16)
    params = (
        f'({" ".join(covered)});created={int(time.time())};keyid="{key.kid}";nonce="{nonce}";alg="{key.signer.http}"'
    )
    lines.append(f'"@signature-params": {params}')
    signature = b64encode(key.signer.sign("\n".join(lines).encode())).decode()
    return [
        ("Content-Digest", content_digest(body)),
        ("Signature-Input", f"{LABEL}={params}"),
        ("Signature", f"{LABEL}=:{signature}:"),
    ]


async def verify_request(
    method: str,
    target_uri: str,
    headers: Iterable[Pair],
    body: bytes,
    *,
    find_key: FindKey | Callable[[str], Awaitable[Verifier | None]],
    memory: Memory,
    sender: str = "",
    now: float | None = None,
) -> VerifiedSignature:
    """Check a signed request and use up its nonce. ``sender`` separates the nonces of different peers.

    Raises Unauthenticated when the signature is missing, by an unknown key, too old, does not cover what it must, or
    was used before; LedgerUnavailable when nonces cannot be remembered.
    """
    now = time.time() if now is None else now
    fields = Pairs(headers)
    message = RequestMessage(method, target_uri, fields)
    cover = [f'"{name}"' for name in DERIVED]
    cover += [f'"{name}"' for name in FIELDS if name == "content-digest" or fields.get(name) is not None]
    try:
        verified = await _verify(message, cover, find_key, now)
        if not digest_matches(fields.get("content-digest") or "", body):
            raise SignatureFault("invalid", "the request's bytes are not those that were signed")
        if not verified.nonce or len(verified.nonce) > 256:
            raise SignatureFault("invalid", "the signature needs a nonce of at most 256 characters")
    except SignatureFault as fault:
        raise Unauthenticated(
            f"the request's signature is refused: {fault.message}",
            hint="sign @method @target-uri content-digest authorization dpop credit-purpose credit-on-behalf-of "
            "with created (at most 60 s off), nonce, keyid, by a key of the directory",
            message_zh="请求签名无效",
        ) from None
    await memory.remember(
        "request-nonce", f"{sender or verified.keyid}\n{verified.nonce}", verified.created + 2 * MAX_AGE
    )
    return verified


async def _verify(
    message: RequestMessage,
    cover: list[str],
    find_key: FindKey | Callable[[str], Awaitable[Verifier | None]],
    now: float,
) -> VerifiedSignature:
    keyid, _ = signer_of(message.headers)
    found = find_key(keyid)
    key = await found if isinstance(found, Awaitable) else found
    return verify_message(message, find_key=lambda _: key, cover=cover, now=now, max_age=MAX_AGE)

"""Signed answers: every response is bound to the exact request it answers (RFC 9421, RFC 9530).

``content-digest;req`` would fail for clients that send none, and ``dpop;req`` alone would let another body verify, so
the request's digest travels in a response field of its own, ``Credit-Request-Digest``.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.signing.digests import content_digest, digest_matches
from hub.signing.keys import KeyStore
from hub.signing.messages import (
    Pair,
    Pairs,
    RequestMessage,
    ResponseMessage,
    SignatureFault,
    VerifiedSignature,
    verify_message,
)
from hub.signing.suites import Verifier

LABEL = "hub"
ANSWER = ('"@status"', '"content-digest"', '"credit-request-digest"', '"credit-receipt"')
QUESTION = ('"@method";req', '"@target-uri";req', '"dpop";req')
ASKED = ("credit-purpose", "credit-case", "credit-on-behalf-of")  # covered where the request has them
SIGNED_QUESTION = ('"signature";req', '"signature-input";req')


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What of a request the answer is bound to: ``target_uri`` absolute as the client wrote it (RFC 9110 section 7.1),
    ``body`` as received, fields as received (repeated ones joined with ", "). ``asked`` are the fields of ``ASKED``
    that it has, in their order."""

    method: str
    target_uri: str
    body: bytes = b""
    dpop: str | None = None
    signature: str | None = None
    signature_input: str | None = None
    asked: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, method: str, target_uri: str, body: bytes, field: Callable[[str], str | None]) -> RequestFacts:
        """``field`` gives the combined value of a header field."""
        asked = tuple((name, value) for name in ASKED if (value := field(name)) is not None)
        return cls(method, target_uri, body, field("dpop"), field("signature"), field("signature-input"), asked)

    @property
    def signed(self) -> bool:
        return self.signature is not None and self.signature_input is not None

    def pairs(self) -> Pairs:
        fields = (("dpop", self.dpop), ("signature", self.signature), ("signature-input", self.signature_input))
        return Pairs([*((name, value) for name, value in fields if value is not None), *self.asked])


@dataclass(frozen=True)
class VerifiedResponse:
    receipt_id: str
    keyid: str
    created: int


def components(request: RequestFacts) -> tuple[str, ...]:
    """What the answer to this request must cover."""
    question = QUESTION if request.dpop is not None else QUESTION[:2]
    asked = tuple(f'"{name}";req' for name, _ in request.asked)
    return ANSWER + question + asked + (SIGNED_QUESTION if request.signed else ())


def sign_response(
    keys: KeyStore,
    request: RequestFacts,
    status: int,
    body: bytes,
    receipt_id: str,
    *,
    request_digest: str | None = None,
    answer_digest: str | None = None,
) -> list[Pair]:
    """The header fields of a signed answer. Digests already computed for the ledger can be handed in.

    The signature base is written out here, since this runs for every answer; a test holds it equal to the library's.
    """
    key = keys.current()
    asked = request_digest or content_digest(request.body)
    answered = answer_digest or content_digest(body)
    covered = components(request)
    params = f'({" ".join(covered)});created={int(time.time())};keyid="{key.kid}";alg="{key.signer.http}"'
    lines = [
        f'"@status": {status}',
        f'"content-digest": {answered}',
        f'"credit-request-digest": {asked}',
        f'"credit-receipt": {receipt_id}',
        f'"@method";req: {request.method}',
        f'"@target-uri";req: {request.target_uri}',
    ]
    if request.dpop is not None:
        lines.append(f'"dpop";req: {request.dpop.strip()}')
    lines.extend(f'"{name}";req: {value.strip()}' for name, value in request.asked)
    if request.signature is not None and request.signature_input is not None:
        lines.append(f'"signature";req: {request.signature.strip()}')
        lines.append(f'"signature-input";req: {request.signature_input.strip()}')
    lines.append(f'"@signature-params": {params}')
    signature = b64encode(key.signer.sign("\n".join(lines).encode())).decode()
    return [
        ("Credit-Receipt", receipt_id),
        ("Credit-Request-Digest", asked),
        ("Content-Digest", answered),
        ("Signature-Input", f"{LABEL}={params}"),
        ("Signature", f"{LABEL}=:{signature}:"),
        ("Cache-Control", "no-store, no-transform"),
    ]


def check_signature(
    request: RequestFacts,
    status: int,
    headers: Pairs,
    find_key: Callable[[str], Verifier | None],
    *,
    now: float | None,
) -> VerifiedSignature:
    """Check that an answer's signature holds and covers everything it must. Raises SignatureFault."""
    asked = RequestMessage(request.method, request.target_uri, request.pairs())
    answer = ResponseMessage(status, headers, asked)
    return verify_message(answer, find_key=find_key, cover=components(request), now=now)


def verify_response(
    request: RequestFacts,
    status: int,
    headers: Iterable[Pair],
    body: bytes,
    find_key: Callable[[str], Verifier | None],
    *,
    now: float | None = None,
) -> VerifiedResponse:
    """Check a live answer (at most 60 s old): digests, signature, coverage. Raises SignatureFault."""
    fields = Pairs(headers)
    verified = check_signature(request, status, fields, find_key, now=time.time() if now is None else now)
    if not digest_matches(fields.get("content-digest") or "", body):
        raise SignatureFault("invalid", "the answer's bytes are not those that were signed")
    if not digest_matches(fields.get("credit-request-digest") or "", request.body):
        raise SignatureFault("invalid", "the answer was signed for another question")
    return VerifiedResponse(fields.get("credit-receipt") or "", verified.keyid, verified.created)

"""Offline verification of an evidence bundle: who said it, when, to which question, and that it was logged.

Every check ends in one of the reasons of ``REASONS``. The order goes from who (keys) over what (question, answer) to
where it was logged (proof, checkpoint), so that one change gives one reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hub.evidence.reading import Bundle, ProofPart, Receipt, read_receipt
from hub.evidence.trust import TrustedHub, TrustSource
from hub.ledger.notes import NoteVerifier, open_checkpoint
from hub.ledger.receipts import leaf_data, target_digest
from hub.ledger.tree import leaf_hash, root_from_inclusion
from hub.signing.digests import digest_matches
from hub.signing.keys import PublicKey
from hub.signing.messages import SignatureFault, signer_of
from hub.signing.responses import RequestFacts, check_signature

REASONS = (
    "answer_changed",
    "question_mismatch",
    "unknown_key",
    "key_not_valid_then",
    "proof_missing",
    "proof_invalid",
    "checkpoint_invalid",
)
SPREAD = 300  # seconds between receipt and signature of one answer


@dataclass(frozen=True)
class Verdict:
    """``ok`` and, where not, the reason and what exactly was seen. ``claims`` are the receipt's, checked when ok."""

    ok: bool
    reason: str | None = None
    detail: str = ""
    region: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)


class _No(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def verify_bundle(bundle: Bundle, trust: TrustSource) -> Verdict:
    """Check a bundle against trust that does not come from it. Never raises for what a bundle holds."""
    try:
        hub, receipt = _verify(bundle, trust)
    except _No as no:
        return Verdict(False, no.reason, no.detail, claims=bundle.receipt.claims if bundle.receipt else {})
    return Verdict(True, region=hub.region, claims=receipt.claims)


def _verify(bundle: Bundle, trust: TrustSource) -> tuple[TrustedHub, Receipt]:
    if bundle.request is None:
        raise _No("question_mismatch", "the bundle has no readable request")
    if bundle.body is None:
        raise _No("answer_changed", "the bundle has no readable answer")
    if bundle.receipt is None:
        reason = "proof_invalid" if bundle.receipt_given else "proof_missing"
        raise _No(reason, "the bundle has no readable receipt")
    receipt = bundle.receipt
    try:
        keyid, created = signer_of(bundle.headers)
    except SignatureFault as fault:
        raise _No("answer_changed", f"the answer is not signed: {fault.message}") from None
    hub, key, receipt_key = _keys(trust, keyid, receipt)
    _times(key, receipt_key, created, receipt)
    _question(bundle.request, bundle, receipt)
    _answer(bundle, receipt, bundle.body)
    _signature(bundle.request, bundle, key)
    if not receipt_key.verifier.verify(receipt.signature, receipt.signed):
        raise _No("proof_invalid", "the receipt is not signed by the hub")
    _target(bundle.request, receipt)
    _purpose(bundle, receipt)
    _logged(bundle, hub, receipt)
    return hub, receipt


def _keys(trust: TrustSource, keyid: str, receipt: Receipt) -> tuple[TrustedHub, PublicKey, PublicKey]:
    kid, issuer = receipt.header.get("kid"), receipt.claims.get("iss")
    hub = trust.hub_of(keyid, issuer if isinstance(issuer, str) else None)
    if hub is None:
        raise _No("unknown_key", f"no trusted hub at this address signs with {keyid}")
    if not isinstance(kid, str) or kid not in hub.keys:
        raise _No("unknown_key", f"the receipt is signed with {kid}, which is no key of the hub that answered")
    key = hub.keys[kid]
    if receipt.header.get("alg") not in (key.verifier.jose, key.jwk.get("alg"), *_spellings(key)):
        raise _No("unknown_key", "the receipt names another algorithm than that of its key")
    return hub, hub.keys[keyid], key


def _spellings(key: PublicKey) -> tuple[str, ...]:
    return ("EdDSA", "Ed25519") if key.verifier.jose == "EdDSA" else ()


def _times(key: PublicKey, receipt_key: PublicKey, created: int, receipt: Receipt) -> None:
    issued = receipt.claims.get("iat")
    if type(issued) is not int:
        raise _No("proof_invalid", "the receipt has no time")
    if not key.valid_at(created) or not receipt_key.valid_at(issued):
        raise _No("key_not_valid_then", f"key valid from {key.nbf} to {key.exp}, signed at {created}")
    if abs(created - issued) > SPREAD:
        raise _No("answer_changed", "receipt and answer were signed at different times")


def _question(request: RequestFacts, bundle: Bundle, receipt: Receipt) -> None:
    for name, value in (
        ("Credit-Request-Digest", bundle.headers.get("credit-request-digest")),
        ("request_digest", receipt.claims.get("request_digest")),
    ):
        if not isinstance(value, str) or not digest_matches(value, request.body):
            raise _No("question_mismatch", f"{name} is not that of the request's bytes")


def _answer(bundle: Bundle, receipt: Receipt, body: bytes) -> None:
    for name, value in (
        ("Content-Digest", bundle.headers.get("content-digest")),
        ("answer_digest", receipt.claims.get("answer_digest")),
    ):
        if not isinstance(value, str) or not digest_matches(value, body):
            raise _No("answer_changed", f"{name} is not that of the answer's bytes")
    if bundle.headers.get("credit-receipt") != receipt.claims.get("jti"):
        raise _No("answer_changed", "the receipt is that of another answer")
    if receipt.claims.get("status", bundle.status) != bundle.status:
        raise _No("answer_changed", "the receipt is for another status")


def _signature(request: RequestFacts, bundle: Bundle, key: PublicKey) -> None:
    try:
        check_signature(request, bundle.status, bundle.headers, lambda _: key.verifier, now=None)
    except SignatureFault as fault:
        receipt = bundle.receipt
        if receipt is not None and key.verifier.verify(receipt.signature, receipt.signed):
            _target(request, receipt)
        raise _No("answer_changed", fault.message) from None


def _target(request: RequestFacts, receipt: Receipt) -> None:
    if not request.target_uri.startswith(f"{receipt.claims.get('iss')}/"):
        raise _No("question_mismatch", "the question went to another address than that of the hub that answered")
    expected = receipt.claims.get("target_digest")
    if expected is not None and expected != target_digest(request.method, request.target_uri):
        raise _No("question_mismatch", "the receipt is for another method or address")
    proof_id = receipt.claims.get("dpop_jti")
    if proof_id is not None and proof_id != _dpop_jti(request.dpop):
        raise _No("question_mismatch", "the receipt is for a request with another DPoP proof")


def _purpose(bundle: Bundle, receipt: Receipt) -> None:
    """The header is not signed, but what was asked for is in the receipt; a purpose that was refused is not."""
    logged = receipt.claims.get("purpose")
    if bundle.purpose is not None and logged is not None and bundle.purpose != logged:
        raise _No("question_mismatch", "the receipt is for another purpose")


def _dpop_jti(proof: str | None) -> Any:
    parsed = read_receipt(proof)
    return None if parsed is None else parsed.claims.get("jti")


def _logged(bundle: Bundle, hub: TrustedHub, receipt: Receipt) -> None:
    if not bundle.proof_given:
        raise _No("proof_missing", "the bundle has no inclusion proof")
    if bundle.proof is None:
        raise _No("proof_invalid", "the inclusion proof cannot be read")
    if not bundle.checkpoint:
        raise _No("checkpoint_invalid", "the bundle has no checkpoint")
    try:
        head = open_checkpoint(bundle.checkpoint, _logs(hub, receipt))
    except ValueError as error:
        raise _No("checkpoint_invalid", f"the checkpoint is not one of the hub's log: {error}") from None
    if head.size != bundle.proof.size or _root(bundle.proof, receipt) != head.root:
        raise _No("proof_invalid", "the proof does not lead from the receipt to the checkpoint")


def _logs(hub: TrustedHub, receipt: Receipt) -> tuple[NoteVerifier, ...]:
    """The hub's log keys as trusted; a bare JWK set names none, then the one in the receipt that the hub signed."""
    if hub.logs:
        return hub.logs
    return (NoteVerifier.parse(str(receipt.claims.get("log"))),)


def _root(proof: ProofPart, receipt: Receipt) -> bytes | None:
    leaf = leaf_hash(leaf_data(proof.salt, receipt.jws))
    return root_from_inclusion(leaf, proof.index, proof.size, proof.hashes)

"""Offline verification of an evidence bundle: who said it, when, to which question, and that it was logged.

Every check ends in one of the reasons of ``REASONS``. The order goes from who (keys) over what (question, answer) to
where it was logged (proof, checkpoint), so that one change gives one reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hub.evidence.asker import Asker, attested, check_asker
from hub.evidence.reading import Bundle, ProofPart, Receipt, read_receipt
from hub.evidence.refusal import REASONS, Refusal
from hub.evidence.trust import TrustedHub, TrustSource
from hub.ledger.cosignatures import cosigners
from hub.ledger.notes import NoteVerifier, open_checkpoint
from hub.ledger.receipts import leaf_data, target_digest
from hub.ledger.tree import leaf_hash, root_from_inclusion
from hub.signing.digests import digest_matches
from hub.signing.keys import PublicKey
from hub.signing.messages import SignatureFault, signer_of
from hub.signing.responses import ASKED, RequestFacts, check_signature

SPREAD = 300  # seconds between receipt and signature of one answer


@dataclass(frozen=True)
class Verdict:
    """``ok`` and, where not, the reason and what exactly was seen. ``claims`` are the receipt's, checked when ok;
    ``asker`` is who asked, as far as the receipt commits to it and the bundle shows it. ``witnesses`` are those of the
    trust that cosigned the checkpoint, ``wanted`` how many the trust asks for."""

    ok: bool
    reason: str | None = None
    detail: str = ""
    region: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    asker: Asker | None = None
    witnesses: int = 0
    wanted: int = 0


def verify_bundle(bundle: Bundle, trust: TrustSource, witnesses: int | None = None) -> Verdict:
    """Check a bundle against trust that does not come from it. Never raises for what a bundle holds. ``witnesses``: how
    many cosignatures are wanted (default: what the trust says)."""
    wanted = trust.wanted if witnesses is None else witnesses
    try:
        hub, receipt, asker, note = _verify(bundle, trust)
        found = len(cosigners(note, trust.witnesses(hub)))
        if found < wanted:
            raise Refusal("unwitnessed", f"{found} witnesses of the trust cosigned the checkpoint, {wanted} are wanted")
    except Refusal as no:
        claims = bundle.receipt.claims if bundle.receipt else {}
        return Verdict(False, no.reason, no.detail, claims=claims, wanted=wanted)
    return Verdict(True, region=hub.region, claims=receipt.claims, asker=asker, witnesses=found, wanted=wanted)


def _verify(bundle: Bundle, trust: TrustSource) -> tuple[TrustedHub, Receipt, Asker | None, str]:
    if bundle.request is None:
        raise Refusal("question_mismatch", "the bundle has no readable request")
    if bundle.body is None:
        raise Refusal("answer_changed", "the bundle has no readable answer")
    if bundle.receipt is None:
        reason = "proof_invalid" if bundle.receipt_given else "proof_missing"
        raise Refusal(reason, "the bundle has no readable receipt")
    receipt = bundle.receipt
    try:
        keyid, created = signer_of(bundle.headers)
    except SignatureFault as fault:
        raise Refusal("answer_changed", f"the answer is not signed: {fault.message}") from None
    hub, key, receipt_key = _keys(trust, keyid, receipt)
    _times(key, receipt_key, created, receipt)
    _question(bundle.request, bundle, receipt)
    _answer(bundle, receipt, bundle.body)
    request = bundle.request if attested(receipt) else replace(bundle.request, asked=())
    _signature(request, bundle, key, trust)
    if not receipt_key.verifier.verify(receipt.signature, receipt.signed):
        raise Refusal("proof_invalid", "the receipt is not signed by the hub")
    _target(bundle.request, receipt)
    _purpose(bundle, receipt)
    note = _logged(bundle, hub, receipt)
    return hub, receipt, check_asker(bundle, receipt, trust), note


def _keys(trust: TrustSource, keyid: str, receipt: Receipt) -> tuple[TrustedHub, PublicKey, PublicKey]:
    kid, issuer = receipt.header.get("kid"), receipt.claims.get("iss")
    hub = trust.hub_of(keyid, issuer if isinstance(issuer, str) else None)
    if hub is None:
        raise Refusal("unknown_key", f"no trusted hub at this address signs with {keyid}")
    if not isinstance(kid, str) or kid not in hub.keys:
        raise Refusal("unknown_key", f"the receipt is signed with {kid}, which is no key of the hub that answered")
    key = hub.keys[kid]
    if receipt.header.get("alg") not in (key.verifier.jose, key.jwk.get("alg"), *_spellings(key)):
        raise Refusal("unknown_key", "the receipt names another algorithm than that of its key")
    return hub, hub.keys[keyid], key


def _spellings(key: PublicKey) -> tuple[str, ...]:
    return ("EdDSA", "Ed25519") if key.verifier.jose == "EdDSA" else ()


def _times(key: PublicKey, receipt_key: PublicKey, created: int, receipt: Receipt) -> None:
    issued = receipt.claims.get("iat")
    if type(issued) is not int:
        raise Refusal("proof_invalid", "the receipt has no time")
    if not key.valid_at(created) or not receipt_key.valid_at(issued):
        raise Refusal("key_not_valid_then", f"key valid from {key.nbf} to {key.exp}, signed at {created}")
    if abs(created - issued) > SPREAD:
        raise Refusal("answer_changed", "receipt and answer were signed at different times")


def _question(request: RequestFacts, bundle: Bundle, receipt: Receipt) -> None:
    for name, value in (
        ("Credit-Request-Digest", bundle.headers.get("credit-request-digest")),
        ("request_digest", receipt.claims.get("request_digest")),
    ):
        if not isinstance(value, str) or not digest_matches(value, request.body):
            raise Refusal("question_mismatch", f"{name} is not that of the request's bytes")


def _answer(bundle: Bundle, receipt: Receipt, body: bytes) -> None:
    for name, value in (
        ("Content-Digest", bundle.headers.get("content-digest")),
        ("answer_digest", receipt.claims.get("answer_digest")),
    ):
        if not isinstance(value, str) or not digest_matches(value, body):
            raise Refusal("answer_changed", f"{name} is not that of the answer's bytes")
    if bundle.headers.get("credit-receipt") != receipt.claims.get("jti"):
        raise Refusal("answer_changed", "the receipt is that of another answer")
    if receipt.claims.get("status", bundle.status) != bundle.status:
        raise Refusal("answer_changed", "the receipt is for another status")


def _signature(request: RequestFacts, bundle: Bundle, key: PublicKey, trust: TrustSource) -> None:
    try:
        check_signature(request, bundle.status, bundle.headers, lambda _: key.verifier, now=None)
    except SignatureFault as fault:
        receipt = bundle.receipt
        if receipt is not None and key.verifier.verify(receipt.signature, receipt.signed):
            _target(request, receipt)
            _purpose(bundle, receipt)
            check_asker(bundle, receipt, trust)
            _asked(request, bundle)
        raise Refusal("answer_changed", fault.message) from None


def _asked(request: RequestFacts, bundle: Bundle) -> None:
    """The fields of the question that the answer's signature names are those that the bundle has."""
    said = bundle.headers.get("signature-input") or ""
    signed = [name for name in ASKED if f'"{name}";req' in said]
    if signed != [name for name, _ in request.asked]:
        raise Refusal("question_mismatch", "the answer was signed for a question with other header fields")


def _target(request: RequestFacts, receipt: Receipt) -> None:
    if not request.target_uri.startswith(f"{receipt.claims.get('iss')}/"):
        raise Refusal("question_mismatch", "the question went to another address than that of the hub that answered")
    expected = receipt.claims.get("target_digest")
    if expected is not None and expected != target_digest(request.method, request.target_uri):
        raise Refusal("question_mismatch", "the receipt is for another method or address")
    proof_id = receipt.claims.get("dpop_jti")
    if proof_id is not None and proof_id != _dpop_jti(request.dpop):
        raise Refusal("question_mismatch", "the receipt is for a request with another DPoP proof")


def _purpose(bundle: Bundle, receipt: Receipt) -> None:
    """What was asked for is in the receipt, as the header said it; a purpose that was refused is not."""
    logged = receipt.claims.get("purpose")
    if logged is not None and bundle.purpose != logged:
        raise Refusal("question_mismatch", "the receipt is for another purpose")


def _dpop_jti(proof: str | None) -> Any:
    parsed = read_receipt(proof)
    return None if parsed is None else parsed.claims.get("jti")


def _logged(bundle: Bundle, hub: TrustedHub, receipt: Receipt) -> str:
    """The checkpoint that the receipt is proven to be under."""
    if not bundle.proof_given:
        raise Refusal("proof_missing", "the bundle has no inclusion proof")
    if bundle.proof is None:
        raise Refusal("proof_invalid", "the inclusion proof cannot be read")
    if not bundle.checkpoint:
        raise Refusal("checkpoint_invalid", "the bundle has no checkpoint")
    try:
        head = open_checkpoint(bundle.checkpoint, _logs(hub, receipt))
    except ValueError as error:
        raise Refusal("checkpoint_invalid", f"the checkpoint is not one of the hub's log: {error}") from None
    if head.size != bundle.proof.size or _root(bundle.proof, receipt) != head.root:
        raise Refusal("proof_invalid", "the proof does not lead from the receipt to the checkpoint")
    return bundle.checkpoint


def _logs(hub: TrustedHub, receipt: Receipt) -> tuple[NoteVerifier, ...]:
    """The hub's log keys as trusted; a bare JWK set names none, then the one in the receipt that the hub signed."""
    if hub.logs:
        return hub.logs
    return (NoteVerifier.parse(str(receipt.claims.get("log"))),)


def _root(proof: ProofPart, receipt: Receipt) -> bytes | None:
    leaf = leaf_hash(leaf_data(proof.salt, receipt.jws))
    return root_from_inclusion(leaf, proof.index, proof.size, proof.hashes)


__all__ = ["REASONS", "Verdict", "verify_bundle"]

"""Who asked, for whom, in which case: the receipt's commitment against what the bundle shows and the request says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from hub.evidence.reading import Bundle, Receipt, b64, read_receipt
from hub.evidence.refusal import Refusal
from hub.evidence.trust import TrustSource
from hub.ledger.fields import ASKER, commitment, joined
from hub.signing.digests import content_digest, digest_matches

OBO_TYP = "credit-obo+jwt"
SPREAD = 300  # seconds between the statement of an end client and the receipt


@dataclass(frozen=True)
class Asker:
    """Values that the receipt commits to; None where the log kept none or the value is not shown."""

    client: str | None
    on_behalf_of: str | None
    case: str | None
    shown: frozenset[str]


def attested(receipt: Receipt) -> bool:
    """Whether the receipt commits to who asked; those of earlier versions did not."""
    return receipt.claims.get("asker_commitment") is not None


def check_asker(bundle: Bundle, receipt: Receipt, trust: TrustSource) -> Asker | None:
    """Raises Refusal: ``asker_mismatch`` or ``question_mismatch``. None where the receipt does not commit to it."""
    if not attested(receipt):
        _content_digest(bundle, receipt)
        return None
    asker = _opened(bundle.asker, receipt)
    _case(bundle, receipt, asker)
    _behalf(bundle, receipt, asker, trust)
    _content_digest(bundle, receipt)
    return asker


def _opened(shown: Mapping[str, Any] | None, receipt: Receipt) -> Asker:
    """What the bundle shows, if the commitment follows from it."""
    if shown is None:
        return Asker(None, None, None, frozenset())
    parts, values, open_ = [], {}, set()
    for name in ASKER:
        one = shown.get(name)
        if not isinstance(one, Mapping):
            raise Refusal("asker_mismatch", f"the bundle does not show {name} as the receipt commits to it")
        hidden, salt, value = b64(one.get("commitment")), b64(one.get("salt")), one.get("value")
        if hidden is not None and "salt" not in one:
            parts.append(hidden)
            continue
        if salt is None or not (value is None or isinstance(value, str)):
            raise Refusal("asker_mismatch", f"the bundle does not show {name} with its salt")
        parts.append(commitment(name, salt, None if value is None else value.encode("utf-8", "surrogatepass")))
        values[name] = value
        open_.add(name)
    if joined(parts) != receipt.claims.get("asker_commitment"):
        raise Refusal("asker_mismatch", "client, end client or case are not those that the receipt commits to")
    return Asker(values.get("client"), values.get("on_behalf_of"), values.get("case"), frozenset(open_))


def _refused(receipt: Receipt) -> bool:
    """A refusal is logged before purpose, case or end client were taken from the request."""
    status = receipt.claims.get("status")
    return isinstance(status, int) and status >= 400


def _case(bundle: Bundle, receipt: Receipt, asker: Asker) -> None:
    if "case" not in asker.shown:
        return
    said = None if bundle.case is None else unquote(bundle.case)
    if said != asker.case and not (asker.case is None and _refused(receipt)):
        raise Refusal("asker_mismatch", "Credit-Case is not the case that the receipt commits to")


def _behalf(bundle: Bundle, receipt: Receipt, asker: Asker, trust: TrustSource) -> None:
    """The statement that names the end client: the very one that the hub checked, for this question, by its sender."""
    digest, value = receipt.claims.get("on_behalf_of_digest"), bundle.on_behalf_of
    if value is None and digest is None:
        if asker.on_behalf_of is not None:
            raise Refusal("asker_mismatch", "the receipt commits to an end client, the request names none")
        return
    if digest is None and _refused(receipt):
        return
    if value is None or digest is None or content_digest(value.encode("latin-1", "replace")) != digest:
        raise Refusal("asker_mismatch", "Credit-On-Behalf-Of is not the statement that the receipt is for")
    statement = read_receipt(value)
    if statement is None or statement.header.get("typ") != OBO_TYP:
        raise Refusal("asker_mismatch", "Credit-On-Behalf-Of is no statement of an end client")
    claims, issued = statement.claims, statement.claims.get("iat")
    expected = [
        ("aud", receipt.claims.get("iss")),
        ("purpose", receipt.claims.get("purpose")),
        *([("iss", asker.client)] if "client" in asker.shown else []),
        *([("sub", asker.on_behalf_of)] if "on_behalf_of" in asker.shown else []),
        *([("case", asker.case)] if "case" in asker.shown else []),
    ]
    for name, wanted in expected:
        if (claims.get(name) or None) != wanted:
            raise Refusal("asker_mismatch", f"Credit-On-Behalf-Of has another {name} than the receipt")
    if type(issued) is not int or abs(issued - int(receipt.claims.get("iat") or 0)) > SPREAD:
        raise Refusal("asker_mismatch", "Credit-On-Behalf-Of is of another time")
    issuer, kid = claims.get("iss"), statement.header.get("kid")
    sender = trust.hub_of(str(kid), issuer if isinstance(issuer, str) else None)
    if sender is None:
        return  # a gateway that no directory lists: the hub that answered checked its key and signed the digest
    key = sender.keys[str(kid)]
    if not key.verifier.verify(statement.signature, statement.signed) or not key.valid_at(issued):
        raise Refusal("asker_mismatch", "Credit-On-Behalf-Of is not signed by the hub that sent it")


def _content_digest(bundle: Bundle, receipt: Receipt) -> None:
    """The request's own digest field, byte for byte where the receipt has it."""
    value, said = bundle.content_digest, receipt.claims.get("content_digest")
    body = b"" if bundle.request is None else bundle.request.body
    if said is not None and value != said:
        raise Refusal("question_mismatch", "Content-Digest of the request is not the one that was received")
    if value is not None and ((attested(receipt) and said is None) or not digest_matches(value, body)):
        raise Refusal("question_mismatch", "Content-Digest of the request is not that of its bytes")

"""A bundle file read without believing it: every part typed, None where it is missing or not what it should be."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hub.signing.messages import Pairs
from hub.signing.responses import RequestFacts
from hub.signing.suites import unb64u
from schema.errors import UsageError

MAX_BUNDLE = 256 * 1024 * 1024


@dataclass(frozen=True)
class Receipt:
    """A receipt taken apart; nothing of it is checked yet."""

    jws: str
    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


@dataclass(frozen=True)
class ProofPart:
    index: int
    size: int
    salt: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True)
class Bundle:
    request: RequestFacts | None
    purpose: str | None
    case: str | None
    on_behalf_of: str | None
    content_digest: str | None
    asker: Mapping[str, Any] | None
    status: int
    headers: Pairs
    body: bytes | None
    receipt: Receipt | None
    receipt_given: bool
    proof: ProofPart | None
    proof_given: bool
    checkpoint: str | None


def read_bundle(data: bytes) -> Bundle:
    """Raises UsageError for a file that is not a bundle at all."""
    try:
        if len(data) > MAX_BUNDLE:
            raise ValueError("it is too large")
        document = orjson.loads(data)
        if not isinstance(document, dict) or not {"request", "response", "receipt"} & document.keys():
            raise ValueError("it has no request, response or receipt")
    except ValueError as error:
        raise UsageError(
            f"this is not an evidence bundle: {error}",
            hint="give a file written by `credit-hub query --save`",
            message_zh="不是证据包",
        ) from None
    response = document.get("response")
    response = response if isinstance(response, dict) else {}
    status = response.get("status")
    request = document.get("request")
    asked = _headers(request.get("headers") if isinstance(request, dict) else None)
    proof = document.get("proof")
    asker = proof.get("asker") if isinstance(proof, dict) else None
    return Bundle(
        request=_request(request),
        purpose=asked.get("credit-purpose"),
        case=asked.get("credit-case"),
        on_behalf_of=asked.get("credit-on-behalf-of"),
        content_digest=asked.get("content-digest"),
        asker=None if asker is None else asker if isinstance(asker, Mapping) else {},
        status=status if type(status) is int else 0,
        headers=_headers(response.get("headers")),
        body=b64(response.get("body")),
        receipt=read_receipt(document.get("receipt")),
        receipt_given=bool(document.get("receipt")),
        proof=_proof(document.get("proof")),
        proof_given=bool(document.get("proof")),
        checkpoint=document["checkpoint"] if isinstance(document.get("checkpoint"), str) else None,
    )


def read_receipt(jws: Any) -> Receipt | None:
    """A compact JWS taken apart, or None where it is not one."""
    try:
        header, payload, signature = jws.split(".")
        parsed, claims = orjson.loads(unb64u(header)), orjson.loads(unb64u(payload))
        if not isinstance(parsed, dict) or not isinstance(claims, dict) or "crit" in parsed:
            return None
        return Receipt(jws, parsed, claims, f"{header}.{payload}".encode(), unb64u(signature))
    except (ValueError, AttributeError):
        return None


def _request(part: Any) -> RequestFacts | None:
    if not isinstance(part, dict):
        return None
    method, target, body = part.get("method"), part.get("target"), b64(part.get("body", ""))
    if not isinstance(method, str) or not isinstance(target, str) or body is None:
        return None
    return RequestFacts.of(method, target, body, _headers(part.get("headers")).get)


def _headers(part: Any) -> Pairs:
    """Header fields as an object (a value or a list of values each) or as a list of pairs."""
    pairs: list[tuple[str, str]] = []
    items = part.items() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    for item in items:
        if not isinstance(item, (list, tuple)) or len(item) != 2:
            continue
        name, values = item
        for value in values if isinstance(values, list) else [values]:
            if isinstance(name, str) and isinstance(value, str):
                pairs.append((name, value))
    return Pairs(pairs)


def b64(text: Any) -> bytes | None:
    """The bytes behind base64 text; None for anything else."""
    try:
        return b64decode(text, validate=True) if isinstance(text, str) else None
    except ValueError:
        return None


def _proof(part: Any) -> ProofPart | None:
    if not isinstance(part, dict):
        return None
    index, size, salt, hashes = part.get("index"), part.get("size"), b64(part.get("salt")), part.get("hashes")
    if type(index) is not int or type(size) is not int or not salt or not isinstance(hashes, list) or len(hashes) > 64:
        return None
    path = [b64(one) for one in hashes]
    if any(one is None or len(one) != 32 for one in path):
        return None
    return ProofPart(index, size, salt, tuple(one for one in path if one is not None))

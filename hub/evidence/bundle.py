"""The evidence bundle, put together by whoever asked: exact bytes of question and answer, receipt, proof, head.

The hub keeps no answer bytes; only the asker can show them. ``Authorization`` is left out, since a bundle is passed on.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

Pair = tuple[str, str]
REQUEST_FIELDS = frozenset(
    {"dpop", "content-type", "content-digest", "credit-purpose", "credit-case", "credit-on-behalf-of"}
    | {"idempotency-key", "signature", "signature-input", "accept"}
)
RESPONSE_FIELDS = frozenset(
    {"content-type", "content-digest", "credit-request-digest", "credit-receipt", "signature", "signature-input"}
    | {"cache-control", "date"}
)


def make_bundle(
    *,
    method: str,
    target: str,
    request_headers: Iterable[Pair],
    request_body: bytes,
    status: int,
    response_headers: Iterable[Pair],
    response_body: bytes,
    proof: Mapping[str, Any],
) -> dict[str, Any]:
    """Join an exchange with the hub's answer at ``/receipts/{id}/proof``. ``target`` is the absolute URL as sent."""
    return {
        "request": {
            "method": method,
            "target": target,
            "headers": _fields(request_headers, REQUEST_FIELDS),
            "body": b64encode(request_body).decode(),
        },
        "response": {
            "status": status,
            "headers": _fields(response_headers, RESPONSE_FIELDS),
            "body": b64encode(response_body).decode(),
        },
        "receipt": proof["receipt"],
        "proof": dict(proof["proof"]),
        "checkpoint": proof["checkpoint"],
    }


def _fields(pairs: Iterable[Pair], wanted: frozenset[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        if key in wanted:
            fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return fields

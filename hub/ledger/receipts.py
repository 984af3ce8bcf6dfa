"""What is logged, and the receipt the asker gets for it: a JWS whose salted hash is a leaf of the tree."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from hub.ledger import fields
from hub.ledger.disclosures import pack
from hub.signing.digests import content_digest
from hub.signing.keys import SigningKey
from hub.signing.suites import b64u
from schema.caller import Caller

VALID, SUPERSEDED, REVOKED = "VALID", "SUPERSEDED", "REVOKED"
STATUSES = (VALID, SUPERSEDED, REVOKED)  # a receipt only ever moves to the right
SALT = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log, before it is written.

    ``request_digest`` and ``answer_digest`` are in RFC 9530 syntax over the exact bytes. ``method``, ``target`` and
    ``status`` bind the receipt to the question's address and the answer's status too. ``jti`` (with its expiry, Unix
    seconds) is used up in the same transaction; leave it empty for the outcome of a mutation, whose request entry has
    used it and is named by ``follows``. ``discloses`` are the record ids and subject codes that the answer told of,
    ``variables`` (JSON-ready) what it was asked with, ``content_digest`` that field of the request as it was received.
    """

    kind: str
    caller: Caller
    request_digest: str
    answer_digest: str | None = None
    data_version: str = ""
    subject: str | None = None
    purpose: str | None = None
    case: str | None = None
    consent: str | None = None
    detail: Mapping[str, Any] | None = None
    jti: str = ""
    jti_expires: int = 0
    discloses: Sequence[str] = ()
    method: str | None = None
    target: str | None = None
    status: int | None = None
    follows: str | None = None
    variables: Any = None
    content_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the asker keeps: the id, the JWS, the salt that opens its leaf."""

    id: str
    jws: str
    salt: bytes
    issued_us: int


@dataclass(frozen=True, slots=True)
class Row:
    """An entry made ready for the writer."""

    receipt: Receipt
    entry: dict[str, Any]
    detail: dict[str, Any]
    seen: tuple[bytes, int] | None = None


def clean(text: str) -> str:
    """Text that every store can hold: what a client sent may have lone surrogates or NUL, which would fail a batch."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _clean(text: str | None) -> str | None:
    return None if text is None else clean(text)


def receipt_id(now_us: int) -> str:
    """A UUID of version 7 (RFC 9562, section 6.2, method 3): ordered by time to the microsecond, so that entries get
    their places in the order in which they were made and the index grows at its end; and not to be guessed."""
    value = (now_us // 1000) << 80 | 0x7 << 76 | (now_us % 1000) << 66 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def target_digest(method: str, target_uri: str) -> str:
    """The claim that binds a receipt to what was asked where: SHA-256 over ``METHOD SP absolute URI``."""
    return content_digest(f"{method} {target_uri}".encode())


def subject_commitment(salt: bytes, subject: str) -> str:
    """SHA-256(salt ‖ code): tells the holder of the salt whom the answer was about, and nobody else."""
    return b64u(hashlib.sha256(salt + clean(subject).encode()).digest())


def leaf_data(salt: bytes, jws: str) -> bytes:
    return hashlib.sha256(salt + jws.encode()).digest()


def seen_key(scope: str, value: str) -> bytes:
    return hashlib.sha256(f"{scope}\x00{value}".encode("utf-8", "surrogatepass")).digest()


def make_row(entry: Entry, key: SigningKey, *, issuer: str, log: str) -> Row:
    """Sign the receipt. ``log`` is the log's verifier key, so a receipt also says which log it is in."""
    now_us = time.time_ns() // 1000
    identifier = receipt_id(now_us)
    salt = os.urandom(SALT)
    detail = _detail(entry)
    recorded = {"kind": entry.kind, "recorded_us": now_us}
    parts = fields.commitments(fields.values_of(recorded | detail), detail["salts"], {})
    claims: dict[str, Any] = {
        "iss": issuer,
        "iat": now_us // 1_000_000,
        "jti": identifier,
        "request_digest": entry.request_digest,
        "answer_digest": entry.answer_digest,
        "data_version": entry.data_version,
        "subject_commitment": subject_commitment(salt, entry.subject) if entry.subject else None,
        "asker_commitment": fields.of_asker(parts),
        "entry_commitment": fields.joined(parts),
        "consent": detail["consent"],
        "purpose": detail["purpose"],
        "kind": entry.kind,
        "log": log,
        **_binding(entry),
    }
    jws = key.jws(orjson.dumps(claims))
    return Row(
        receipt=Receipt(identifier, jws, salt, now_us),
        entry={"id": identifier, "leaf": leaf_data(salt, jws), **recorded},
        detail={"id": identifier, "salt": salt, "receipt": jws, **detail},
        seen=(seen_key("dpop", f"{entry.caller.jkt or entry.caller.client_id}\n{entry.jti}"), entry.jti_expires)
        if entry.jti
        else None,
    )


def make_note(kind: str, detail: Mapping[str, Any], key: SigningKey, *, issuer: str, log: str) -> Row:
    """A logged operation outside HTTP (load, erasure, keys): the detail's digest takes the answer's place."""
    text = json.dumps(detail, sort_keys=True).encode()
    entry = Entry(
        kind=kind,
        caller=Caller(client_id="", scopes=frozenset(), purpose="operations"),
        request_digest=content_digest(b""),
        answer_digest=content_digest(text),
        detail=detail,
    )
    return make_row(entry, key, issuer=issuer, log=log)


def _binding(entry: Entry) -> dict[str, Any]:
    """Claims that bind the receipt to the request beyond its body; each only where there is something to bind."""
    claims: dict[str, Any] = {}
    if entry.method and entry.target:
        claims["target_digest"] = target_digest(entry.method, entry.target)
    if entry.status is not None:
        claims["status"] = entry.status
    if entry.jti:
        claims["dpop_jti"] = clean(entry.jti)
    if entry.content_digest is not None:
        claims["content_digest"] = clean(entry.content_digest)
    if entry.caller.behalf_digest is not None:
        claims["on_behalf_of_digest"] = entry.caller.behalf_digest
    if entry.follows:
        claims["follows"] = entry.follows
    return claims


def _plain(value: Any) -> str:
    """Instants and days that a question gave, as it would write them; what else JSON does not have, as text."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _detail(entry: Entry) -> dict[str, Any]:
    """The columns that are committed to, cleaned, with their salts."""
    caller = entry.caller
    return {
        "client": clean(caller.client_id),
        "on_behalf_of": _clean(caller.on_behalf_of),
        "subject": _clean(entry.subject),
        "purpose": _clean(entry.purpose if entry.purpose is not None else caller.purpose),
        "case_ref": _clean(entry.case if entry.case is not None else caller.case),
        "consent": _clean(entry.consent),
        "detail": json.dumps(entry.detail, sort_keys=True, default=_plain) if entry.detail else None,
        "disclosed": pack(entry.discloses),
        "variables": json.dumps(entry.variables, default=_plain) if entry.variables else None,
        "salts": fields.new_salts(),
        "gone": None,
    }

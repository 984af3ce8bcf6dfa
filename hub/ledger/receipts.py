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
    used it and is named by ``follows``. ``discloses`` are the record ids and subject codes that the answer told of.
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
    """A UUID of version 7 (RFC 9562): ordered by time, so that the index grows at its end, and not to be guessed."""
    value = (now_us // 1000) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
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
    caller = entry.caller
    purpose = _clean(entry.purpose if entry.purpose is not None else caller.purpose)
    claims: dict[str, Any] = {
        "iss": issuer,
        "iat": now_us // 1_000_000,
        "jti": identifier,
        "request_digest": entry.request_digest,
        "answer_digest": entry.answer_digest,
        "data_version": entry.data_version,
        "subject_commitment": subject_commitment(salt, entry.subject) if entry.subject else None,
        "consent": _clean(entry.consent),
        "purpose": purpose,
        "kind": entry.kind,
        "log": log,
    }
    if entry.method and entry.target:
        claims["target_digest"] = target_digest(entry.method, entry.target)
    if entry.status is not None:
        claims["status"] = entry.status
    if entry.jti:
        claims["dpop_jti"] = clean(entry.jti)
    if entry.follows:
        claims["follows"] = entry.follows
    return _row(entry, claims, salt, key, now_us, purpose)


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


def _row(entry: Entry, claims: dict[str, Any], salt: bytes, key: SigningKey, now_us: int, purpose: str | None) -> Row:
    identifier: str = claims["jti"]
    jws = key.jws(orjson.dumps(claims))
    caller = entry.caller
    detail = json.dumps(entry.detail, sort_keys=True) if entry.detail else None
    return Row(
        receipt=Receipt(identifier, jws, salt, now_us),
        entry={"id": identifier, "kind": entry.kind, "leaf": leaf_data(salt, jws), "recorded_us": now_us},
        detail={
            "id": identifier,
            "salt": salt,
            "receipt": jws,
            "client": clean(caller.client_id),
            "on_behalf_of": _clean(caller.on_behalf_of),
            "subject": _clean(entry.subject),
            "purpose": purpose,
            "case_ref": _clean(entry.case if entry.case is not None else caller.case),
            "consent": _clean(entry.consent),
            "detail": detail,
            "disclosed": pack(entry.discloses),
        },
        seen=(seen_key("dpop", f"{caller.jkt or caller.client_id}\n{entry.jti}"), entry.jti_expires)
        if entry.jti
        else None,
    )

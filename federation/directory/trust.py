"""Signing and checking a directory: JWS general JSON serialisation (RFC 7515 §7.2.1), threshold m of n.

A directory counts when enough *trusted* anchors signed it and enough of the anchors that it names itself did too
(so a rotation is signed by the outgoing and the incoming anchors). Trusted are the keys that the operator pins, and
once a directory was accepted, the anchors and threshold of that one. A version lower than the accepted one, another
text under the same version, and a directory past its expiry are refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey

from federation.directory.model import Directory, parse_payload
from schema.bounded_json import read_json
from schema.errors import UsageError

ALGORITHMS = ("EdDSA", "Ed25519", "ES256")
SIGNED_TYPE = "credit-hub-directory+jws"


@dataclass(frozen=True, slots=True)
class Anchors:
    """Trusted public keys. ``threshold`` None: as many as the directory itself asks for."""

    keys: tuple[Mapping[str, Any], ...]
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is "" when ok, else one of unreadable, bad_content, no_trust, not_enough_signatures, expired,
    older_version, same_version_other_text.
    """

    ok: bool
    reason: str
    directory: Directory | None = None
    digest: str = ""
    detail: str = ""

    def facts(self) -> dict[str, Any]:
        found = self.directory
        return {
            "ok": self.ok,
            "reason": self.reason,
            "version": found.version if found else None,
            "expires": found.expires.isoformat() if found else None,
            **({"detail": self.detail} if self.detail else {}),
        }


def encode(
    payload: Mapping[str, Any],
    signatures: Sequence[Mapping[str, Any]] = (),
    leaving: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """A directory file: the payload is kept as its exact bytes, so signatures stay valid. ``leaving`` are anchors of
    the version before that must sign this one too: a note for those who sign, which nobody trusts."""
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return _file(_b64(body), signatures, leaving)


def outgoing(data: bytes) -> list[Mapping[str, Any]]:
    """The note about leaving anchors, public keys."""
    noted = read_json(data).get("outgoing") or []
    found: list[Mapping[str, Any]] = []
    for key in noted if isinstance(noted, list) else []:
        with contextlib.suppress(UsageError, AttributeError):
            found.append(public_jwk(key))
    return found


def decode(data: bytes) -> tuple[bytes, list[Mapping[str, Any]]]:
    """Payload bytes and signatures of a directory file. Raises UsageError."""
    try:
        outer = read_json(data)
        payload = urlsafe_b64decode(outer["payload"] + "=" * (-len(outer["payload"]) % 4))
        signatures = outer["signatures"]
        if not all(isinstance(s, dict) and isinstance(s.get("protected"), str) for s in signatures):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError("not a directory file", hint="credit-hub directory init makes one") from None
    return payload, list(signatures)


def payload_of(data: bytes) -> dict[str, Any]:
    try:
        value = read_json(decode(data)[0])
    except ValueError:
        raise UsageError("the directory's payload is not JSON", hint="take a fresh copy") from None
    if not isinstance(value, dict):
        raise UsageError("the directory's payload is not an object", hint="take a fresh copy")
    return value


def sign(data: bytes, key: Mapping[str, Any]) -> bytes:
    """The file with one more signature (an earlier one of the same key is replaced)."""
    payload, signatures = decode(data)
    directory = parse_payload(payload_of(data))
    private = _import(key)
    if "d" not in key:
        raise UsageError("signing needs a private key", hint="give the private JWK of an anchor")
    may_sign = {_import(anchor).thumbprint() for anchor in (*directory.anchors, *outgoing(data))}
    if private.thumbprint() not in may_sign:
        raise UsageError(
            "this key is no anchor of the directory, so its signature would count for nothing",
            hint="give the private JWK of one of its anchors, or of those before a change of anchors",
            message_zh="该密钥不是名录的信任锚",
        )
    kid = key.get("kid") or private.thumbprint()
    header = {"alg": "Ed25519" if key["kty"] == "OKP" else "ES256", "kid": kid, "typ": SIGNED_TYPE}
    compact = jws.serialize_compact(header, payload, private, algorithms=list(ALGORITHMS))
    protected, _, signature = compact.split(".")
    kept = [s for s in signatures if _header(s).get("kid") != kid]
    return _file(_b64(payload), [*kept, {"protected": protected, "signature": signature}], outgoing(data))


def verify(data: bytes, anchors: Anchors | None, *, today: date, accepted: tuple[int, str] | None = None) -> Verdict:
    """``accepted``: version and digest of the directory accepted before."""
    try:
        payload, signatures = decode(data)
        directory = parse_payload(read_json(payload))
    except UsageError as error:
        return Verdict(False, "unreadable" if "payload" in error.message else "bad_content", detail=error.message)
    except ValueError:
        return Verdict(False, "unreadable")
    digest = hashlib.sha256(payload).hexdigest()
    if anchors is None or not anchors.keys:
        return Verdict(False, "no_trust", directory, digest)
    trusted = _count(payload, signatures, anchors.keys)
    own = _count(payload, signatures, directory.anchors)
    if trusted < (anchors.threshold or directory.threshold) or own < directory.threshold:
        return Verdict(False, "not_enough_signatures", directory, digest)
    if directory.expires < today:
        return Verdict(False, "expired", directory, digest)
    if accepted and directory.version < accepted[0]:
        return Verdict(False, "older_version", directory, digest)
    if accepted and directory.version == accepted[0] and digest != accepted[1]:
        return Verdict(False, "same_version_other_text", directory, digest)
    return Verdict(True, "", directory, digest)


def read_anchors(paths: Iterable[Path]) -> Anchors | None:
    """Pinned keys from JWK or JWKS files (``threshold`` may stand beside ``keys``), or from signed directories."""
    keys: dict[str, Mapping[str, Any]] = {}
    threshold: int | None = None
    for path in paths:
        try:
            data = path.read_bytes()
            value = read_json(data)
        except (OSError, ValueError) as error:
            raise _not_trust(path, str(error)) from None
        found: Sequence[Any] = [value]
        if isinstance(value, list):
            found = value
        elif isinstance(value, dict) and "payload" in value:
            directory = parse_payload(payload_of(data))
            found, threshold = directory.anchors, directory.threshold
        elif isinstance(value, dict) and isinstance(value.get("keys"), list):
            found, threshold = value["keys"], value.get("threshold", threshold)
        if threshold is not None and (type(threshold) is not int or threshold < 1):
            raise _not_trust(path, "threshold is no number from 1")
        if not found:
            raise _not_trust(path, "it holds no key")
        for key in found:
            if not isinstance(key, Mapping):
                raise _not_trust(path, "it is made of something else than keys")
            public = public_jwk(key)
            keys[public["kid"]] = public
    return Anchors(tuple(keys.values()), threshold) if keys else None


def _not_trust(path: Path, why: str) -> UsageError:
    return UsageError(
        f"trust file {path} cannot be used: {why}",
        hint="give the public JWK of an anchor, a JWK set, a list of JWKs or a signed directory",
        message_zh="信任锚文件不可用",
    )


def public_jwk(key: Mapping[str, Any]) -> dict[str, Any]:
    """The public part with a ``kid`` (RFC 7638 thumbprint where there is none). Raises UsageError."""
    imported = _import(key)
    public = dict(imported.as_dict(private=False))
    kid = key.get("kid") or imported.thumbprint()
    if not isinstance(kid, str):
        raise UsageError("not a usable key: its kid is no text", hint="give an Ed25519 or P-256 JWK")
    public["kid"] = kid
    for name in ("nbf", "exp"):
        if key.get(name) is not None:
            public[name] = key[name]
    return public


def thumbprint(key: Mapping[str, Any]) -> str:
    """RFC 7638. Raises UsageError for a key of a kind that is not used here."""
    return str(_import(key).thumbprint())


def _count(payload: bytes, signatures: Iterable[Mapping[str, Any]], keys: Iterable[Mapping[str, Any]]) -> int:
    """How many distinct keys signed these bytes. Keys are told apart by thumbprint, not by their names."""
    by_kid = {key["kid"]: key for key in keys}
    signers = set()
    for signature in signatures:
        header = _header(signature)
        key = by_kid.get(str(header.get("kid")))
        if key is None or header.get("alg") not in ALGORITHMS or header.get("typ") != SIGNED_TYPE:
            continue
        compact = f"{signature['protected']}.{_b64(payload)}.{signature.get('signature', '')}"
        try:
            imported = _import(key)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is the older name of Ed25519
                jws.deserialize_compact(compact, imported, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, UsageError):
            continue
        signers.add(imported.thumbprint())
    return len(signers)


def _header(signature: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = signature["protected"]
        value = read_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, KeyError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def _import(key: Mapping[str, Any]) -> Key:
    if not isinstance(key, Mapping):
        raise UsageError("not a usable key: it is no JWK", hint="give an Ed25519 or P-256 JWK")
    try:
        fields: dict[str, str | list[str]] = {n: v for n, v in key.items() if isinstance(v, str) and n != "alg"}
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519":
            return OKPKey.import_key(fields)
        if key.get("kty") == "EC" and key.get("crv") == "P-256":
            return ECKey.import_key(fields)
    except (JoseError, ValueError, TypeError) as error:
        raise UsageError(f"not a usable key: {error}", hint="give an Ed25519 or P-256 JWK") from None
    raise UsageError("not a usable key", hint="give an Ed25519 or P-256 JWK")


def _file(payload: str, signatures: Sequence[Mapping[str, Any]], leaving: Sequence[Mapping[str, Any]] = ()) -> bytes:
    outer: dict[str, Any] = {"payload": payload, "signatures": list(signatures)}
    if leaving:
        outer["outgoing"] = list(leaving)
    return json.dumps(outer, indent=1).encode() + b"\n"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

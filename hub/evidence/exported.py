"""Offline check of a part of a hub's log (``ledger export``), against trust that does not come from it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import orjson

from hub.evidence.reading import b64, read_receipt
from hub.evidence.refusal import Refusal
from hub.evidence.trust import TrustedHub, TrustSource
from hub.ledger.cosignatures import cosigners
from hub.ledger.export import TYP
from hub.ledger.fields import FIELDS, commitment, joined
from hub.ledger.notes import open_checkpoint, parse_checkpoint
from hub.ledger.receipts import leaf_data
from hub.ledger.tree import leaf_hash, root_from_inclusion


def is_export(data: bytes) -> bool:
    """Whether a file is a part of a log rather than a bundle."""
    try:
        document = orjson.loads(data)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("typ") == TYP


def verify_export(data: bytes, trust: TrustSource, witnesses: int | None = None) -> dict[str, Any]:
    """``{"ok", "reason", "detail", "region", "origin", "from", "to", "entries", "erased", "witnesses", …}``. Never
    raises for what the file holds. ``reason`` is one of those of bundles; ``answer_changed`` where an entry's receipt
    or detail is not the one that was logged."""
    document = orjson.loads(data)
    wanted = trust.wanted if witnesses is None else witnesses
    found: dict[str, Any] = {"ok": False, "reason": None, "detail": "", "region": None, "origin": None}
    found |= {"from": document.get("from"), "to": document.get("to"), "entries": 0, "erased": 0}
    found |= {"witnesses": 0, "witnesses_wanted": wanted}
    try:
        _verify(document, trust, wanted, found)
    except Refusal as no:
        return {**found, "reason": no.reason, "detail": no.detail}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {**found, "reason": "proof_invalid", "detail": f"the file cannot be read: {error!r}"}
    return {**found, "ok": True}


def _verify(document: Mapping[str, Any], trust: TrustSource, wanted: int, found: dict[str, Any]) -> None:
    note, rows = document["checkpoint"], document["entries"]
    origin = found["origin"] = parse_checkpoint(note).origin
    hub = _hub(rows, trust)
    found["region"] = hub.region
    try:
        head = open_checkpoint(note, hub.logs)
    except ValueError as error:
        raise Refusal("checkpoint_invalid", f"the checkpoint of {origin} is not the hub's: {error}") from None
    if head.size != document["size"]:
        raise Refusal("checkpoint_invalid", "the checkpoint is of another size")
    first = rows[0]["index"]
    for place, row in enumerate(rows):
        if row["index"] != first + place:
            raise Refusal("proof_missing", f"the entry at place {first + place} is left out")
        leaf = b64decode(row["leaf"], validate=True)
        hashes = [b64decode(one, validate=True) for one in row["hashes"]]
        if root_from_inclusion(leaf_hash(leaf), row["index"], head.size, hashes) != head.root:
            raise Refusal("proof_invalid", f"the entry at place {row['index']} is not in the tree of the checkpoint")
        found["entries"] += 1
        if row.get("receipt") is None:
            found["erased"] += 1
        else:
            _entry(row, leaf, hub)
    found["witnesses"] = len(cosigners(note, trust.witnesses(hub)))
    if found["witnesses"] < wanted:
        raise Refusal("unwitnessed", f"{found['witnesses']} witnesses cosigned the checkpoint, {wanted} are wanted")


def _hub(rows: list[Mapping[str, Any]], trust: TrustSource) -> TrustedHub:
    """The hub whose receipts these are."""
    for row in rows:
        receipt = read_receipt(row.get("receipt"))
        if receipt is not None:
            issuer = receipt.claims.get("iss")
            hub = trust.hub_of(str(receipt.header.get("kid")), issuer if isinstance(issuer, str) else None)
            if hub is None:
                raise Refusal("unknown_key", f"no trusted hub signs with {receipt.header.get('kid')}")
            return hub
    raise Refusal("proof_missing", "no entry has its receipt")


def _entry(row: Mapping[str, Any], leaf: bytes, hub: TrustedHub) -> None:
    name, receipt = row["id"], read_receipt(row["receipt"])
    salt = b64(row.get("salt"))
    if receipt is None or salt is None or leaf_data(salt, row["receipt"]) != leaf:
        raise Refusal("answer_changed", f"the receipt {name} is not the one that was logged")
    key = hub.keys.get(str(receipt.header.get("kid")))
    if key is None or not key.verifier.verify(receipt.signature, receipt.signed):
        raise Refusal("unknown_key", f"the receipt {name} is signed by no key of the hub")
    if not (key.valid_at(receipt.claims["iat"]) or key.revoked_at is not None):
        raise Refusal("key_not_valid_then", f"the key of the receipt {name} was not valid then")
    if receipt.claims.get("jti") != name:
        raise Refusal("answer_changed", f"the receipt of {name} is that of another entry")
    committed, shown = receipt.claims.get("entry_commitment"), row.get("fields")
    if committed is None and shown is None:
        return  # of an earlier version
    if not isinstance(shown, Mapping) or joined([_part(one, shown[one]) for one in FIELDS]) != committed:
        raise Refusal("answer_changed", f"the detail of {name} is not the one that was logged")


def _part(name: str, one: Mapping[str, Any]) -> bytes:
    if "salt" not in one:
        return b64decode(one["commitment"], validate=True)
    value = one["value"]
    if value is not None:
        value = b64decode(value, validate=True) if name == "disclosed" else str(value).encode()
    return commitment(name, b64decode(one["salt"], validate=True), value)

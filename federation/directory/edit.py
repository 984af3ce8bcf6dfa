"""Making the next version of a directory.

Any change drops the signatures; the first change after signing is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from federation.directory.model import TYP, parse_payload
from federation.directory.trust import decode, encode, payload_of, public_jwk
from schema.errors import UsageError


def init(anchors: Sequence[Mapping[str, Any]], threshold: int, *, issued: date, expires: date | None) -> bytes:
    """A first, empty, unsigned directory; it expires after a year unless told otherwise."""
    payload = {
        "typ": TYP,
        "version": 1,
        "issued": issued.isoformat(),
        "expires": (expires or issued + timedelta(days=365)).isoformat(),
        "anchors": {"threshold": threshold, "keys": [public_jwk(key) for key in anchors]},
        "hubs": [],
        "agreements": [],
    }
    parse_payload(payload)
    return encode(payload)


def put_hub(data: bytes, hub: Mapping[str, Any], *, issued: date) -> bytes:
    """Adds a hub or replaces the one of its region. Keys once listed stay: a missing one is kept as retired."""
    payload = _next(data, issued)
    old = next((item for item in payload["hubs"] if item["region"] == hub["region"]), None)
    keys = {key["kid"]: key for key in (old or {}).get("keys", ())}
    keys.update({key["kid"]: key for key in hub["keys"]})
    entry = {**hub, "keys": list(keys.values())}
    payload["hubs"] = sorted(
        [item for item in payload["hubs"] if item["region"] != hub["region"]] + [entry], key=lambda h: str(h["region"])
    )
    parse_payload(payload)
    return encode(payload)


def put_agreement(data: bytes, agreement: Mapping[str, Any], *, issued: date) -> bytes:
    """Adds an agreement or replaces the same id and version."""
    payload = _next(data, issued)
    same = (agreement["id"], agreement["version"])
    payload["agreements"] = sorted(
        [item for item in payload["agreements"] if (item["id"], item["version"]) != same] + [dict(agreement)],
        key=lambda a: (a["id"], a["version"]),
    )
    parse_payload(payload)
    return encode(payload)


def put_anchors(data: bytes, anchors: Sequence[Mapping[str, Any]], threshold: int, *, issued: date) -> bytes:
    """The next anchors. Enough of the outgoing ones must sign this version too."""
    payload = _next(data, issued)
    payload["anchors"] = {"threshold": threshold, "keys": [public_jwk(key) for key in anchors]}
    parse_payload(payload)
    return encode(payload)


def renew(data: bytes, expires: date, *, issued: date) -> bytes:
    payload = _next(data, issued)
    payload["expires"] = expires.isoformat()
    return encode(payload)


def diff(old: bytes, new: bytes) -> list[dict[str, Any]]:
    """What changed, one entry a hub, agreement, anchor or date: ``{what, id, change, fields}``."""
    before, after = payload_of(old), payload_of(new)
    parse_payload(before), parse_payload(after)
    changes: list[dict[str, Any]] = []
    for what in ("version", "issued", "expires"):
        if before[what] != after[what]:
            changes.append({"what": what, "id": what, "change": "changed", "from": before[what], "to": after[what]})
    if before["anchors"]["threshold"] != after["anchors"]["threshold"]:
        change = {"from": before["anchors"]["threshold"], "to": after["anchors"]["threshold"]}
        changes.append({"what": "threshold", "id": "threshold", "change": "changed", **change})
    changes += _pairs("anchor", _by(before["anchors"]["keys"], "kid"), _by(after["anchors"]["keys"], "kid"))
    changes += _pairs("hub", _by(before["hubs"], "region"), _by(after["hubs"], "region"))
    changes += _pairs(
        "agreement", _by(before["agreements"], "id", "version"), _by(after["agreements"], "id", "version")
    )
    return changes


def _by(items: Sequence[Mapping[str, Any]], *names: str) -> dict[str, Mapping[str, Any]]:
    return {"@".join(str(item[name]) for name in names): item for item in items}


def _pairs(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            found.append({"what": what, "id": key, "change": "removed"})
        elif key not in old:
            found.append({"what": what, "id": key, "change": "added"})
        elif old[key] != new[key]:
            fields = sorted(f for f in old[key].keys() | new[key].keys() if old[key].get(f) != new[key].get(f))
            found.append({"what": what, "id": key, "change": "changed", "fields": fields})
    return found


def _next(data: bytes, issued: date) -> dict[str, Any]:
    payload = payload_of(data)
    parse_payload(payload)
    if decode(data)[1]:
        payload["version"] += 1
        payload["issued"] = issued.isoformat()
    return payload


def agreement_entry(pack_id: str, version: str, parties: Sequence[str], sha256: str) -> dict[str, Any]:
    if not parties:
        raise UsageError(f"agreement {pack_id} names no parties", hint="give the pack of an agreement")
    return {"id": pack_id, "version": version, "parties": list(parties), "sha256": sha256}

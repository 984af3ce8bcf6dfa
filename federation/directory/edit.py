"""Making the next version of a directory.

Any change drops the signatures; the first change after signing is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from federation.directory.model import TYP, parse_payload
from federation.directory.trust import decode, encode, outgoing, payload_of, public_jwk, thumbprint
from schema.errors import UsageError


def init(anchors: Sequence[Mapping[str, Any]], threshold: int, *, issued: date, expires: date | None) -> bytes:
    """A first, empty, unsigned directory; it expires after a year unless told otherwise."""
    _later(expires, issued)
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
    """Adds a hub or replaces the one of its region. Keys once listed stay: one that is missing now keeps the end that
    it had, since a hub signs with it until the next one counts; to end one at once is ``end_key``."""
    payload = _next(data, issued)
    old = next((item for item in payload["hubs"] if item["region"] == hub["region"]), None)
    former = [item for item in payload.get("former", ()) if item["region"] == hub["region"]]
    keys = {key["kid"]: key for item in (*former, *((old,) if old else ())) for key in item["keys"]}
    keys.update({key["kid"]: key for key in hub["keys"]})
    if former:
        payload["former"] = [item for item in payload["former"] if item["region"] != hub["region"]]
    entry = {**hub, "keys": list(keys.values())}
    if old and old.get("successors"):
        entry.setdefault("successors", True)
    payload["hubs"] = sorted(
        [item for item in payload["hubs"] if item["region"] != hub["region"]] + [entry], key=lambda h: str(h["region"])
    )
    parse_payload(payload)
    return _encode(payload, data)


def withdraw_hub(data: bytes, region: str, *, issued: date, now: int) -> bytes:
    """Takes a hub out: it is nobody's neighbour any more. Its keys end ``now`` (Unix seconds) and stay under
    ``former``, for what was signed before. Raises UsageError when it is not there."""
    payload = _next(data, issued)
    gone = next((item for item in payload["hubs"] if item["region"] == region), None)
    if gone is None:
        known = " ".join(item["region"] for item in payload["hubs"])
        raise UsageError(f"no hub of region {region} in the directory", hint=f"there are: {known or 'none'}")
    payload["hubs"].remove(gone)
    gone["keys"] = [{**key, "exp": min(now, key.get("exp") or now)} for key in gone["keys"]]
    former = [item for item in payload.get("former", ()) if item["region"] != region]
    payload["former"] = sorted([*former, gone], key=lambda item: str(item["region"]))
    parse_payload(payload)
    return _encode(payload, data)


def withdraw_agreement(data: bytes, name: str, *, issued: date) -> bytes:
    """Takes an agreement out: ``id`` (every version) or ``id@version``. Raises UsageError when it is not there."""
    payload = _next(data, issued)
    kept = [a for a in payload["agreements"] if name not in (a["id"], f"{a['id']}@{a['version']}")]
    if len(kept) == len(payload["agreements"]):
        known = " ".join(f"{a['id']}@{a['version']}" for a in kept)
        raise UsageError(f"no agreement {name} in the directory", hint=f"there are: {known or 'none'}")
    payload["agreements"] = kept
    return _encode(payload, data)


def end_key(data: bytes, kid: str, *, issued: date, now: int) -> bytes:
    """Ends one hub key ``now`` (Unix seconds), where it ends later or never. Raises UsageError when it is not there."""
    payload = _next(data, issued)
    found = [key for hub in payload["hubs"] for key in hub["keys"] if key["kid"] == kid]
    if not found:
        raise UsageError(f"no hub of the directory has the key {kid}", hint="credit-hub directory diff shows the keys")
    for key in found:
        key["exp"] = min(now, key.get("exp") or now)
    parse_payload(payload)
    return _encode(payload, data)


def put_agreement(data: bytes, agreement: Mapping[str, Any], *, issued: date) -> bytes:
    """Adds an agreement or replaces the same id and version."""
    payload = _next(data, issued)
    same = (agreement["id"], agreement["version"])
    payload["agreements"] = sorted(
        [item for item in payload["agreements"] if (item["id"], item["version"]) != same] + [dict(agreement)],
        key=lambda a: (a["id"], a["version"]),
    )
    parse_payload(payload)
    return _encode(payload, data)


def put_anchors(data: bytes, anchors: Sequence[Mapping[str, Any]], threshold: int, *, issued: date) -> bytes:
    """The next anchors. Enough of the outgoing ones must sign this version too."""
    payload = _next(data, issued)
    leaving = {key["kid"]: key for key in (*_noted(data), *payload["anchors"]["keys"])}
    payload["anchors"] = {"threshold": threshold, "keys": [public_jwk(key) for key in anchors]}
    parse_payload(payload)
    return encode(payload, (), list(leaving.values()))


def put_witnesses(data: bytes, keys: Sequence[str], wanted: int | None, *, issued: date) -> bytes:
    """Adds verifier keys of witnesses that are no hubs; ``wanted``: how many cosignatures evidence must have from now
    on (None: as before, or as usual). Raises UsageError for what is no such key, and for more than there can be."""
    payload = _next(data, issued)
    said = payload.get("witnesses") or {}
    listed = {"keys": list(dict.fromkeys([*said.get("keys", ()), *keys]))}
    count = said.get("wanted") if wanted is None else wanted
    payload["witnesses"] = listed if count is None else {"wanted": count, **listed}
    parse_payload(payload)
    return _encode(payload, data)


def withdraw_witness(data: bytes, key: str, *, issued: date) -> bytes:
    """Takes out a witness that is no hub. Raises UsageError when it is not there, or when too few are left."""
    payload = _next(data, issued)
    listed = list((payload.get("witnesses") or {}).get("keys", ()))
    if key not in listed:
        raise UsageError("no such witness in the directory", hint=f"there are: {' '.join(listed) or 'none'}")
    listed.remove(key)
    payload["witnesses"] = {**payload["witnesses"], "keys": listed}
    parse_payload(payload)
    return _encode(payload, data)


def renew(data: bytes, expires: date, *, issued: date) -> bytes:
    payload = _next(data, issued)
    _later(expires, issued)
    payload["expires"] = expires.isoformat()
    return _encode(payload, data)


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
    witnesses = [payload.get("witnesses") or {} for payload in (before, after)]
    if witnesses[0] != witnesses[1]:
        change = {"from": witnesses[0], "to": witnesses[1]}
        changes.append({"what": "witnesses", "id": "witnesses", "change": "changed", **change})
    former = [_by(payload.get("former", ()), "region") for payload in (before, after)]
    changes += _pairs("former hub", former[0], former[1])
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
            found.append({"what": what, "id": key, "change": "removed", "from": shown(old[key])})
        elif key not in old:
            found.append({"what": what, "id": key, "change": "added", "to": shown(new[key])})
        elif old[key] != new[key]:
            fields = sorted(f for f in old[key].keys() | new[key].keys() if old[key].get(f) != new[key].get(f))
            before, after = shown(old[key]), shown(new[key])
            differs = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
            change: dict[str, Any] = {"what": what, "id": key, "change": "changed", "fields": fields}
            change["from"] = {name: before.get(name) for name in sorted(differs)}
            change["to"] = {name: after.get(name) for name in sorted(differs)}
            found.append(change)
    return found


def shown(item: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as one who signs must see it: addresses, and each key by thumbprint (RFC 7638) with its times."""
    view = {name: value for name, value in item.items() if name != "keys"}
    if "kty" in item:
        return {"kid": item.get("kid"), "thumbprint": _thumbprint(item)}
    if isinstance(item.get("keys"), list):
        view["keys"] = {
            str(key["kid"]): {"thumbprint": _thumbprint(key), "nbf": key.get("nbf"), "exp": key.get("exp")}
            for key in item["keys"]
        }
    return view


def _thumbprint(key: Mapping[str, Any]) -> str:
    try:
        return thumbprint(key)
    except UsageError:
        return "unknown kind of key"


def _later(expires: date | None, issued: date) -> None:
    if expires is not None and expires < issued:
        raise UsageError(
            f"--expires {expires} is in the past", hint="give a last day from today on", message_zh="有效期已过"
        )


def _noted(data: bytes) -> list[Mapping[str, Any]]:
    """Leaving anchors of changes since the last signed version."""
    return [] if decode(data)[1] else outgoing(data)


def _encode(payload: Mapping[str, Any], data: bytes) -> bytes:
    return encode(payload, (), _noted(data))


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

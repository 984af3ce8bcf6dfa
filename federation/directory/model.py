"""What a directory says, checked on the way in.

    {"typ": "credit-hub-directory", "version": 3, "issued": "2026-11-01", "expires": "2027-11-01",
     "anchors": {"threshold": 2, "keys": [JWK …]},
     "hubs": [{"region", "name", "url", "keys": [JWK + nbf, exp], "ledger": {"origin", "key"}}],
     "agreements": [{"id", "version", "parties": [region …], "sha256"}],
     "witnesses": {"wanted": 2, "keys": [verifier key …]}}

Instants (``nbf``, ``exp``) are Unix seconds, UTC; ``issued`` and ``expires`` are dates, the last one inclusive,
Asia/Shanghai.
``witnesses`` may be left out: evidence wants the cosignatures of ``wanted`` of the hubs and of the witnesses named by
``keys`` (C2SP verifier keys of type 0x04); by default two where three or more hubs are listed, otherwise none.
A retired hub key stays in the list for ever, and a withdrawn hub under ``former``, so that old evidence can still be
checked.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from schema.errors import UsageError

TYP = "credit-hub-directory"
_PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_HUB_KEYS = {"region", "name", "url", "keys", "ledger", "successors"}
_TOP_KEYS = {"typ", "version", "issued", "expires", "anchors", "hubs", "agreements", "witnesses", "former"}
MOST_WITNESSES = 32


@dataclass(frozen=True, slots=True)
class Hub:
    region: str
    name: str
    url: str
    keys: tuple[Mapping[str, Any], ...]
    ledger: Mapping[str, str]
    successors: bool = False  # a key that a listed one announces counts too

    def key(self, kid: str) -> Mapping[str, Any] | None:
        return next((key for key in self.keys if key.get("kid") == kid), None)

    def key_expires(self, now: int) -> int | None:
        """When the last key now valid ends, Unix seconds; None when no valid key has an end."""
        ends = [int(key["exp"]) for key in self.keys if valid_at(key, now) and key.get("exp") is not None]
        return max(ends) if ends else None


@dataclass(frozen=True, slots=True)
class Agreement:
    id: str
    version: str
    parties: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """How many cosignatures evidence wants, and the verifier keys of witnesses that are no hubs of the directory."""

    wanted: int = 0
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    version: int
    issued: date
    expires: date
    threshold: int
    anchors: tuple[Mapping[str, Any], ...]
    hubs: tuple[Hub, ...]
    agreements: tuple[Agreement, ...]
    witnesses: Witnesses = Witnesses()
    former: tuple[Hub, ...] = ()

    def hub(self, region: str) -> Hub | None:
        return next((hub for hub in self.hubs if hub.region == region), None)

    def by_url(self, url: str) -> Hub | None:
        """The hub with this base URL: a hub's client_id at its peers."""
        return next((hub for hub in self.hubs if hub.url == url), None)

    def days_left(self, today: date) -> int:
        return (self.expires - today).days


def valid_at(key: Mapping[str, Any], instant: int) -> bool:
    """True when a key is valid at Unix second ``instant``; a missing or null ``nbf`` or ``exp`` is open."""
    start, end = key.get("nbf"), key.get("exp")
    return (start is None or int(start) <= instant) and (end is None or instant < int(end))


def parse_payload(payload: Any) -> Directory:
    """Raises UsageError that names the place of the fault."""
    _need(isinstance(payload, dict) and payload.get("typ") == TYP, "typ", f"is not {TYP!r}")
    _known(payload, _TOP_KEYS, "directory")
    _need(type(payload.get("version")) is int and payload["version"] >= 1, "version", "must be a number from 1")
    anchors = payload.get("anchors")
    _need(isinstance(anchors, dict) and isinstance(anchors.get("keys"), list), "anchors", "needs threshold and keys")
    assert isinstance(anchors, dict)
    keys = tuple(_public(key, "anchors.keys") for key in anchors["keys"])
    threshold: Any = anchors.get("threshold")
    _need(type(threshold) is int and 1 <= threshold <= len(keys), "anchors.threshold", "must be from 1 to the keys")
    _need(len({key["kid"] for key in keys}) == len(keys), "anchors.keys", "names one key twice")
    hubs = tuple(_hub(item, f"hubs[{place}]") for place, item in enumerate(_list(payload, "hubs")))
    for what in ("region", "url"):
        _need(len({getattr(hub, what) for hub in hubs}) == len(hubs), "hubs", f"two hubs with one {what}")
    agreements = tuple(_agreement(item, f"agreements[{n}]") for n, item in enumerate(_list(payload, "agreements")))
    return Directory(
        version=payload["version"],
        issued=_date(payload.get("issued"), "issued"),
        expires=_date(payload.get("expires"), "expires"),
        threshold=threshold,
        anchors=keys,
        hubs=hubs,
        agreements=agreements,
        witnesses=_witnesses(payload.get("witnesses"), len(hubs)),
        former=tuple(_hub(item, f"former[{place}]") for place, item in enumerate(_list(payload, "former"))),
    )


def check_url(url: str, where: str) -> str:
    """A peer's base URL: https, or http on a literal loopback address; no user, path, query or fragment."""
    try:
        parts = urlsplit(url)
        port_fine = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        raise _fault(where, f"{url!r} is not a URL") from None
    _need(bool(parts.hostname) and port_fine, where, f"{url!r} names no host")
    _need(parts.username is None and parts.password is None, where, "must not carry a user or password")
    _need(parts.path in ("", "/"), where, "must have no path")
    # What a parser drops (a bare "?", a line break) or reads as it likes (a backslash, a blank) misleads the next one.
    plain = url.partition("://")[2].rstrip("/") == parts.netloc and not re.search(r"[\s\\\x00-\x20\x7f]", url)
    _need(plain, where, f"{url!r} must be a scheme and a host, without query or fragment")
    loopback = parts.hostname == "localhost" or _is_loopback(parts.hostname or "")
    _need(parts.scheme == "https" or (parts.scheme == "http" and loopback), where, "must be https off loopback")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hub(item: Any, where: str) -> Hub:
    _need(isinstance(item, dict), where, "must be an object")
    _known(item, _HUB_KEYS, where)
    region = item.get("region")
    _need(isinstance(region, str) and re.fullmatch(r"[0-9]{6}", region) is not None, f"{where}.region", "is no region")
    _need(isinstance(item.get("name"), str), f"{where}.name", "must be text")
    _need(isinstance(item.get("url"), str), f"{where}.url", "must be text")
    keys = tuple(_public(key, f"{where}.keys") for key in _list(item, "keys"))
    _need(bool(keys), f"{where}.keys", "must hold at least one public key")
    ledger = item.get("ledger") or {}
    _need(isinstance(ledger, dict), f"{where}.ledger", "must be an object")
    successors = item.get("successors", False)
    _need(isinstance(successors, bool), f"{where}.successors", "must be true or false")
    return Hub(region, item["name"], check_url(item["url"], f"{where}.url"), keys, ledger, successors)


def _witnesses(item: Any, hubs: int) -> Witnesses:
    usual = 2 if hubs >= 3 else 0
    if item is None:
        return Witnesses(usual)
    _need(isinstance(item, dict), "witnesses", "must be an object")
    _known(item, {"wanted", "keys"}, "witnesses")
    keys, wanted = _list(item, "keys"), item.get("wanted", usual)
    _need(
        len(keys) <= MOST_WITNESSES and len(set(map(str, keys))) == len(keys),
        "witnesses.keys",
        "has too many or one twice",
    )
    _need(
        all(isinstance(key, str) and _is_cosignature_key(key) for key in keys), "witnesses.keys", "is no verifier key"
    )
    most = max(hubs - 1, 0) + len(keys)  # a hub is no witness of itself
    _need(type(wanted) is int and 0 <= wanted <= most, "witnesses.wanted", f"must be from 0 to {most}")
    return Witnesses(wanted, tuple(keys))


def _is_cosignature_key(text: str) -> bool:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    right = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    return bool(name) and len(raw) == 33 and raw[:1] == b"\x04" and key_id == right


def _agreement(item: Any, where: str) -> Agreement:
    _need(isinstance(item, dict), where, "must be an object")
    _known(item, {"id", "version", "parties", "sha256"}, where)
    digest = item.get("sha256")
    _need(
        isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{64}", digest) is not None, f"{where}.sha256", "is no digest"
    )
    _need(isinstance(item.get("id"), str) and bool(item["id"]), f"{where}.id", "must be text")
    parties = item.get("parties")
    _need(isinstance(parties, list) and all(isinstance(p, str) for p in parties), f"{where}.parties", "must be regions")
    return Agreement(item["id"], str(item.get("version")), tuple(item["parties"]), digest)


def _public(key: Any, where: str) -> Mapping[str, Any]:
    _need(isinstance(key, dict) and isinstance(key.get("kty"), str), where, "must hold JWKs")
    _need(isinstance(key.get("kid"), str) and bool(key["kid"]), where, "each key needs a kid")
    _need(not _PRIVATE_PARTS & key.keys(), where, "must hold public keys only")
    for name in ("nbf", "exp"):
        value = key.get(name)
        _need(value is None or (type(value) is int and 0 <= value < 2**53), where, f"{name} must be Unix seconds")
    return dict(key)


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name, [])
    _need(isinstance(value, list), name, "must be a list")
    return list(value)


def _date(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _fault(where, "must be a date YYYY-MM-DD") from None


def _known(item: Mapping[str, Any], allowed: set[str], where: str) -> None:
    unknown = item.keys() - allowed
    _need(not unknown, where, f"unknown {sorted(unknown)}")


def _need(held: bool, where: str, what: str) -> None:
    if not held:
        raise _fault(where, what)


def _fault(where: str, what: str) -> UsageError:
    return UsageError(f"directory: {where} {what}", hint="ask whoever signs it for a right one", message_zh="名录有误")

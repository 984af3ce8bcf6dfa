"""Whom a verifier trusts: keys of hubs and of their logs, from outside the evidence, never from the bundle."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from hub.ledger.cosignatures import CosignatureKey
from hub.ledger.notes import NoteVerifier
from hub.settings import Settings
from hub.signing.keys import PublicKey
from schema.errors import UsageError

MAX_FILE = 16 * 1024 * 1024


@dataclass(frozen=True)
class TrustedHub:
    """One hub: its keys, past and present, its log keys, and its addresses (none known: any)."""

    region: str | None
    keys: Mapping[str, PublicKey]
    logs: tuple[NoteVerifier, ...] = ()
    urls: frozenset[str] = frozenset()
    witness: CosignatureKey | None = None


class TrustSource(Protocol):
    """Anything that can name the hub behind a key id: saved key lists, or a signed directory."""

    def hub_of(self, kid: str, issuer: str | None) -> TrustedHub | None:
        """The hub whose key this is; where several list it, the one at the issuer's address."""

    def witnesses(self, hub: TrustedHub) -> tuple[CosignatureKey, ...]:
        """Whose cosignatures count for a hub's log: never its own."""

    @property
    def wanted(self) -> int:
        """How many cosignatures the trust asks for."""


class Trust:
    """Trust in a fixed list of hubs, in witnesses beside them, and in ``wanted`` of them together."""

    def __init__(self, hubs: Iterable[TrustedHub], witnesses: Iterable[CosignatureKey] = (), wanted: int = 0) -> None:
        self.hubs = tuple(hubs)
        self._witnesses = tuple(witnesses)
        self._wanted = wanted

    @property
    def wanted(self) -> int:
        return self._wanted

    @property
    def others(self) -> tuple[CosignatureKey, ...]:
        """Witnesses that are no hubs of the list."""
        return self._witnesses

    def witnesses(self, hub: TrustedHub) -> tuple[CosignatureKey, ...]:
        others = [one.witness for one in self.hubs if one is not hub and one.witness is not None]
        own = hub.witness.public if hub.witness is not None else None
        return tuple(key for key in (*others, *self._witnesses) if key.public != own)

    def hub_of(self, kid: str, issuer: str | None) -> TrustedHub | None:
        found = [hub for hub in self.hubs if kid in hub.keys]
        at_home = [hub for hub in found if issuer in hub.urls or not hub.urls]
        if at_home:
            return at_home[0]
        # A key list of one hub stays good when the hub moves; among several, one may not speak for another.
        return found[0] if found and len(self.hubs) == 1 else None


DirectoryReader = Callable[[bytes, Path, Settings], Trust]
"""Reads a signed directory from its bytes. Raises UsageError when its signatures do not hold."""


def hub_from_document(document: Mapping[str, Any]) -> TrustedHub:
    """A hub from its saved ``/.well-known/credit-hub`` or from a JWK set. Raises ValueError, saying what is wrong.

    Keys of a kind that this program does not know are passed over.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ValueError("it has no list of keys")
    keys: dict[str, PublicKey] = {}
    for jwk in listed:
        try:
            key = PublicKey.from_jwk(jwk)
        except ValueError:
            continue
        keys[key.kid] = key
    if not keys:
        raise ValueError("it has no usable signing key")
    ledger = document.get("ledger")
    logs: tuple[NoteVerifier, ...] = ()
    if isinstance(ledger, Mapping) and isinstance(ledger.get("key"), str):
        logs = (NoteVerifier.from_facts(ledger),)
    witness = None
    if isinstance(ledger, Mapping) and isinstance(ledger.get("witness"), str):
        witness = CosignatureKey.parse(ledger["witness"])
    endpoints = document.get("endpoints")
    base = endpoints.get("base") if isinstance(endpoints, Mapping) else None
    region = document.get("region")
    return TrustedHub(
        region if isinstance(region, str) else None,
        keys,
        logs,
        frozenset({base.rstrip("/")} if isinstance(base, str) else ()),
        witness,
    )


def witnesses_from_document(document: Mapping[str, Any]) -> list[CosignatureKey]:
    """Witnesses that a hub's saved document names beside the hubs: ``witnesses``, verifier keys. Raises ValueError."""
    named = document.get("witnesses") or []
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise ValueError("its witnesses are no list of verifier keys")
    return [CosignatureKey.parse(one) for one in named]


def load_trust(files: Iterable[Path], settings: Settings, read_directory: DirectoryReader | None = None) -> Trust:
    """Trust from files: each a saved well-known document, a JWK set, a JSON list of either, or a signed directory.

    Raises UsageError when a file cannot be read or says nothing about keys.
    """
    hubs: list[TrustedHub] = []
    witnesses: list[CosignatureKey] = []
    wanted = 0
    for path in files:
        document = _read(path)
        if read_directory is not None and _is_directory(document):
            found = read_directory(path.read_bytes(), path, settings)
            hubs.extend(found.hubs)
            witnesses.extend(found.others)
            wanted = max(wanted, found.wanted)
            continue
        for part in document if isinstance(document, list) else [document]:
            try:
                if not isinstance(part, dict):
                    raise ValueError("it is not a JSON object")
                hubs.append(hub_from_document(part))
                witnesses.extend(witnesses_from_document(part))
            except (ValueError, TypeError) as error:
                raise UsageError(
                    f"{path} cannot be trusted: {error}",
                    hint="give a signed directory, or the JSON of /.well-known/credit-hub saved earlier",
                    message_zh="信任文件不可用",
                ) from None
    return Trust(hubs, witnesses, wanted)


def trust_for(trust: Path | None, settings: Settings, read_directory: DirectoryReader | None = None) -> Trust:
    """``--trust`` when it is given, otherwise the key lists among HUB_TRUST_ANCHORS, and HUB_DIRECTORY.

    Raises UsageError without any."""
    if trust is not None:
        return load_trust([trust], settings, read_directory)
    lists = [path for path in settings.trust_anchors if _is_key_list(_read(path))]
    if settings.directory is not None and settings.trust_anchors and settings.directory.exists():
        lists.append(settings.directory)
    if not lists:
        raise UsageError(
            "nothing says whose keys to trust",
            hint="give --trust FILE (a signed directory, or the JSON of /.well-known/credit-hub saved earlier) "
            "or set HUB_TRUST_ANCHORS",
            message_zh="未指定信任来源",
        )
    return load_trust(lists, settings, read_directory)


def _is_directory(document: Any) -> bool:
    return isinstance(document, dict) and "payload" in document and "signatures" in document


def _is_key_list(document: Any) -> bool:
    return isinstance(document, list) or (isinstance(document, dict) and "kty" not in document)


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_FILE:
            raise UsageError(f"{path} is larger than a trust file", hint="give a key list or a directory")
        return orjson.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="give a JSON file") from None
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{path} is not JSON: {error}", hint="give a key list or a directory") from None

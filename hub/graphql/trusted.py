"""Trusted documents: a client with a list may send only what is on it, by text or by hash.

The folder has one folder for each such client, named by its client id or its name (percent-encoded where it has other
characters than letters, digits, ``-``, ``_`` and ``.``), with ``*.graphql`` files, or ``*.json`` manifests
``{sha256: document}``. A change is noticed within a second, without a restart. A folder that fits no client stops the
start: its client would be free to send anything. Clients without a folder may send what they like, unless one of their
scopes is named in ``HUB_TRUSTED_SCOPES``; hubs of the directory may then send the questions that hubs ask each other.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from federation.documents import HELD, PEER_PENETRATION, PEER_PERSONS
from schema.caller import Caller
from schema.errors import NotTrustedDocument, SettingsError

_LOOK_AGAIN = 0.5  # seconds

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class TrustedDocuments:
    """The lists as last read; ``folder`` None: no client has one. ``scopes``: who holds one of them needs a list."""

    folder: Path | None
    scopes: frozenset[str] = frozenset()
    _stamp: Stamp = ()
    _lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _looked: float = -1.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def document(self, caller: Caller, text: str | None, sha256: str | None) -> tuple[str | None, bool]:
        """The text to answer, None where the request has none, and whether it is from a list. Raises
        NotTrustedDocument."""
        allowed = await self._list_of(caller)
        if allowed is None:
            if text is None and sha256 is not None:
                raise _refused(
                    "this client has no list of documents, so a hash says nothing", "send query 请直接发送查询文本"
                )
            if text is not None and sha256 is not None and sha256 not in digests(text):
                raise _refused("the hash is not that of the document", "send one of them 请只发送其一")
            return text, False
        if text is None and sha256 is None:
            return None, False
        forms = () if text is None else digests(text)
        if not forms or sha256 is None or sha256 in forms:
            for wanted in forms or (sha256 or "",):
                if wanted in allowed:
                    return allowed[wanted], True
        raise _refused(
            "this document is not on the client's list",
            "ask the operator to add it, or send one that is on the list 请联系运维登记该查询",
        )

    async def _list_of(self, caller: Caller) -> Mapping[str, str] | None:
        own = await self._folder_of(caller)
        if own is not None or self.scopes.isdisjoint(caller.scopes):
            return own
        return BETWEEN_HUBS if caller.peer_region is not None else {}

    async def _folder_of(self, caller: Caller) -> Mapping[str, str] | None:
        if self.folder is None:
            return None
        if time.monotonic() - self._looked > _LOOK_AGAIN:
            async with self._lock:
                if time.monotonic() - self._looked > _LOOK_AGAIN:
                    await asyncio.to_thread(self._look, self.folder)
        for name in (caller.client_id, caller.name):
            found = self._lists.get(quote(name, safe="")) if name else None
            if found is not None:
                return found
        return None

    def _look(self, folder: Path) -> None:
        """Reads again what changed. A list that cannot be read allows nothing rather than everything."""
        stamp = _stamp(folder)
        if stamp != self._stamp or self._looked < 0:
            self._lists = {
                place.name: _read(place)
                for place in sorted(folder.iterdir())
                if place.is_dir() and place.name[0] != "."
            }
            self._stamp = stamp
        self._looked = time.monotonic()


def digests(text: str) -> tuple[str, ...]:
    """SHA-256 in hex of a document as it is and without surrounding blanks (files end with a line feed)."""
    return tuple(hashlib.sha256(form.encode()).hexdigest() for form in dict.fromkeys((text, text.strip())))


BETWEEN_HUBS = {sha256: text for text in (HELD, PEER_PERSONS, PEER_PENETRATION) for sha256 in digests(text)}
"""What hubs of the directory ask each other."""


def _refused(message: str, hint: str) -> NotTrustedDocument:
    return NotTrustedDocument(message, hint=hint, message_zh="该查询不在允许清单内")


def require_folder(folder: Path) -> None:
    """Raises SettingsError where there is no such folder: then nobody could say which clients have a list."""
    if not folder.is_dir():
        raise SettingsError(
            f"HUB_TRUSTED_DOCUMENTS is not a folder: {folder.name}",
            hint="make it, with one folder for each client 请建立该目录",
            message_zh="允许清单目录不存在",
        )


def require_fitting(folder: Path, clients: Iterable[str]) -> None:
    """Raises SettingsError for a list whose folder fits none of the clients' ids and names."""
    fitting = {quote(name, safe="") for name in clients if name}
    for place in sorted(folder.iterdir()):
        if place.is_dir() and place.name[0] != "." and place.name not in fitting:
            raise SettingsError(
                f"HUB_TRUSTED_DOCUMENTS has a folder that fits no client: {place.name}",
                hint="name it as `credit-hub client list` shows the client's id or name, percent-encoded where it has "
                "other characters than letters, digits, - _ and . ; or remove it 请按客户端编号或名称命名该目录",
                message_zh="允许清单目录与任何客户端不符",
            )


def _stamp(folder: Path) -> Stamp:
    require_folder(folder)
    found = []
    for path in sorted(folder.glob("*")) + sorted(folder.glob("*/*")):
        stat = path.stat()
        found.append((str(path.relative_to(folder)), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _read(place: Path) -> Mapping[str, str]:
    allowed: dict[str, str] = {}
    for path in sorted(place.glob("*.graphql")):
        text = _text(path)
        if text.strip():
            allowed.update(dict.fromkeys(digests(text), text))
    for path in sorted(place.glob("*.json")):
        try:
            manifest = json.loads(_text(path) or "{}")
        except ValueError:
            continue
        for document in manifest.values() if isinstance(manifest, dict) else ():
            if isinstance(document, str):
                allowed.update(dict.fromkeys(digests(document), document))
    return allowed


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError):
        return ""

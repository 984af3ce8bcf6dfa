"""The log's keys: the one that signs its heads, and those before it, in a file of their own or in a token.

``ledger.json`` (mode 600, in ``keys`` or where HUB_LEDGER_KEY says) holds the log's origin, which never changes, the
present key, and of each earlier key its public half with the size up to which it stands alone. After a planned rotation
the key before signs along for ``ALONG`` seconds, so that neighbours whose directory has only that one can still read
heads. Running processes follow a change at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.ledger.notes import EarlierKey, NoteKey, NoteSigner, NoteVerifier
from hub.settings import Settings
from hub.signing.keys import locked, write_private
from hub.signing.providers import FILE, HELD, provider_for
from hub.signing.suites import Ed25519Suite, Signer, b64u, unb64u
from schema.errors import ServiceError, SettingsError, UsageError

ALONG = 30 * 86_400


@dataclass(frozen=True)
class _TokenKey:
    """A key whose private half is in a token."""

    signer: Signer
    public: bytes

    def sign(self, data: bytes, /) -> bytes:
        return self.signer.sign(data)

    def public_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)


class LogKeys:
    """The file, and the provider of new keys. Raises SettingsError, ServiceError."""

    def __init__(self, settings: Settings) -> None:
        place = settings.ledger_key
        self._in_token = place.startswith("pkcs11:") or (not place and settings.keys != FILE)
        self._place = (place if place.startswith("pkcs11:") else settings.keys) if self._in_token else FILE
        default = settings.data / "keys" / "ledger.json"
        self.path = Path(place) if place and not self._in_token else default

    def read(self) -> dict[str, Any] | None:
        try:
            saved: dict[str, Any] = orjson.loads(self.path.read_bytes())
            if not isinstance(saved["origin"], str) or not ("key" in saved or HELD in saved):
                raise ValueError("no origin, or no key")
            return saved
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ServiceError(
                f"{self.path} cannot be read: {error.strerror}", hint="check its owner and mode"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.path} is damaged: {error}", hint="restore it from a backup") from None

    def write(self, document: Mapping[str, Any]) -> None:
        vkey = NoteVerifier(document["origin"], self.private(document).public_key().public_bytes_raw()).vkey
        write_private(self.path, orjson.dumps({**document, "vkey": vkey}, option=orjson.OPT_INDENT_2))

    def generate(self) -> dict[str, Any]:
        """Members of a new key: ``key``, or ``held`` and the public half ``x``."""
        if not self._in_token:
            return {"key": b64u(Ed25519PrivateKey.generate().private_bytes_raw())}
        made = provider_for(self._place).generate(Ed25519Suite(), "ledger")
        return {HELD: made[HELD], "x": made["x"]}

    def private(self, members: Mapping[str, Any]) -> NoteKey:
        """The key of these members. Raises SettingsError where its token is not set."""
        try:
            if HELD not in members:
                return Ed25519PrivateKey.from_private_bytes(unb64u(members["key"]))
            if not self._in_token:
                raise SettingsError("the log's key is in a token", hint="set HUB_LEDGER_KEY to its pkcs11: URI")
            public = unb64u(members["x"])
            return _TokenKey(provider_for(self._place).signer(members, Ed25519Suite()), public)
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.path} is damaged: {error}", hint="restore it from a backup") from None

    def prepare(self) -> tuple[str, str]:
        """Make the next key; the vkeys of the present one and of it. One that was made and never used gives way."""
        with locked(self.path.with_suffix(".lock")):
            saved = self.read()
            if saved is None:
                raise UsageError("there is no log key yet", hint="start the hub once: it makes one")
            if "next" in saved and HELD in saved["next"]:
                self._destroy(saved["next"])
            following = self.generate()
            self.write({**saved, "next": following})
        public = self.private(following).public_key().public_bytes_raw()
        return str(saved["vkey"]), NoteVerifier(saved["origin"], public).vkey

    def activate(self, size: int, *, compromised: bool) -> None:
        """Sign with the key that was prepared from now on. ``size``: leaves that the present one has signed for.

        Compromised: the key before does not sign along, and its private half is dropped at once.
        """
        with locked(self.path.with_suffix(".lock")):
            saved = self.read()
            if saved is None or "next" not in saved:
                raise UsageError("no log key was prepared", hint="run credit-hub ledger rotate-key again")
            now = int(time.time())
            old = {name: saved[name] for name in ("key", HELD, "x") if name in saved}
            entry = {"vkey": saved["vkey"], "size": size, "until": now if compromised else now + ALONG, **old}
            earlier = [self._without_private(each) for each in saved.get("earlier", ())]
            earlier.insert(0, self._without_private(entry) if compromised else entry)
            self.write({"origin": saved["origin"], **saved["next"], "made": now, "earlier": earlier})

    def _without_private(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        if HELD in entry:
            self._destroy(entry)
        return {name: entry[name] for name in ("vkey", "size", "until")}

    def _destroy(self, members: Mapping[str, Any]) -> None:
        if self._in_token:
            provider_for(self._place).destroy(members)

    def signer(self) -> NoteSigner:
        """The keys as they are now."""
        saved = self.read()
        if saved is None:
            raise SettingsError(f"{self.path} is gone", hint="restore it from a backup")
        earlier, also = [], None
        for each in saved.get("earlier", ()):
            earlier.append(EarlierKey(NoteVerifier.parse(each["vkey"]).public, int(each["size"])))
            if ("key" in each or HELD in each) and time.time() < each["until"]:
                also = self.private(each)
        return NoteSigner(saved["origin"], self.private(saved), tuple(earlier), also)


class LogSigner(NoteSigner):
    """The log's signer that follows its file: another process may rotate the key at any time."""

    def __init__(self, store: LogKeys) -> None:
        now = store.signer()
        super().__init__(now.name, now.key, now.earlier, now.also)
        object.__setattr__(self, "_follow", _Follower(store, now))

    @property
    def verifier(self) -> NoteVerifier:
        return self._now().verifier

    def sign(self, text: str) -> str:
        return self._now().sign(text)

    def _now(self) -> NoteSigner:
        follower: _Follower = object.__getattribute__(self, "_follow")
        return follower.now()


class _Follower:
    def __init__(self, store: LogKeys, now: NoteSigner) -> None:
        self._store, self._signer = store, now
        self._stamp = self._look()
        self._lock = threading.Lock()

    def now(self) -> NoteSigner:
        """Looks at the file each time: heads are signed in the transaction that a rotation shuts out, so none is by a
        key that has just been replaced."""
        with self._lock:
            stamp = self._look()
            # A file that is gone changes nothing until the next start: the log goes on under the key it has.
            if stamp is not None and stamp != self._stamp:
                self._signer, self._stamp = self._store.signer(), stamp
            return self._signer

    def _look(self) -> tuple[int, int, int] | None:
        try:
            stat = self._store.path.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

"""The keys that sign access tokens, apart from those that sign answers: a leak of one does not forge the other.

One file, mode 600. Rotation drops the old private half at once and keeps its public half in ``/oauth/jwks`` until the
last token signed by it has run out. Every process looks at the file again within a quarter of a second.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from hub.auth.jose import PrivateJwk, PublicJwk, generate_jwk, public_part
from hub.auth.nonces import Nonces
from hub.signing.keys import locked, write_private
from hub.signing.suites import b64u, unb64u
from schema.errors import ServiceError, SettingsError

TOKEN_LIFE = 600  # seconds: FAPI 2.0 asks for short-lived tokens; the contract says at most ten minutes
OVERLAP = TOKEN_LIFE + 60
MAX_AGE = 90 * 86_400  # a key older than this is replaced by whichever process opens the store
RECHECK = 0.25


class TokenKeys:
    """Keys under ``HUB_DATA/keys/tokens.json``. Safe to open from several processes at once."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time, recheck: float = RECHECK) -> None:
        self.path = folder / "tokens.json"
        self._clock = clock
        self._recheck = recheck
        self.generation = 0
        self._checked = float("-inf")
        self._stamp: tuple[int, int, int] | None = None
        self._signing: PrivateJwk | None = None
        self._public: dict[str, tuple[PublicJwk, float]] = {}
        self._nonces: Nonces | None = None

    def ensure(self) -> None:
        """Make the first key, or the next one when the newest is old. Raises ServiceError when it cannot."""
        self._add(only_after=MAX_AGE)

    def rotate(self) -> str:
        """Sign with a new key from now on; returns its ``kid``."""
        return self._add(only_after=None)

    def signing(self) -> PrivateJwk:
        self._refresh()
        if self._signing is None:
            raise ServiceError("there is no key to sign tokens with", hint="start the hub once: it makes one")
        return self._signing

    def nonces(self) -> Nonces:
        self._refresh()
        if self._nonces is None:
            raise ServiceError("there is no token key file", hint="start the hub once: it makes one")
        return self._nonces

    def find(self, kid: object) -> PublicJwk | None:
        """The key of this ``kid`` while tokens signed by it may still be valid."""
        self._refresh()
        if not isinstance(kid, str):
            return None
        if kid not in self._public:
            self._refresh(force=True)  # another worker may have rotated a moment ago
        key, until = self._public.get(kid, (None, 0.0))
        return key if self._clock() < until else None

    def jwks(self) -> dict[str, Any]:
        self._refresh()
        now = self._clock()
        return {"keys": [key.members for key, until in self._public.values() if now < until]}

    def refresh(self) -> int:
        """Look at the file; the number changes when the keys did."""
        self._refresh()
        return self.generation

    def _refresh(self, *, force: bool = False) -> None:
        tick = time.monotonic()
        if not force and tick - self._checked < self._recheck:
            return
        self._checked = tick
        try:
            stat = self.path.stat()
        except OSError:
            if self._signing is not None:
                raise ServiceError(f"{self.path} is gone", hint="restore it from a backup") from None
            return
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if stamp != self._stamp:
            self._take(self._read())
            self._stamp = stamp

    def _take(self, held: dict[str, Any]) -> None:
        self._public = {
            jwk["kid"]: (PublicJwk.read(public_part(jwk)), float(until)) for jwk, until in reversed(held["keys"])
        }
        self._signing = PrivateJwk.read(held["keys"][-1][0])
        self._nonces = Nonces(unb64u(held["nonce_secret"]))
        self.generation += 1

    def _read(self) -> dict[str, Any]:
        try:
            held: dict[str, Any] = orjson.loads(self.path.read_bytes())
            held["keys"] = [(entry["jwk"], entry["until"]) for entry in held["keys"]]
            held["made"], held["nonce_secret"] = int(held["made"]), str(held["nonce_secret"])
        except OSError as error:
            raise ServiceError(f"{self.path} cannot be read: {error.strerror}", hint="check its owner") from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.path} is damaged: {error}", hint="restore it from a backup") from None
        return held

    def _add(self, *, only_after: float | None) -> str:
        now = int(self._clock())
        with locked(self.path.with_suffix(".lock")):
            if self.path.exists():
                held = self._read()
            else:
                held = {"keys": [], "made": 0, "nonce_secret": b64u(secrets.token_bytes(32))}
            if only_after is None or now - held["made"] >= only_after:
                old = [(public_part(jwk), min(until, now + OVERLAP)) for jwk, until in held["keys"] if until > now]
                held["keys"] = [*old, (generate_jwk(), 2**53)]
                entries = [{"jwk": jwk, "until": until} for jwk, until in held["keys"]]
                write_private(self.path, orjson.dumps({**held, "keys": entries, "made": now}))
        self._refresh(force=True)
        return str(held["keys"][-1][0]["kid"])

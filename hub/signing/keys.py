"""The hub's signing keys: one file, mode 600, replaced atomically, in which public keys stay for ever.

A receipt is checked years later against the key that was valid when it was signed, so rotation ends a key's validity
(``exp``) and, once that has passed, drops its private half only. A key that was in wrong hands is ended at the instant
from which it may have been (``revoked``: OpenID Federation 1.0, 8.7), however long ago that is. Private halves
are where the provider has them. Every process looks at the file again at most ``RECHECK`` seconds after it changed, so
a running hub signs with a new key within a second. Times are Unix seconds.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from hub.settings import Settings
from hub.signing.private_files import locked as locked
from hub.signing.private_files import write_private as write_private
from hub.signing.providers import HELD, PRIVATE_MEMBERS, FileKeys, KeyProvider, has_private, place_of, provider_for
from hub.signing.suites import SUITES, Jwk, Signer, Suite, Verifier, b64u, suite_of, thumbprint
from schema.errors import ServiceError, SettingsError, UsageError

LIFETIME = 397 * 86_400  # seconds; a key is renewed RENEW_BEFORE its end by whichever process opens the store
RENEW_BEFORE = 30 * 86_400
OVERLAP = 60  # seconds a replaced key stays valid: answers signed just before the new key was seen
RENEW_AHEAD = 14 * 86_400  # seconds between publishing a renewed key and its use, so that directories can list it
RECHECK = 0.25


@dataclass(frozen=True)
class PublicKey:
    """A public key with the time in which what it signed counts: ``nbf`` ≤ t < ``exp``."""

    kid: str
    nbf: int
    exp: int
    jwk: dict[str, Any]
    verifier: Verifier

    @property
    def revoked_at(self) -> int | None:
        """The instant from which it may have been in wrong hands; None for a key that was never."""
        mark = self.jwk.get("revoked")
        return mark["revoked_at"] if isinstance(mark, dict) and type(mark.get("revoked_at")) is int else None

    def valid_at(self, instant: float) -> bool:
        return self.nbf <= instant < self.exp

    @classmethod
    def from_jwk(cls, jwk: Jwk, suites: tuple[Suite, ...] = SUITES) -> PublicKey:
        """Read one key of a key list; absent ``nbf``/``exp`` mean no limit. Raises ValueError, saying what is wrong."""
        try:
            suite = suite_of(jwk, suites)
            kid = str(jwk.get("kid") or thumbprint(jwk))
            nbf, exp = (jwk.get("nbf", 0), jwk.get("exp", 2**53))
            if type(nbf) is not int or type(exp) is not int:
                raise ValueError("nbf and exp are whole Unix seconds")
            hidden = PRIVATE_MEMBERS | {HELD}
            public = {name: value for name, value in jwk.items() if name not in hidden}
            made = cls(kid, nbf, exp, public, suite.verifier(jwk))
            ended = made.revoked_at
            return made if ended is None or ended >= exp else replace(made, exp=ended)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a usable public JWK: {error!r}") from None


@dataclass(frozen=True)
class SigningKey:
    """The key to sign with now; ``receipt_header`` is the encoded protected header of receipts."""

    kid: str
    exp: int
    signer: Signer
    receipt_header: str

    def jws(self, payload: bytes, typ: str | None = None) -> str:
        """A compact JWS (RFC 7515): a receipt, or a statement of another ``typ``."""
        header = self.receipt_header if typ is None else _header(self.signer.jose, self.kid, typ)
        signed = f"{header}.{b64u(payload)}"
        return f"{signed}.{b64u(self.signer.sign(signed.encode()))}"


def _header(alg: str, kid: str, typ: str) -> str:
    return b64u(orjson.dumps({"alg": alg, "kid": kid, "typ": typ}))


class KeyStore:
    """Keys under ``HUB_DATA/keys/signing.json``. Safe to open from several processes at once."""

    def __init__(
        self, folder: Path, *, suites: tuple[Suite, ...] = SUITES, provider: KeyProvider | None = None
    ) -> None:
        self.path = folder / "signing.json"
        self._suites = suites
        self._provider = provider or FileKeys()
        self._stamp: tuple[int, int, int] | None = None
        self._checked = 0.0
        self._keys: list[dict[str, Any]] = []
        self._current: SigningKey | None = None
        self._until = 0.0

    @classmethod
    def of(cls, settings: Settings) -> KeyStore:
        """The store of this hub, with private keys where HUB_KEYS says. Raises SettingsError, ServiceError."""
        return cls(settings.data / "keys", provider=provider_for(settings.keys))

    def ensure(self, now: int | None = None) -> None:
        """Make the first key, or the next one when the newest ends soon. Raises ServiceError when it cannot."""
        now = int(time.time()) if now is None else now
        self._refresh(force=True)
        if _enough(self._keys, now):
            return
        signs = any(has_private(key) and key["nbf"] <= now and now + RENEW_AHEAD < key["exp"] for key in self._keys)
        self._add(now, alg=None, after=RENEW_AHEAD if signs else 0, unless=lambda keys: _enough(keys, now))

    def rotate(self, alg: str | None = None, *, now: int | None = None, after: int = 0) -> PublicKey:
        """Sign with a new key from now on; the ones before it end ``OVERLAP`` seconds later. ``alg``: EdDSA, ES256.

        ``after`` seconds, the new key is published at once and used only then, so that a directory can list it first.
        """
        return self._add(int(time.time()) if now is None else now, alg=alg, after=after)

    def invalidate(self, kid: str, since: int, *, now: int | None = None) -> PublicKey:
        """End a key at ``since``, in the past: what it signed from then on counts no more, and it signs no more.

        Where it was the key in use, a new one takes its place at once. An earlier instant than that of a first call
        moves the end; a later one does not. Raises UsageError.
        """
        now = int(time.time()) if now is None else now
        if since > now:
            raise UsageError("a key is invalid since an instant in the past", hint="use keys rotate for a planned end")
        with locked(self.path.with_suffix(".lock")):
            keys = self._read()
            found = next((key for key in keys if key["kid"] == kid), None)
            if found is None:
                raise UsageError(f"no key of this hub is called {kid}", hint="see credit-hub keys list")
            before = found.get("revoked", {}).get("revoked_at", since)
            found["revoked"] = {"revoked_at": min(since, before), "reason": "compromised"}
            found["exp"] = min(found["exp"], since)
            self._drop(found)
            self._write(keys)
        self._refresh(force=True)
        self.ensure(now)
        return PublicKey.from_jwk(found, self._suites)

    def places(self) -> dict[str, str]:
        """kid → ``file``, ``pkcs11``, or ``none`` where the private half is gone."""
        self._refresh()
        return {key["kid"]: place_of(key) for key in self._keys}

    def current(self) -> SigningKey:
        """The newest key valid now. Raises ServiceError when the key file is gone or has none."""
        self._refresh()
        now = time.time()
        if self._current is None or now >= self._until:
            self._current = self._pick(now)
            # The next key's time ends the use of this one, long before its own validity does.
            later = [float(key["nbf"]) for key in self._keys if has_private(key) and key["nbf"] > now + 1]
            self._until = min([float(self._current.exp), *(begin - 1 for begin in later)])
        return self._current

    def public(self) -> list[PublicKey]:
        """Every key ever used, newest first."""
        self._refresh()
        return [PublicKey.from_jwk(key, self._suites) for key in reversed(self._keys)]

    def generation(self) -> object:
        """Changes whenever the key file does."""
        self._refresh()
        return self._stamp

    def _pick(self, now: float) -> SigningKey:
        for key in reversed(self._keys):
            if has_private(key) and key["nbf"] <= now + 1 and now < key["exp"]:
                suite = suite_of(key, self._suites)
                header = _header(suite.jose, key["kid"], "credit-receipt+jwt")
                if place_of(key) != self._provider.name:
                    logging.getLogger("hub.signing").warning(
                        "the signing key %s is still in the key file; run keys rotate --after", key["kid"]
                    )
                return SigningKey(key["kid"], key["exp"], self._provider.signer(key, suite), header)
        raise ServiceError(
            "no signing key is valid now", hint="run `credit-hub keys rotate`", message_zh="没有当前有效的签名密钥"
        )

    def _refresh(self, *, force: bool = False) -> None:
        tick = time.monotonic()
        if not force and tick - self._checked < RECHECK:
            return
        self._checked = tick
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            if self._keys:
                raise ServiceError(f"{self.path} is gone", hint="restore it from a backup") from None
            return
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp and not force:
            return
        self._keys = self._read()
        self._stamp, self._current = stamp, None

    def _read(self) -> list[dict[str, Any]]:
        try:
            keys: list[dict[str, Any]] = orjson.loads(self.path.read_bytes())["keys"]
            for key in keys:
                if thumbprint(key) != key["kid"] or type(key["nbf"]) is not int or type(key["exp"]) is not int:
                    raise ValueError("a key whose kid, nbf or exp is wrong")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ServiceError(
                f"{self.path} cannot be read: {error.strerror}", hint="check its owner and mode"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.path} is damaged: {error}", hint="restore it from a backup") from None
        return sorted(keys, key=lambda key: int(key["nbf"]))

    def _add(self, now: int, *, alg: str | None, unless: Any = None, after: int = 0) -> PublicKey:
        with locked(self.path.with_suffix(".lock")):
            keys = self._read()
            if unless is not None and unless(keys):
                self._refresh(force=True)
                return PublicKey.from_jwk(keys[-1], self._suites)
            # A key that was announced and never used gives way to the one that is made now.
            for planned in [key for key in keys if key["nbf"] > now]:
                self._drop(planned)
                keys.remove(planned)
            suite = self._suite(alg or (keys[-1]["alg"] if keys else self._suites[0].jose))
            made: dict[str, Any] = {**self._provider.generate(suite, "signing"), "alg": suite.jose, "use": "sig"}
            made |= {"kid": thumbprint(made), "nbf": now + after, "exp": now + after + LIFETIME}
            for key in keys:
                if key["exp"] <= now:
                    self._drop(key)
                key["exp"] = min(key["exp"], now + after + OVERLAP)
            self._write([*keys, made])
        self._refresh(force=True)
        return PublicKey.from_jwk(made, self._suites)

    def _drop(self, key: dict[str, Any]) -> None:
        """The private half of a key; the public one stays."""
        if HELD in key:
            self._provider.destroy(key)
        for member in PRIVATE_MEMBERS | {HELD}:
            key.pop(member, None)

    def _write(self, keys: list[dict[str, Any]]) -> None:
        write_private(self.path, orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2))

    def _suite(self, alg: str) -> Suite:
        for suite in self._suites:
            if alg in suite.names:
                return suite
        allowed = " ".join(suite.jose for suite in self._suites)
        raise UsageError(f"unknown signature algorithm {alg}", hint=f"allowed: {allowed}")


def _enough(keys: list[dict[str, Any]], now: int) -> bool:
    """Whether one signs now and one, the same or a later one, does so for a while yet."""
    usable = [key for key in keys if has_private(key)]
    return any(key["nbf"] <= now < key["exp"] for key in usable) and any(
        key["exp"] - RENEW_BEFORE > now for key in usable
    )

"""The hub's signing keys: one file, mode 600, replaced atomically, in which public keys stay for ever.

A receipt is checked years later against the key that was valid when it was signed, so rotation ends a key's validity
(``exp``) and, once that has passed, drops its private half only. Every process looks at the file again at most
``RECHECK`` seconds after it changed, so a running hub signs with a new key within a second. Times are Unix seconds.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hub.signing.suites import SUITES, Jwk, Signer, Suite, Verifier, b64u, suite_of, thumbprint
from schema.errors import ServiceError, SettingsError, UsageError

LIFETIME = 397 * 86_400  # seconds; a key is renewed RENEW_BEFORE its end by whichever process opens the store
RENEW_BEFORE = 30 * 86_400
OVERLAP = 60  # seconds a replaced key stays valid: answers signed just before the new key was seen
RECHECK = 0.25
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


@dataclass(frozen=True)
class PublicKey:
    """A public key with the time in which what it signed counts: ``nbf`` ≤ t < ``exp``."""

    kid: str
    nbf: int
    exp: int
    jwk: dict[str, Any]
    verifier: Verifier

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
            public = {name: value for name, value in jwk.items() if name not in PRIVATE_MEMBERS}
            return cls(kid, nbf, exp, public, suite.verifier(jwk))
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

    def __init__(self, folder: Path, *, suites: tuple[Suite, ...] = SUITES) -> None:
        self.path = folder / "signing.json"
        self._suites = suites
        self._stamp: tuple[int, int, int] | None = None
        self._checked = 0.0
        self._keys: list[dict[str, Any]] = []
        self._current: SigningKey | None = None

    def ensure(self, now: int | None = None) -> None:
        """Make the first key, or the next one when the newest ends soon. Raises ServiceError when it cannot."""
        now = int(time.time()) if now is None else now
        self._refresh(force=True)
        if not any(key["exp"] - RENEW_BEFORE > now and "d" in key for key in self._keys):
            self._add(now, alg=None, unless=lambda keys: any(k["exp"] - RENEW_BEFORE > now and "d" in k for k in keys))

    def rotate(self, alg: str | None = None, *, now: int | None = None, after: int = 0) -> PublicKey:
        """Sign with a new key from now on; the ones before it end ``OVERLAP`` seconds later. ``alg``: EdDSA, ES256.

        ``after`` seconds, the new key is published at once and used only then, so that a directory can list it first.
        """
        return self._add(int(time.time()) if now is None else now, alg=alg, after=after)

    def current(self) -> SigningKey:
        """The newest key valid now. Raises ServiceError when the key file is gone or has none."""
        self._refresh()
        now = time.time()
        if self._current is None or now >= self._current.exp:
            self._current = self._pick(now)
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
            if "d" in key and key["nbf"] <= now + 1 and now < key["exp"]:
                suite = suite_of(key, self._suites)
                header = _header(suite.jose, key["kid"], "credit-receipt+jwt")
                return SigningKey(key["kid"], key["exp"], suite.signer(key), header)
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
            suite = self._suite(alg or (keys[-1]["alg"] if keys else self._suites[0].jose))
            made: dict[str, Any] = {**suite.generate(), "alg": suite.jose, "use": "sig"}
            made |= {"kid": thumbprint(made), "nbf": now + after, "exp": now + after + LIFETIME}
            for key in keys:
                if key["exp"] <= now:
                    for member in PRIVATE_MEMBERS:
                        key.pop(member, None)
                key["exp"] = min(key["exp"], now + after + OVERLAP)
            write_private(self.path, orjson.dumps({"keys": [*keys, made]}, option=orjson.OPT_INDENT_2))
        self._refresh(force=True)
        return PublicKey.from_jwk(made, self._suites)

    def _suite(self, alg: str) -> Suite:
        for suite in self._suites:
            if alg in suite.names:
                return suite
        allowed = " ".join(suite.jose for suite in self._suites)
        raise UsageError(f"unknown signature algorithm {alg}", hint=f"allowed: {allowed}")


def _private_folder(folder: Path) -> None:
    """``keys`` and, where it is new too, the data folder around it: modes given to ``mkdir`` are not for parents."""
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes. Raises ServiceError when the folder cannot be written."""
    try:
        _private_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServiceError(f"{path} cannot be written: {error.strerror}", hint="check the data folder") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file atomically and durably, readable by its owner alone. Raises ServiceError when it cannot."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _private_folder(path.parent)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ServiceError(f"{path} cannot be written: {error.strerror}", hint="check the data folder") from None

"""Further token issuers (``HUB_ISSUERS``): who else may issue tokens for this hub, with which keys and scopes.

    [[issuer]]
    issuer = "https://id.example.cn"
    jwks = "id.jwks.json"                     # beside this file, or `keys = [{…}]`; read again when it changes
    audience = "https://hub.example.cn"       # default: this hub's base URL
    purposes = ["gate-check"]                 # default: those of the scopes
    [issuer.scopes]                           # their scope → ours; a scope not listed opens nothing
    "credit.gate" = ["credit:gate"]

Clients of such an issuer are called ``issuer#client`` here, so that they cannot pose as this hub's own.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.auth.jose import ALGS, PublicJwk
from schema.bounded_json import read_json
from schema.errors import SettingsError
from schema.scopes import PURPOSES, PURPOSES_OF_SCOPE, SCOPES

MAX_LIFE = 3600  # seconds between `iat` and `exp` of a further issuer's token
_KEYS = frozenset({"issuer", "jwks", "keys", "audience", "purposes", "scopes"})


@dataclass(frozen=True)
class Issuer:
    """A trusted issuer. ``scopes`` maps its scopes to ours; ``purposes`` None means those of the scopes."""

    issuer: str
    audience: str
    keys: Mapping[str, PublicJwk]
    scopes: Mapping[str, tuple[str, ...]]
    purposes: frozenset[str] | None = None

    def granted(self, scope: str) -> frozenset[str]:
        return frozenset(ours for theirs in scope.split() for ours in self.scopes.get(theirs, ()))

    def purposes_for(self, scopes: frozenset[str]) -> frozenset[str]:
        if self.purposes is not None:
            return self.purposes
        return frozenset(purpose for scope in scopes for purpose in PURPOSES_OF_SCOPE[scope])


class Issuers:
    """The issuers of one file, read again when it or one of its key files changes (both are a few kB)."""

    def __init__(self, path: Path | None, *, base_url: Callable[[], str]) -> None:
        self._path = path
        self._base_url = base_url
        self._stamps: tuple[tuple[str, int, int], ...] = ()
        self._files: tuple[Path, ...] = ()
        self._held: dict[str, Issuer] = {}
        self.generation = 0

    def find(self, issuer: str) -> Issuer | None:
        return self._held.get(issuer)

    def refresh(self) -> int:
        """Read what changed; the number grows when something did.

        Raises SettingsError for a bad file at the first reading; later the last good one stays and the log says why.
        """
        if self._path is None:
            return 0
        stamps = _stamps(self._files) if self._files else None
        if stamps is not None and stamps == self._stamps:
            return self.generation
        try:
            self._held, self._files = load_issuers(self._path, base_url=self._base_url())
        except SettingsError as error:
            if stamps is None:
                raise
            logging.getLogger(__name__).error("the last good issuers stay in use: %s", error.message)
            self._stamps = stamps
            return self.generation
        self._stamps = _stamps(self._files)
        self.generation += 1
        return self.generation


def _usable(jwk: object) -> PublicJwk | None:
    """None for a key of another kind: issuers publish keys for other uses in the same set."""
    try:
        return PublicJwk.read(jwk)
    except ValueError:
        return None


def _stamps(files: tuple[Path, ...]) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in files:
        try:
            stat = path.stat()
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append((str(path), 0, -1))
    return tuple(found)


def load_issuers(path: Path, *, base_url: str) -> tuple[dict[str, Issuer], tuple[Path, ...]]:
    """The issuers of a file and the files they came from. Raises SettingsError that names the place."""
    files = [path]
    found: dict[str, Issuer] = {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        if set(table) - {"issuer"}:
            raise ValueError(f"unknown key {sorted(set(table) - {'issuer'})[0]}")
        for entry in table.get("issuer", []):
            issuer = _issuer(entry, path.parent, files, base_url)
            if issuer.issuer in found or issuer.issuer == base_url:
                raise ValueError(f"issuer {issuer.issuer} is there twice")
            found[issuer.issuer] = issuer
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise SettingsError(
            f"HUB_ISSUERS {path} is not usable: {error}",
            hint="[[issuer]] tables with issuer, jwks or keys, scopes; optional audience, purposes",
            message_zh="令牌签发方配置无效",
        ) from None
    return found, tuple(files)


def _issuer(entry: Mapping[str, Any], folder: Path, files: list[Path], base_url: str) -> Issuer:
    if unknown := sorted(set(entry) - _KEYS):
        raise ValueError(f"unknown key {unknown[0]}")
    name = entry.get("issuer")
    if not isinstance(name, str) or not name.startswith(("https://", "http://")) or "#" in name:
        raise ValueError("issuer is the issuer's URL")
    jwks = list(entry.get("keys", []))
    if "jwks" in entry:
        files.append(folder / str(entry["jwks"]))
        jwks += read_json(files[-1].read_bytes())["keys"]
    keys = {key.kid: key for key in filter(None, map(_usable, jwks))}
    if not keys:
        raise ValueError(f"issuer {name} has no key for {' '.join(ALGS)}")
    scopes = {theirs: tuple(ours) for theirs, ours in dict(entry.get("scopes", {})).items()}
    if wrong := sorted({s for ours in scopes.values() for s in ours} - set(SCOPES)):
        raise ValueError(f"unknown scope {wrong[0]}")
    purposes = entry.get("purposes")
    if wrong := sorted(set(purposes or ()) - set(PURPOSES)):
        raise ValueError(f"unknown purpose {wrong[0]}")
    audience = str(entry.get("audience", base_url))
    return Issuer(name, audience, keys, scopes, None if purposes is None else frozenset(purposes))

"""Addresses in settings: this hub's own, its graph, SQL store and witnesses; each cast raises ValueError."""

from __future__ import annotations

import contextlib
import ipaddress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from schema.errors import SettingsError

PORTS = {"http": 80, "https": 443}
GRAPH_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def base_url(value: str) -> str:
    """One form (RFC 3986 section 6.2): clients compare issuer, audience and ``htu`` letter by letter."""
    if not value:
        return value
    parts = urlsplit(value)
    try:
        usable = parts.scheme in PORTS and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # a port that is no number up to 65535
        usable = False
    if not usable or parts.query or parts.fragment or not value.isascii() or any(map(str.isspace, value)):
        raise ValueError("an https URL without user, query or fragment")
    host = parts.hostname or ""
    if parts.scheme == "http" and not loopback(host):
        raise ValueError("an https URL; plain http is allowed on loopback only")
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    port = "" if parts.port in (None, PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def graph_place(value: str) -> str:
    parts = urlsplit(value)
    with contextlib.suppress(ValueError):  # a port that is no number up to 65535
        if value == "embedded" or (parts.scheme in GRAPH_SCHEMES and parts.hostname and parts.port != 0):
            return value
    raise ValueError("'embedded', or a bolt://, neo4j:// or neo4j+s:// address")


def witnesses(value: str) -> tuple[tuple[str, str], ...]:
    """Verifier key and address of each, checked further where they are used."""
    found = []
    for item in value.split():
        vkey, _, url = item.partition("@")
        parts = urlsplit(url)
        plain = parts.scheme == "http" and loopback(parts.hostname)
        if vkey.count("+") < 2 or not parts.hostname or not (parts.scheme == "https" or plain):
            raise ValueError("VERIFIER-KEY@https://ADDRESS, several with blanks between")
        found.append((vkey, url.rstrip("/")))
    return tuple(found)


def sql_place(value: str) -> str:
    """A setting: ``sqlite`` or a postgresql:// URL. Raises ValueError."""
    if value == "sqlite" or value.startswith(("postgresql://", "postgres://")):
        return value
    raise ValueError("'sqlite', or a postgresql:// URL")


def postgres_url(address: str, password_file: Path | None) -> str:
    """The address with the password of the file, which is read at each start. Raises SettingsError."""
    url = "postgresql://" + address.split("://", 1)[1]
    if password_file is None:
        return url
    parts = urlsplit(url)
    if parts.password is not None or not parts.username:
        raise SettingsError(
            "HUB_SQL_PASSWORD_FILE goes with a HUB_SQL that names a user and no password",
            hint="set HUB_SQL to postgresql://USER@HOST/DATABASE",
        )
    try:
        password = password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"HUB_SQL_PASSWORD_FILE: {password_file} cannot be read", hint="check its path and mode"
        ) from None
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def authority(value: str) -> str:
    """Plain http is usual for timestamps: what comes back is signed."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment):
        raise ValueError("an http or https URL")
    return value

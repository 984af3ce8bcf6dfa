"""Addresses of the SQL store, and the password that belongs to one and stands in a file of its own."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from schema.errors import SettingsError


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

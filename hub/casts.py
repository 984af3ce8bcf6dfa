"""How each setting is read from its text. A caster raises ValueError with what is allowed."""

from __future__ import annotations

import os
import re
from datetime import date as Date
from pathlib import Path

from hub.addresses import Network, read_networks
from schema.scopes import SCOPES

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def text(value: str) -> str:
    return value


def path(value: str) -> Path:
    if not value:
        raise ValueError("a path")
    return Path(value).expanduser()


def paths(value: str) -> tuple[Path, ...]:
    return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)


def networks(value: str) -> tuple[Network, ...]:
    try:
        return read_networks(value)
    except ValueError:
        raise ValueError("addresses or networks separated by commas, such as 172.18.0.0/16, 10.0.0.7") from None


def flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("1 or 0 (also true/false, yes/no, on/off)")


def host(value: str) -> str:
    """Empty would be every address of the machine."""
    if not value or any(map(str.isspace, value)) or "/" in value:
        raise ValueError("an address or host name, such as 127.0.0.1; 0.0.0.0 for all, with HUB_BASE_URL")
    return value


def port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65535:
        raise ValueError("a port from 0 to 65535 (0 picks a free one)")
    return int(value)


def positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ValueError("a whole number from 1")
    return int(value)


def seconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= 600:
        raise ValueError("seconds, more than 0 and at most 600")
    return number


def age(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 31 * 86_400:
        raise ValueError("seconds, from 0 (never) to 2678400")
    return number


def date(value: str) -> str:
    try:
        return Date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise ValueError("a date YYYY-MM-DD") from None


def region(value: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", value):
        raise ValueError("a GB/T 2260 code of six digits, such as 320400")
    return value


def scopes(value: str) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(value.replace(",", " ").split()))
    if not set(given) <= SCOPES.keys():
        raise ValueError("scopes, separated by blanks: " + " ".join(SCOPES))
    return given


def level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError("one of " + " ".join(LOG_LEVELS))
    return value.upper()

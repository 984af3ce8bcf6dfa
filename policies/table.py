"""Typed reading of one TOML table: a wrong type, a missing or an unknown key is an error with file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from policies.positions import Path as KeyPath
from policies.positions import line_of, positions
from schema.errors import SettingsError
from schema.times import FIRST_DATE, OPEN_DATE

T = TypeVar("T")
_MISSING: Any = object()


class PackError(SettingsError):
    """A policy pack that cannot be used. The message begins with ``file:line``."""

    def __init__(self, place: str, problem: str, *, hint: str) -> None:
        super().__init__(f"{place}: {problem}", hint=hint, message_zh=f"策略包有误：{place}")
        self.place = place


class MissingKey(PackError):
    """A key that a table must have is not there. ``read`` is the reader of that table, ``present`` what it has."""

    read: Callable[[Table], Any] | None = None
    present: frozenset[str] = frozenset()


class Table:
    """One table of a pack. Every key that is read is ticked off; ``done`` refuses what is left over."""

    def __init__(self, file: str, values: dict[str, Any], lines: dict[KeyPath, int], path: KeyPath = ()) -> None:
        self._file = file
        self._values = values
        self._lines = lines
        self._path = path
        self._read: set[str] = set()

    def place(self, *keys: str) -> str:
        """``file:line`` of this table or of a key in it."""
        return f"{self._file}:{line_of(self._lines, self._path + keys)}"

    def error(self, problem: str, *keys: str, hint: str) -> PackError:
        return PackError(self.place(*keys), problem, hint=hint)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str = _MISSING) -> str:
        value = self._take(key, str, "a text in quotes", default)
        if default is _MISSING and not value.strip():
            raise self.error(f"{key} is empty", key, hint=f"fill in {key}")
        return value

    def flag(self, key: str, default: bool = _MISSING) -> bool:
        return self._take(key, bool, "true or false", default)

    def integer(self, key: str, default: int = _MISSING, *, least: int = 0) -> int:
        value = self._take(key, int, "a whole number", default)
        if value < least:
            raise self.error(f"{key} is {value}", key, hint=f"at least {least}")
        return value

    def percent(self, key: str, default: float) -> float:
        value = float(self._take(key, (int, float), "a number of percent", default))
        if not 0 <= value <= 100:
            raise self.error(f"{key} is {value}", key, hint="between 0 and 100")
        return value

    def day(self, key: str, default: str = _MISSING) -> str:
        """A TOML date such as ``2026-04-01``, as an ISO string."""
        value = self._take(key, date, "a date such as 2026-04-01, without quotes", default)
        if isinstance(value, datetime):
            raise self.error(f"{key} has a time of day", key, hint="give a date such as 2026-04-01")
        return value if isinstance(value, str) else value.isoformat()

    def days(self, key: str) -> tuple[str, ...]:
        """A list of TOML dates, as ISO strings."""
        value = self._take(key, list, "a list of dates such as 2026-04-01, without quotes", [])
        for item in value:
            if not isinstance(item, date) or isinstance(item, datetime):
                raise self.error(f"{key} holds {item!r}", key, hint="dates such as 2026-04-01, without quotes")
        return tuple(item.isoformat() for item in value)

    def validity(self) -> tuple[str, str]:
        """``valid_from`` and ``valid_to`` (inclusive; missing: open)."""
        first, last = self.day("valid_from", FIRST_DATE), self.day("valid_to", OPEN_DATE)
        if last < first:
            raise self.error(f"valid_to {last} is before valid_from {first}", "valid_to", hint="swap or correct them")
        return first, last

    def choice(self, key: str, allowed: Sequence[str], default: str = _MISSING) -> str:
        value = self._take(key, str, "a text in quotes", default)
        if value not in allowed and value != default:
            raise self.error(f"{key} is {value!r}", key, hint="one of: " + ", ".join(allowed))
        return value

    def texts(self, key: str, allowed: Sequence[str] = (), default: tuple[str, ...] = _MISSING) -> tuple[str, ...]:
        value = self._take(key, list, "a list of texts", default)
        for item in value:
            if not isinstance(item, str) or (allowed and item not in allowed):
                raise self.error(
                    f"{key} holds {item!r}", key, hint="one of: " + ", ".join(allowed) if allowed else "texts in quotes"
                )
        if default is _MISSING and not value:
            raise self.error(f"{key} is empty", key, hint=f"name at least one of {key}")
        return tuple(value)

    def table(self, key: str) -> Table:
        if key not in self._values:
            raise self.error(f"[{key}] is missing", hint=f"add a table [{key}]")
        return Table(self._file, self._take(key, dict, "a table", _MISSING), self._lines, (*self._path, key))

    def tables(self, key: str, *, needed: bool = False) -> list[Table]:
        """The tables of ``[[…key]]``, or of a list of inline tables."""
        rows = self._take(key, list, "tables", _MISSING if needed else [])
        if not all(isinstance(row, dict) for row in rows):
            raise self.error(f"{key} is not made of tables", key, hint=f"write [[{key}]] or {key} = [{{…}}]")
        lines = self._lines
        here = (*self._path, key)
        return [Table(self._file, row, lines, (*here, n)) for n, row in enumerate(rows)]

    def each(self, key: str, read: Callable[[Table], T], *, needed: bool = False) -> tuple[T, ...]:
        """``read`` applied to each table of ``key``, each one checked for leftovers."""
        found = []
        for row in self.tables(key, needed=needed):
            try:
                found.append(read(row))
            except MissingKey as error:
                if error.read is None:
                    error.read, error.present = read, frozenset(row._values)
                raise
            row.done()
        return tuple(found)

    def done(self) -> None:
        """Raises PackError when the table has a key that nobody read."""
        for key in self._values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise self.error(f"unknown key {key!r}", key, hint=f"known here: {known}")

    def _take(self, key: str, kind: type[T] | tuple[type[T], ...], wanted: str, default: Any) -> T:
        self._read.add(key)
        if key not in self._values:
            if default is _MISSING:
                raise MissingKey(self.place(), f"{key} is missing", hint=f"add {key} = … ({wanted})")
            return cast(T, default)
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(f"{key} is {value!r}", key, hint=f"give {wanted}")
        return value


def read_table(file: Path, shown: str) -> Table:
    """The root table of a TOML file. ``shown`` is how messages name the file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{shown}:1", f"cannot be read: {error}", hint="a policy pack is a UTF-8 TOML file") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        line = words.partition("at line ")[2].partition(",")[0] or str(len(text.splitlines()) or 1)
        raise PackError(f"{shown}:{line}", f"is not TOML: {words}", hint="correct the syntax") from None
    return Table(shown, values, positions(text))

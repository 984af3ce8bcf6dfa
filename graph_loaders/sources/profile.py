"""Profiles: column names, encodings, date formats and units of a city's files, read from TOML and checked.

A profile that is given extends the standard one: its own column names are tried first, what it does not say stays.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from schema.errors import UsageError
from schema.records import FILE_KINDS, FileKind

UNITS = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
ENCODINGS = ("utf-8", "gb18030", "utf-16")
_FILE_KEYS = {"encoding", "delimiter", "header_row", "sheet", "dates", "unit"}


@dataclass(frozen=True, slots=True)
class KindColumns:
    """How files of one kind look. ``columns`` lists headers (or positions from 1 where there is no header)."""

    needed: tuple[str, ...]
    columns: Mapping[str, tuple[str | int, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()  # columns that the given profile names itself
    marks: tuple[str, ...] = ()  # one of these words is in the headers, or above them


@dataclass(frozen=True, slots=True)
class Profile:
    """``encoding``, ``delimiter``, ``sheet`` "" and ``header_row`` None are found by looking into the file."""

    name: str
    kinds: Mapping[FileKind, KindColumns]
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    sheet: str = ""
    dates: tuple[str, ...] = ()
    unit: str = ""


def load_profile(name: str = "standard") -> Profile:
    """A shipped profile by name, or one by path. Raises UsageError with the place and what is allowed."""
    standard = _read(_shipped("standard"), "standard", None)
    if name == "standard":
        return standard
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        try:
            return _read(path.read_text(encoding="utf-8-sig"), str(path), standard)
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise UsageError(f"source profile {name} cannot be read: {why}", hint="give a TOML file") from None
    return _read(_shipped(name), name, standard)


def profile_names() -> list[str]:
    """The shipped profiles."""
    folder = resources.files("graph_loaders.profiles")
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _shipped(name: str) -> str:
    if name not in profile_names():
        raise UsageError(
            f"unknown source profile {name}",
            hint="give a TOML file, or one of: " + ", ".join(profile_names()),
            message_zh=f"未知的来源配置 {name}",
        )
    return resources.files("graph_loaders.profiles").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _bad(place: str, what: str, hint: str) -> UsageError:
    return UsageError(f"source profile {place}: {what}", hint=hint, message_zh="来源配置有误")


def _read(text: str, place: str, base: Profile | None) -> Profile:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(place, str(error), "correct the TOML syntax") from None
    allowed = {"name", "title", "file", "kinds"}
    if unknown := set(table) - allowed:
        raise _bad(place, f"unknown key {min(unknown)}", "allowed: " + ", ".join(sorted(allowed)))
    file = table.get("file", {})
    if unknown := set(file) - _FILE_KEYS:
        raise _bad(place, f"unknown key file.{min(unknown)}", "allowed: " + ", ".join(sorted(_FILE_KEYS)))
    kinds: dict[FileKind, KindColumns] = dict(base.kinds) if base else {}
    for kind, entry in table.get("kinds", {}).items():
        if kind not in FILE_KINDS:
            raise _bad(place, f"unknown kind {kind}", "allowed: " + ", ".join(FILE_KINDS))
        kinds[kind] = _kind(entry, f"{place} [kinds.{kind}]", kinds.get(kind))
    profile = Profile(
        name=str(table.get("name", place)),
        kinds=kinds,
        encoding=str(file.get("encoding", "")).lower().replace("gbk", "gb18030").replace("gb2312", "gb18030"),
        delimiter=str(file.get("delimiter", "")),
        header_row=file.get("header_row"),
        sheet=str(file.get("sheet", "")),
        dates=tuple(map(str, file.get("dates", ()))),
        unit=str(file.get("unit", "")),
    )
    _check(profile, place)
    return profile


def _check(profile: Profile, place: str) -> None:
    if profile.encoding and profile.encoding not in ENCODINGS:
        raise _bad(place, f"encoding {profile.encoding}", "allowed: " + ", ".join(ENCODINGS))
    if profile.unit and profile.unit not in UNITS:
        raise _bad(place, f"unit {profile.unit}", "allowed: " + ", ".join(UNITS))
    if len(profile.delimiter) > 1:
        raise _bad(place, "delimiter has several characters", 'give one character, such as "," or "\\t"')
    row = profile.header_row
    if row is not None and (not isinstance(row, int) or row < 0):
        raise _bad(place, "header_row", "a row number from 1, or 0 for a file without headers")
    for form in profile.dates:
        try:
            if "%" not in form or date(2026, 11, 30).strftime(form) == form:
                raise ValueError
        except ValueError:
            raise _bad(place, f"date format {form!r}", 'a strptime format, such as "%d.%m.%Y"') from None


def _kind(entry: Mapping[str, Any], place: str, base: KindColumns | None) -> KindColumns:
    allowed = {"needed", "columns", "values", "marks"}
    if unknown := set(entry) - allowed:
        raise _bad(place, f"unknown key {min(unknown)}", "allowed: " + ", ".join(sorted(allowed)))
    columns: dict[str, tuple[str | int, ...]] = dict(base.columns) if base else {}
    for column, given in entry.get("columns", {}).items():
        if base and column not in base.columns:
            raise _bad(place, f"unknown column {column}", "allowed: " + ", ".join(base.columns))
        names = tuple(given) if isinstance(given, list) else (given,)
        if not all(isinstance(name, str | int) for name in names):
            raise _bad(place, f"column {column}", "a header, a list of headers, or a position from 1")
        columns[column] = names + columns.get(column, ())
    for column in (*entry.get("needed", ()), *entry.get("values", {})):
        if column not in columns:
            raise _bad(place, f"unknown column {column}", "allowed: " + ", ".join(columns))
    needed = tuple(entry.get("needed", base.needed if base else ()))
    marks = tuple(str(mark) for mark in entry.get("marks", base.marks if base else ()))
    own = frozenset(entry.get("columns", {})) if base else frozenset()
    return KindColumns(needed, columns, entry.get("values", {}), own, marks)

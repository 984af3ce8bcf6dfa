"""The columns of every kind: headers from the shared profile, meanings and examples beside it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from random import Random

from graph_loaders.sample.identifiers import organisation_code, person_number
from graph_loaders.sources import load_profile
from graph_loaders.sources.kinds import AMOUNTS
from schema.records import FileKind

TYPES: dict[str, tuple[str, str]] = {
    "code": ("统一社会信用代码，18 位，校验", "unified social credit code, checked (GB 32100, GB 11714)"),
    "person": ("公民身份号码，校验，不保存", "citizen's number, checked (GB 11643), never kept"),
    "date": ("日期", "date"),
    "instant": ("时间", "time, Asia/Shanghai unless it says its zone"),
    "amount": ("金额，表头或单元格注明单位，否则为万元", "amount; unit from the header or cell, else 万元"),
    "share": ("百分比：51%、51 或 0.51", "percent: 51%, 51 or 0.51"),
    "number": ("数字", "number"),
    "text": ("文本", "text"),
}
_CODES = frozenset(("code", "party_a", "party_b", "authority_code"))
_DATES = frozenset(("on", "since", "until", "valid_until"))
_PERSONS = frozenset(("representative_number", "person_number", "holder_number"))


@dataclass(frozen=True, slots=True)
class Column:
    """``headers`` by which it goes, the first one preferred; ``type`` is a key of TYPES."""

    name: str
    headers: tuple[str, ...]
    needed: bool
    type: str
    meaning_zh: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class FileKindInfo:
    """One kind of file. ``template`` are the headers of a template, also of columns that are not read."""

    kind: FileKind
    title_zh: str
    title: str
    template: tuple[str, ...]
    columns: tuple[Column, ...]


def column_type(name: str) -> str:
    """What its cells are read as."""
    if name in _PERSONS:
        return "person"
    if name in _CODES:
        return "code"
    if name.endswith("_on") or name in _DATES:
        return "date"
    if name in AMOUNTS:
        return "amount"
    return {"received_at": "instant", "share": "share", "score": "number"}.get(name, "text")


@cache
def file_kinds() -> dict[FileKind, FileKindInfo]:
    """All kinds, in the order in which they are loaded."""
    text = resources.files("graph_loaders.file_kinds").joinpath("columns.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    found: dict[FileKind, FileKindInfo] = {}
    for kind, entry in load_profile().kinds.items():
        told = table[kind]
        columns = tuple(
            Column(
                name,
                tuple(header for header in headers if isinstance(header, str)),
                name in entry.needed,
                column_type(name),
                *_told(told["columns"].get(name, [str(headers[0]), name.replace("_", " "), ""])),
            )
            for name, headers in entry.columns.items()
        )
        found[kind] = FileKindInfo(kind, told["title"][0], told["title"][1], tuple(told["template"]), columns)
    return found


def _told(texts: list[str]) -> tuple[str, str, str]:
    zh, en, example = texts
    return zh, en, _INVENTED[example]() if example in _INVENTED else example


_INVENTED = {
    "@code": lambda: organisation_code(Random(1), "91", "320404"),
    "@other": lambda: organisation_code(Random(2), "91", "320404"),
    "@person": lambda: person_number(Random(1), date(1980, 1, 1)),
}

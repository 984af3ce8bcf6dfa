"""Which kind of file a row of headers belongs to, and which column is which. By content, never by file name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graph_loaders.sources.profile import UNITS, KindColumns, Profile
from schema.records import FileKind

AMOUNTS = ("fine", "confiscated", "amount")
_UNIT_WORD = "(元|千元|万元|百万元|亿元)"
_UNIT = re.compile(
    rf"(?:[(\[【](?:金额)?(?:单位)?[:：]?(?:人民币)?{_UNIT_WORD}(?:人民币)?[)\]】]|[/_:,-](?:单位:)?(?:人民币)?{_UNIT_WORD})$"
)
_PERCENT = re.compile(r"(?:[(\[【](?:单位:?)?(?:%|百分比|百分数)[)\]】]|[/_](?:%|百分比))$")
_NOTE = re.compile(
    r"[(\[【<](?:[^()\[\]【】]*(?:必填|选填|必选|可选|必须|填写|格式|示例|例如|如:|说明|全称|规范|下拉|选择|YYYY|年月日|\d位)"
    r"[^()\[\]【】]*|[*※])[)\]】>]$"
)
_MARKS = "*★☆※#·•:：。、"
_NUMBERED = re.compile(r"^(?:\(?\d{1,2}[).、]|[①-⑳])")

DOUBTFUL = re.compile(
    "状态|范围|截止|有效期|期限|金额|数额|罚款|到期|终止|结束|失效|注销|撤销|撤回|修复|解除|移出|移除|退出|更正|异议|公开属性|共享属性|"
    "是否公[开示]|是否有效|"
    r"(?:^|[_\W])(?:ZT|YXQ\w*|JZQ|GSJZQ|JE|FW|SYFW|XXSYFW|GKFW|STATUS|STATE|SCOPE|AMOUNT|FINE|END\w*|EXPIR\w*|VALID\w*|"
    r"UNTIL|REVOKED?\w*|REPAIR\w*|REMOVED?\w*)(?:$|[_\W\d])"
)
"""Names of columns that say whether, for whom, how long or how much a fact counts."""


@dataclass(frozen=True, slots=True)
class Match:
    """A kind recognised in a row of headers. ``found`` counts the columns of the kind that are there; ``twins`` are
    further columns under the very same header. ``factors`` also has ``share`` where its header says percent."""

    kind: FileKind
    columns: Mapping[str, int]
    factors: Mapping[str, int]
    found: int
    twins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def plain_header(text: object) -> str:
    """A header as it is compared: half width, upper case, without blanks and invisible characters."""
    wide = unicodedata.normalize("NFKC", "" if text is None else str(text)).upper()
    return "".join(c for c in wide if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


@lru_cache(maxsize=4096)
def header_form(text: object) -> tuple[str, int, bool]:
    """The comparison form of a header without marks, numbering, notes and units; the CNY of its unit (0: none), and
    whether it says percent."""
    plain = plain_header(text).strip(_MARKS)
    plain = _NUMBERED.sub("", plain).strip(_MARKS)
    unit, percent = 0, False
    while plain:
        if found := _UNIT.search(plain):
            unit = unit or UNITS[found[1] or found[2]]
        elif found := _PERCENT.search(plain):
            percent = True
        elif not (found := _NOTE.search(plain)):
            break
        plain = plain[: found.start()].strip(_MARKS)
    return plain, unit, percent


def is_doubtful(header: str) -> bool:
    """True where the name of a column that is not read says that facts may hang on it."""
    return DOUBTFUL.search(plain_header(header)) is not None


def match_headers(headers: Sequence[object], profile: Profile, context: str = "") -> Match | None:
    """The kind with all needed columns and the most columns found, or None. ``context``: what stands above."""
    return match_names([(header,) for header in headers], profile, context)


def match_names(names: Sequence[Sequence[object]], profile: Profile, context: str = "") -> Match | None:
    """The same where each column has several names, as in a header over several lines; earlier ones count first."""
    positions: dict[str, int] = {}
    again: dict[int, list[int]] = {}
    units: dict[int, int] = {}
    percents: set[int] = set()
    for rank in range(max(map(len, names), default=0)):
        for index, given in enumerate(names):
            plain = plain_header(given[rank]) if rank < len(given) else ""
            if not plain:
                continue
            if (first := positions.setdefault(plain, index)) != index and rank == 0:
                again.setdefault(first, []).append(index)
        for index, given in enumerate(names):
            form, unit, percent = header_form(given[rank]) if rank < len(given) else ("", 0, False)
            if form:
                positions.setdefault(form, index)
            if unit:
                units.setdefault(index, unit)
            if percent:
                percents.add(index)
    marks = plain_header(context) + "".join(plain_header(name) for given in names for name in given)
    best: Match | None = None
    for kind, entry in profile.kinds.items():
        match = _match(kind, entry, positions, units, percents, profile)
        if match is None or (entry.marks and not entry.own and not any(mark in marks for mark in entry.marks)):
            continue
        if best is None or match.found > best.found:
            best = match
    if best and again:
        twins = {column: tuple(again[index]) for column, index in best.columns.items() if index in again}
        return replace(best, twins=twins)
    return best


def known_headers(profile: Profile) -> frozenset[str]:
    """Every header by which a column goes, as it is compared."""
    names = (name for entry in profile.kinds.values() for column in entry.columns.values() for name in column)
    return frozenset(
        form for name in names if isinstance(name, str) for form in (header_form(name)[0], plain_header(name))
    )


def match_positions(width: int, profile: Profile) -> Match | None:
    """The kind of a file without headers: the one kind for which the profile gives positions."""
    for kind, entry in profile.kinds.items():
        places = {
            column: index - 1
            for column, names in entry.columns.items()
            for index in names[:1]
            if isinstance(index, int) and 0 < index <= width
        }
        if entry.own and all(column in places for column in entry.needed):
            factor = UNITS[profile.unit or "万元"]
            return Match(kind, places, {c: factor for c in AMOUNTS if c in places}, len(places))
    return None


def _match(
    kind: FileKind,
    entry: KindColumns,
    positions: Mapping[str, int],
    units: Mapping[int, int],
    percents: set[int],
    profile: Profile,
) -> Match | None:
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for column, names in entry.columns.items():
        for name in names:
            if not isinstance(name, str):
                continue
            index = positions.get(plain_header(name))
            if index is None:
                index = positions.get(header_form(name)[0])
            if index is not None and index not in taken:
                columns[column] = index
                taken.add(index)
                break
    if any(column not in columns for column in entry.needed):
        return None
    default = UNITS[profile.unit or "万元"]
    factors = {column: units.get(columns[column], default) for column in AMOUNTS if column in columns}
    if columns.get("share", -1) in percents:
        factors["share"] = 1
    return Match(kind, columns, factors, len(columns))


def expected_headers(profile: Profile) -> str:
    """What a file of each kind must have, for the error about a file that is none of them."""
    parts = []
    for kind, entry in profile.kinds.items():
        names = (str(entry.columns[column][0]) for column in entry.needed)
        parts.append(f"{kind}: {', '.join(names)}")
    return "; ".join(parts)


def nearest(headers: Iterable[object], profile: Profile) -> tuple[FileKind, list[str], int] | None:
    """The kind of which most columns are there, the first names of the needed ones that are not, and how many are."""
    forms = {form for header in headers for form in (plain_header(header), header_form(header)[0]) if form}
    best: tuple[FileKind, list[str], int] | None = None
    for kind, entry in profile.kinds.items():
        there = {
            column
            for column, names in entry.columns.items()
            if any(isinstance(name, str) and (plain_header(name) in forms) for name in names)
        }
        lacking = [str(entry.columns[column][0]) for column in entry.needed if column not in there]
        if len(there) >= 2 and (best is None or len(there) > best[2]):
            best = (kind, lacking, len(there))
    return best

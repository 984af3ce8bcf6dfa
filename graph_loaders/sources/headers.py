"""Finding the header: below notes, over one to three lines, with merged and grouped cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graph_loaders.sources.kinds import Match, header_form, known_headers, match_names, match_positions
from graph_loaders.sources.profile import Profile

WITHIN = 40  # rows of notes and header together
MOST_LINES = 3
_LONGEST_NAME = 80
_VALUE = re.compile(r"\d{4}|^\d+(?:\.\d+)?%?$")

Line = tuple[int, Sequence[str]]
"""Number of the row, from 1, and its texts."""


@dataclass(frozen=True, slots=True)
class Header:
    """``row`` is its last line, after which the data begin; 0 where there is none. ``headers`` name the columns."""

    match: Match
    row: int
    headers: list[str]


def find_header(lines: Iterable[Line], profile: Profile, title: str = "") -> Header | None:
    """The header with the most columns of a kind; of several lines only where one line says less."""
    rows = [(number, [str(text).strip() for text in texts]) for number, texts in lines]
    best: Header | None = None
    for found in _candidates(rows, profile, title):
        if best is None or found.match.found > best.match.found:
            best = found
    return best


def _candidates(rows: list[tuple[int, list[str]]], profile: Profile, title: str) -> Iterator[Header]:
    context = title
    known = known_headers(profile)
    for place, (number, texts) in enumerate(rows):
        if profile.header_row == 0:
            match = match_positions(len(texts), profile) if any(texts) else None
            if match:
                yield Header(match, 0, [f"#{index}" for index in range(1, len(texts) + 1)])
                return
            continue
        if profile.header_row not in (None, number):
            continue
        lines = rows[place : place + MOST_LINES]
        named = profile.header_row == number or any(_known(text, known) for _, line in lines for text in line)
        if named and (found := _at(lines, profile, context)):
            yield found
        context += " " + " ".join(texts)[:500]


def _known(text: str, known: frozenset[str]) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and header_form(text)[0] in known


def _at(rows: Sequence[tuple[int, list[str]]], profile: Profile, context: str) -> Header | None:
    """The header that begins with the first of these rows."""
    best: Header | None = None
    for depth in range(1, len(rows) + 1):
        lines = rows[:depth]
        if depth > 1 and (lines[-1][0] != lines[-2][0] + 1 or not _may_be_header(lines[-1][1])):
            break
        names = [(text,) for text in lines[0][1]] if depth == 1 else _names([texts for _, texts in lines])
        match = match_names(names, profile, context)
        if match is None:
            continue
        found = Header(match, lines[-1][0], _shown(names))
        if best is None or match.found > best.match.found or _goes_on(best, lines[-1][1], match, profile):
            best = found
    return best


def _goes_on(best: Header, line: Sequence[str], match: Match, profile: Profile) -> bool:
    """True where the next line belongs to the header although it adds no column: it names them anew, or says nothing
    of those that every row of data has (units and remarks)."""
    if match.found < best.match.found:
        return False
    if match_names([(text,) for text in line], profile, "".join(best.headers)) is not None:
        return True
    needed = [best.match.columns[column] for column in profile.kinds[best.match.kind].needed]
    said = [line[place] for place in needed if place < len(line) and line[place]]
    return not said and any(line)


def _may_be_header(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(len(text) <= _LONGEST_NAME and not _VALUE.search(text) for text in filled)


def _names(lines: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The names of each column, the most telling first: group and own name together, its own, those above it."""
    width = max(map(len, lines))
    full = [list(line) + [""] * (width - len(line)) for line in lines]
    for above, below in pairwise(full):
        for column in range(1, width):  # a group's name holds for the columns to its right that have none of their own
            if not above[column] and below[column] and above[column - 1] and below[column - 1] != above[column - 1]:
                above[column] = above[column - 1]
    names = []
    for column in range(width):
        said = [line[column] for line in full if line[column]]
        own = list(dict.fromkeys(said))
        alone = [text for text in own[:-1] if sum(line.count(text) for line in full) == said.count(text)]
        joined = ["".join(own)] if len(own) > 1 else []
        names.append((*joined, *own[-1:], *reversed(alone)) if own else ("",))
    return names


def _shown(names: Sequence[Sequence[str]]) -> list[str]:
    """The column's own name; with its group's where the own one is not unique."""
    own = [given[1] if len(given) > 1 else given[0] for given in names]
    return [
        given[0] if len(given) > 1 and own.count(name) > 1 else name for given, name in zip(names, own, strict=True)
    ]

"""Coded columns in other words: what a source's text or number for a tier, a status or a use scope means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.rules import SOURCES
from policies.table import PackError, Table
from schema.names import compared_name
from schema.records import FILE_KINDS, STANDINGS, TIERS, USES

VALUES: dict[str, tuple[str, ...]] = {"tier": TIERS, "status": STANDINGS, "use": USES}


@dataclass(frozen=True, slots=True)
class Word:
    """One text of one column in files of one kind. Texts are compared as names are."""

    column: str
    kind: str
    text: str
    value: str
    place: str


def read_words(table: Table) -> tuple[Word, ...]:
    """One ``[[words]]``: all texts that a column of some kinds of file has for its values."""
    column = table.choice("column", tuple(VALUES))
    kinds = table.texts("kinds")
    for kind in kinds:
        if kind not in FILE_KINDS:
            raise table.error(f"unknown kind {kind!r}", "kinds", hint="one of " + ", ".join(FILE_KINDS))
    table.text("basis")
    table.choice("source", SOURCES)

    def value(row: Table) -> tuple[Word, ...]:
        means = row.choice("means", VALUES[column])
        place = row.place()
        texts = dict.fromkeys(map(compared_name, row.texts("texts")))
        return tuple(Word(column, kind, text, means, place) for kind in kinds for text in texts)

    return tuple(word for words in table.each("value", value, needed=True) for word in words)


@dataclass(frozen=True, slots=True)
class WordBook:
    """What each text means; a region's own pack wins over its province's and the national one."""

    meanings: Mapping[tuple[str, str, str], str]

    def meaning(self, column: str, kind: str, text: str) -> str | None:
        """The value; None for a text that no pack explains."""
        return self.meanings.get((column, kind, compared_name(text)))


def word_book(words: Iterable[Word]) -> WordBook:
    """Raises PackError where one file gives a text two meanings. ``words`` come in the order of the packs, the most
    general first."""
    found: dict[tuple[str, str, str], Word] = {}
    for word in words:
        key = (word.column, word.kind, word.text)
        known = found.get(key)
        if known is not None and known.value != word.value and _file(known) == _file(word):
            raise PackError(
                word.place, f"{word.text!r} already means {known.value} ({known.place})", hint="keep one of them"
            )
        found[key] = word
    return WordBook({key: word.value for key, word in found.items()})


def _file(word: Word) -> str:
    return word.place.rpartition(":")[0]

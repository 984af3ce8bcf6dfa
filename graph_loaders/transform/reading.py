"""The readers of one file's cells, with what they remember, and what one row became."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph_loaders.sources.model import Source
from graph_loaders.transform.amounts import is_shortened, number_text, read_amount
from graph_loaders.transform.cache import Cache
from graph_loaders.transform.dates import Dates
from graph_loaders.transform.faults import Fault
from schema.blanks import is_blank, is_blank_key
from schema.documents import unguarded
from schema.identifiers import (
    ZERO_WIDTH,
    is_citizen_number,
    is_person_id,
    is_uscc,
    normalise_code,
    normalise_person_id,
    uscc_fault,
)
from schema.masking import MASK, mask_person_ids
from schema.ports import CodedWords, ListTypes, TermRules
from schema.records import TIERS

_UNSEEN = re.compile(f"[\x00-\x1f\x7f-\x9f{ZERO_WIDTH}\u2028\u2029\ud800-\udfff]")
_UNKNOWN = {"tier": "unknown_tier", "status": "unknown_status", "use": "unknown_use_scope"}
_GUARDS = frozenset("='\u2019\u2018\uff07\"\u201c`")
_MAYBE_CITIZEN = re.compile(r"[\s='\"\u2018\u2019\u201c\uff07\u200b\ufeff]*[1-8\uff11-\uff18]")
_LONGEST_TEXT = 20_000  # characters of one text that are kept


@dataclass(frozen=True, slots=True)
class Rules:
    """What transform needs of the policies, and the day that counts as today."""

    today: date
    terms: TermRules
    lists: ListTypes
    words: CodedWords | None = None
    """None: coded columns are read only where they say exactly what the standard says."""


@dataclass(slots=True)
class Parsed:
    """What a row became. ``number`` is a person's, and lives only until its batch has its tokens.

    ``subject`` and ``name`` are to be compared with the registry ("" when not); ``pair`` is what must not differ among
    rows of one ``pair_key``; ``text`` is the normalised row (without the person) for its hash.
    """

    fact: dict[str, Any] | None
    text: str
    marks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    role: dict[str, Any] | None = None
    number: str = ""
    subject: str = ""
    name: str = ""
    pair_key: str = ""
    pair: str = ""


class Reading:
    """Reads cells of one source. Texts, codes and dates that repeat are read once."""

    def __init__(self, source: Source, rules: Rules) -> None:
        self.source = source
        self.name = source.name
        self.today = rules.today.isoformat()
        self.lists = rules.lists
        self.dates = Dates(source.dates, since_1904=source.since_1904)
        self.texts: Cache[Any, str] = Cache(short_text)
        self.numbers: Cache[Any, str] = Cache(key_text)
        self.percents = "share" in source.factors
        self._amounts: Cache[tuple[str, Any], tuple[str, str]] = Cache(self._amount)
        self.terms: Cache[tuple[str, str], tuple[str, str]] = Cache(lambda key: rules.terms.last_day(*key))
        self._words: Cache[tuple[str, Any], tuple[str, str]] = Cache(lambda key: self._word(rules.words, *key))
        self._codes: Cache[Any, tuple[str, tuple[str, ...], str]] = Cache(_read_code, 150_000)

    def code(self, column: str, raw: object) -> tuple[str, tuple[str, ...]]:
        """A valid USCC and what was tolerated. Raises Fault by ``uscc_fault``."""
        code, marks, fault = self._codes[raw]
        if fault:
            raise Fault(column, fault, raw)
        return code, marks

    def says_code(self, raw: object) -> bool:
        """True where the cell says anything, right or wrong."""
        return raw != "" and self._codes[raw][2] != "missing_uscc"

    def any_code(self, raw: object) -> str:
        """The normal form, valid or not."""
        return self._codes[raw][0]

    def key(self, column: str, raw: object, missing: str) -> str:
        """What tells a fact apart, as given. Raises Fault ``missing`` where there is none, ``citizen_number`` where it
        contains one: masked, it would be the same for strangers."""
        text = self.numbers[raw]
        if not text:
            raise Fault(column, missing, raw)
        if MASK in text:
            raise Fault(column, "citizen_number", raw)
        return text

    def optional_key(self, column: str, raw: object) -> str:
        """The same where there may be none."""
        return self.key(column, raw, "") if self.numbers[raw] else ""

    def word(self, column: str, raw: object) -> tuple[str, str]:
        """The value of a coded column ("" for an empty cell) and a warning: ``unknown_tier``, ``unknown_status`` or
        ``unknown_use_scope`` for a text that no policy pack explains."""
        return ("", "") if raw == "" else self._words[column, raw]

    def _word(self, words: CodedWords | None, column: str, raw: Any) -> tuple[str, str]:
        text = short_text(raw)
        if not text or text in TIERS:
            return text, ""
        if words is None and column != "tier":
            return "", ""
        found = words.meaning(column, self.source.kind, text) if words is not None else None
        return (found, "") if found is not None else ("", _UNKNOWN[column])

    def any_number(self, raw: object) -> str:
        """A holder's number in its normal form, a person's or an organisation's, valid or not."""
        return normalise_person_id(str(raw))

    def optional_code(self, raw: object) -> str:
        """The code of an authority; "" where it is missing or not valid, since nothing hangs on it."""
        code, _, fault = self._codes[raw]
        return "" if fault else code

    def person(self, column: str, raw: object) -> str:
        """A valid identification number. Raises Fault ``bad_person_id_check``."""
        number = normalise_person_id(unguarded(number_text(raw) if isinstance(raw, int | float) else str(raw)))
        if not is_person_id(number) or number[6:14] > self.today.replace("-", ""):
            raise Fault(column, "bad_person_id_check", raw)
        return number

    def optional_person(self, column: str, raw: object) -> tuple[str, bool]:
        """A valid identification number, or "" and whether there is another one: a passport, a permit, a masked number,
        a firm's code, one of 15 digits. Raises Fault ``bad_person_id_check`` for a citizen number with a slip in it."""
        if raw == "":
            return "", False
        text = unguarded(number_text(raw) if isinstance(raw, int | float) else str(raw))
        if is_blank_key(text):
            return "", False
        number = normalise_person_id(text)
        if is_person_id(number) and number[6:14] <= self.today.replace("-", ""):
            return number, False
        digits = sum(map(str.isdigit, number))
        slip = len(number) == 18 and digits >= 17 and not is_uscc(number)
        if slip:
            raise Fault(column, "bad_person_id_check", raw)
        return "", True

    def amount(self, column: str, raw: object) -> tuple[str, str]:
        """CNY and the text of the source, in the unit of the column (default 万元). Raises Fault."""
        return ("", "") if raw == "" else self._amounts[column, raw]

    def _amount(self, key: tuple[str, Any]) -> tuple[str, str]:
        return read_amount(key[0], key[1], self.source.factors.get(key[0], 10_000))


def _read_code(raw: object) -> tuple[str, tuple[str, ...], str]:
    code, marks = normalise_code(raw if isinstance(raw, str) else str(raw))
    return code, marks, uscc_fault(code)


def clean_text(raw: object) -> str:
    """A document number or another key without invisible characters, outer blanks and identification numbers; numbers
    as a text file has them."""
    if raw.__class__ is str and len(raw) < 15 and raw.isprintable():
        return raw.strip()
    return _clean(raw, free=False)


def key_text(raw: object) -> str:
    """The number of a document, contract or case as given; "" where there is none, or where a spreadsheet has cut it,
    so that several would be one."""
    if is_shortened(raw):
        return ""
    text = unguarded(clean_text(raw))
    return "" if is_blank_key(text) else text


def short_text(raw: object) -> str:
    """A name, authority or word of a column; "" where it says that there is none."""
    text = free_text(raw)
    return "" if is_blank(text) else unguarded(text) if text[0] in _GUARDS else text


def free_text(raw: object) -> str:
    """The same for names, titles and what people wrote freely: half-hidden identification numbers are masked too."""
    if raw.__class__ is str and len(raw) < 15 and raw.isprintable():
        return raw.strip()
    return _clean(raw, free=True)


def _clean(raw: object, free: bool) -> str:
    if not isinstance(raw, str):
        return mask_person_ids(number_text(raw) if isinstance(raw, int | float) else str(raw), free)
    if not raw.isprintable():
        raw = " ".join(_UNSEEN.sub(lambda c: "" if c[0] in ZERO_WIDTH else " ", raw).split())
    text = raw.strip()
    return text if len(text) < 15 else mask_person_ids(text, free)[:_LONGEST_TEXT]


def says_citizen_number(raw: object) -> bool:
    """True for a cell that is a citizen number and nothing else, however it is written."""
    if isinstance(raw, str):
        if not 15 <= len(raw) <= 60 or not _MAYBE_CITIZEN.match(raw):
            return False
        text = unguarded(raw)
    elif isinstance(raw, int | float) and abs(raw) > 1e14:
        text = number_text(raw)
    else:
        return False
    return is_citizen_number(normalise_person_id(text))


def replaced(values: Mapping[str, str], raw: object) -> object:
    """The text that a profile gives for a cell, or the cell."""
    return values.get(clean_text(raw), raw)

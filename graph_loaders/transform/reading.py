"""The readers of one file's cells, with what they remember, and what one row became."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph_loaders.sources.model import Source
from graph_loaders.transform.amounts import is_shortened, number_text, read_amount
from graph_loaders.transform.cache import Cache
from graph_loaders.transform.dates import Dates
from graph_loaders.transform.faults import Fault
from schema.identifiers import ZERO_WIDTH, is_person_id, normalise_code, normalise_person_id, uscc_fault
from schema.masking import mask_person_ids
from schema.ports import ListTypes, TermRules

_UNSEEN = re.compile(f"[\x00-\x1f\x7f-\x9f{ZERO_WIDTH}\u2028\u2029\ud800-\udfff]")
_INVISIBLE = dict.fromkeys(map(ord, ZERO_WIDTH))
_LONGEST_TEXT = 20_000  # characters of one text that are kept


@dataclass(frozen=True, slots=True)
class Rules:
    """What transform needs of the policies, and the day that counts as today."""

    today: date
    terms: TermRules
    lists: ListTypes


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
        self.texts: Cache[Any, str] = Cache(free_text)
        self.numbers: Cache[Any, str] = Cache(key_text)
        self.percents = "share" in source.factors
        self._amounts: Cache[tuple[str, Any], tuple[str, str]] = Cache(self._amount)
        self.terms: Cache[tuple[str, str], tuple[str, str]] = Cache(lambda key: rules.terms.last_day(*key))
        self._codes: Cache[Any, tuple[str, tuple[str, ...], str]] = Cache(_read_code, 150_000)

    def code(self, column: str, raw: object) -> tuple[str, tuple[str, ...]]:
        """A valid USCC and what was tolerated. Raises Fault by ``uscc_fault``."""
        code, marks, fault = self._codes[raw]
        if fault:
            raise Fault(column, fault, raw)
        return code, marks

    def any_code(self, raw: object) -> str:
        """The normal form, valid or not."""
        return self._codes[raw][0]

    def optional_code(self, raw: object) -> str:
        """The code of an authority; "" where it is missing or not valid, since nothing hangs on it."""
        code, _, fault = self._codes[raw]
        return "" if fault else code

    def person(self, column: str, raw: object) -> str:
        """A valid identification number. Raises Fault ``bad_person_id_check``."""
        number = normalise_person_id(str(raw))
        if not is_person_id(number) or number[6:14] > self.today.replace("-", ""):
            raise Fault(column, "bad_person_id_check", raw)
        return number

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
    """The number of a document, contract or case; "" where a spreadsheet has cut it, so that several would be one."""
    return "" if is_shortened(raw) else clean_text(raw)


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


def compared_name(name: str) -> str:
    """A name as it is compared: half width, upper case, without blanks."""
    if unicodedata.is_normalized("NFKC", name) and " " not in name:
        return name.upper()
    return "".join(unicodedata.normalize("NFKC", name).translate(_INVISIBLE).split()).upper()


def replaced(values: Mapping[str, str], raw: object) -> object:
    """The text that a profile gives for a cell, or the cell."""
    return values.get(clean_text(raw), raw)

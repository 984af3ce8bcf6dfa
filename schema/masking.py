"""Citizen identification numbers inside other texts are replaced by asterisks before a text is kept or shown. Pure."""

from __future__ import annotations

import re
import unicodedata

from schema.identifiers import is_person_id, is_region, person_birth

MASK = "*" * 18
EARLIEST_DECISIONS = 2005  # year; documents in the files are younger
_DIGIT = "0-9\uff10-\uff19"
_JOINED = frozenset("·_-")  # also join the parts of a document's number
_BETWEEN = " \u3000\u00a0\u200b\u200c\u200d\ufeff·_-"
_LONG = re.compile(f"[{_DIGIT}][{_DIGIT}{_BETWEEN}]{{13}}")  # a quick look: most texts have no such run
_RUN = re.compile(f"[{_DIGIT}](?:[{_BETWEEN}]?[{_DIGIT}]){{13,}}(?:[{_BETWEEN}]?[Xx\uff38\uff58](?![A-Za-z0-9]))?")


def mask_person_ids(text: str, free: bool = False) -> str:
    """The text without identification numbers.

    In document and licence numbers (``free`` False) only a whole, valid number is one, with blanks in it or not, so
    that other long numbers stay as they are; with hyphens in it only where its date is too early for a decision's.
    In free text also a number with hyphens in it, inside a longer run of digits, with a slip in its check character,
    or of the former 15 digits is one.
    """
    if len(text) < 15 or not _LONG.search(text):
        return text
    return _RUN.sub(lambda found: _masked(found, text, free), text)


def _masked(found: re.Match[str], text: str, free: bool) -> str:
    run = found[0]
    at = [index for index, char in enumerate(run) if char not in _BETWEEN]
    digits = unicodedata.normalize("NFKC", "".join(run[index] for index in at)).upper()
    if not free:
        alone = not (text[: found.start()][-1:].isalnum() and text[: found.start()][-1:].isascii())
        whole = alone and len(digits) == 18 and _number(digits)
        return MASK if whole and (not _JOINED & set(run) or _born_long_ago(digits)) else run
    hidden = [False] * len(run)
    for start in range(len(digits) - 14):
        window = digits[start : start + 18]
        if _number(window) or (len(digits) == 18 == len(window) and _likely(window)):
            hidden[at[start] : at[start + 17] + 1] = [True] * (at[start + 17] + 1 - at[start])
    if len(digits) == 15 and _likely(f"{digits[:6]}19{digits[6:]}0"):
        hidden = [True] * len(run)
    return "".join("*" if hide else char for hide, char in zip(hidden, run, strict=True))


def _number(digits: str) -> bool:
    return is_person_id(digits) and is_region(digits[:6])


def _born_long_ago(digits: str) -> bool:
    """A number such as region-date-sequence may be a document's, whose date is the day of the decision."""
    born = person_birth(digits)
    return born is not None and born.year < EARLIEST_DECISIONS


def _likely(digits: str) -> bool:
    """True where region and birth date fit, whatever the check character."""
    return is_region(digits[:6]) and digits[:17].isdigit() and person_birth(digits) is not None

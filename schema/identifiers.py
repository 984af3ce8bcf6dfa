"""Identifiers of organisations, persons and regions: normal forms and check digits. Pure.

Sources: GB 32100-2015 (unified social credit code, USCC), GB 11714-1997 (organisation code, characters 9–17 of a USCC),
GB 11643-1999 (citizen identification number), GB/T 2260 (administrative divisions).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from operator import mul

from schema.blanks import is_blank_key

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PERSON_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PERSON_CHECKS = "10X98765432"

_INVALID = 255
_USCC_VALUES = bytes(USCC_ALPHABET.index(chr(i)) if chr(i) in USCC_ALPHABET else _INVALID for i in range(256))
_ORG_VALUES = bytes(int(chr(i), 36) if chr(i).isascii() and chr(i).isalnum() else _INVALID for i in range(256))

ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\u180e\ufeff\u00ad"
_ZERO_WIDTH = dict.fromkeys(map(ord, ZERO_WIDTH))
_ZERO_WIDTH_FOUND = re.compile(f"[{ZERO_WIDTH}]")
_PERSON_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_REGION_FORM = re.compile(r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|81|82)[0-9]{4}")

# Registration departments and their kinds of organisation, the first two characters of a code (GB 32100-2015 table 1
# with its amendments). 1 establishment, 2 foreign affairs, 3 justice, 4 culture, 5 civil affairs, 6 tourism,
# 7 religion, 8 trade unions, 9 market regulation, A military establishment, N agriculture, Y others.
_CATEGORIES = {"1": "12349", "2": "19", "3": "123459", "4": "19", "5": "12359", "6": "129", "7": "129"}
_CATEGORIES |= {"8": "19", "9": "1239", "A": "19", "N": "1239", "Y": "19"}
_NATIONAL = "100000"  # organisations that the state itself registers

# What a code looked like before it was made normal; the names are those of the load report.
FULLWIDTH = "fullwidth_code"
LOWERCASE = "lowercase_code"
PADDED = "padded_code"
ZERO_WIDTH_MARK = "zero_width_code"
TRAILING_TAB = "trailing_tab_code"


def uscc_check(first17: str) -> str:
    """The check character of a USCC, GB 32100-2015 annex A: (31 - sum mod 31) mod 31."""
    values = first17.encode("latin-1").translate(_USCC_VALUES)
    return USCC_ALPHABET[(31 - sum(map(mul, values, _USCC_WEIGHTS)) % 31) % 31]


def org_code_check(first8: str) -> str:
    """The check character of an organisation code, GB 11714: 11 - sum mod 11, where 10 is X and 11 is 0."""
    values = first8.encode("latin-1").translate(_ORG_VALUES)
    return "0123456789X0"[11 - sum(map(mul, values, _ORG_WEIGHTS)) % 11]


def uscc_fault(code: str) -> str:
    """What is wrong with a normalised code: "", ``missing_uscc``, ``citizen_number``, ``bad_uscc_check``,
    ``bad_org_code_check`` or ``bad_uscc_prefix``.

    A code that passes the outer and fails the inner check is wrong too. One in three hundred citizen numbers passes
    both by chance, so a valid citizen number is never a code. A valid code proves neither that the organisation exists
    nor that no other bears it.
    """
    if len(code) != 18 or not code.isascii():
        if is_blank_key(code):
            return "missing_uscc"
        return "citizen_number" if is_citizen_number(code) else "bad_uscc_check"
    if is_citizen_number(code):
        return "citizen_number"
    values = code.encode("ascii").translate(_USCC_VALUES)
    if _INVALID in values or (31 - sum(map(mul, values, _USCC_WEIGHTS)) % 31) % 31 != values[17]:
        return "bad_uscc_check"
    if org_code_check(code[8:16]) != code[16]:
        return "bad_org_code_check"
    known = code[1] in _CATEGORIES.get(code[0], "") and (is_region(code[2:8]) or code[2:8] == _NATIONAL)
    return "" if known else "bad_uscc_prefix"


def is_uscc(code: str) -> bool:
    return uscc_fault(code) == ""


def normalise_code(raw: str) -> tuple[str, tuple[str, ...]]:
    """The normal form of a code and what had to be tolerated for it (the marks above, in the order found)."""
    if len(raw) == 18 and raw.isascii() and raw.isalnum() and raw == raw.upper():
        return raw, ()
    marks = []
    code = raw
    if _ZERO_WIDTH_FOUND.search(code):
        marks.append(ZERO_WIDTH_MARK)
        code = code.translate(_ZERO_WIDTH)
    if "\t" in code:
        marks.append(TRAILING_TAB)
        code = code.replace("\t", "")
    squeezed = "".join(code.split())
    if squeezed != code:
        marks.append(PADDED)
        code = squeezed
    wide = unicodedata.normalize("NFKC", code)
    if wide != code:
        marks.append(FULLWIDTH)
        code = wide.replace(" ", "")
    upper = code.upper()
    if upper != code:
        marks.append(LOWERCASE)
        code = upper
    return code, tuple(marks) if code else ()


def normalise_person_id(raw: str) -> str:
    """The normal form of an identification number: half width, upper case, no blanks."""
    if raw.isascii() and raw.isalnum():
        return raw.upper()
    return "".join(unicodedata.normalize("NFKC", raw.translate(_ZERO_WIDTH)).split()).upper()


def person_id_check(first17: str) -> str:
    """The check character of a citizen identification number, GB 11643 (ISO 7064 MOD 11-2)."""
    return _PERSON_CHECKS[sum(map(mul, map(int, first17), _PERSON_WEIGHTS)) % 11]


def person_birth(number: str) -> date | None:
    """The birth date written in a number, or None where it is not a date."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= 1850 else None


def is_person_id(number: str) -> bool:
    """True for a normalised number of 18 characters with a real birth date and the right check character.

    The former numbers of 15 digits carry no check character; a slip in one would name somebody else, so they are no
    longer taken.
    """
    return (
        _PERSON_FORM.fullmatch(number) is not None
        and person_birth(number) is not None
        and person_id_check(number[:17]) == number[17]
    )


def is_citizen_number(text: str) -> bool:
    """True for a normalised text that is a citizen number as a whole, wherever it stands: a province, a birth day and
    the right check character (GB 11643-1999), or the same without century and check character (15 digits, until 1999).
    """
    if len(text) == 15:
        return text.isascii() and text.isdigit() and is_region(text[:6]) and _is_day("19" + text[6:12])
    return len(text) == 18 and is_person_id(text) and is_region(text[:6])


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def adult_on(number: str) -> str:
    """The 18th birthday (ISO date) of a valid number's bearer; born on 29 February: 1 March."""
    born = person_birth(number)
    if born is None:
        raise ValueError("not a citizen identification number")
    try:
        return born.replace(year=born.year + 18).isoformat()
    except ValueError:
        return date(born.year + 18, 3, 1).isoformat()


def is_region(code: str) -> bool:
    """True for the form of a GB/T 2260 code: six digits that begin with a province."""
    return _REGION_FORM.fullmatch(code) is not None

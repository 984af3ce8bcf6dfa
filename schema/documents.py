"""Numbers of documents, contracts and commitments: shown as given, told apart by one canonical form. Pure.

The canonical writing is that of GB/T 9704-2012 7.2.5: the agency's sign, the year in 〔〕, the number without 第 and
without leading blanks, 号.
"""

from __future__ import annotations

import re

from schema.names import compared_name

_USUAL = re.compile(r"[\u4e00-\u9fa5]+〔[0-9]{4}〕[1-9][0-9]*号")
_GUARD = re.compile(r"""^\s*=\s*(["“”＂])(.*)["“”＂]\s*$""", re.DOTALL)
_DIGITS = {ord(word): str(index % 10) for index, word in enumerate("〇一二三四五六七八九零")}
_DIGITS |= {ord("○"): "0"}
_WORDS = "〇零一二三四五六七八九○"
_YEAR_WORDS = re.compile(f"\\(([{_WORDS}]{{4}})年?\\)")
_YEAR = re.compile(r"\((\d{4})年?度?\)")
_NUMBER = re.compile(r"第([0-9〇零一二三四五六七八九十百千]+)(?=号)")
_NUMBER_WORDS = re.compile(r"([〇零一二三四五六七八九十百千]+)号")


def unguarded(text: str) -> str:
    """The text without what spreadsheets need to keep it a text: ``="…"`` and a leading apostrophe."""
    found = _GUARD.match(text)
    if found:
        text = found[2].replace('""', '"')
    stripped = text.strip()
    while stripped[:1] in ("'", "’", "‘", "＇", "`"):
        stripped = stripped[1:].strip()
    if len(stripped) > 1 and stripped[0] in '"“＂' and stripped[-1] in '"”＂':
        stripped = stripped[1:-1].strip()
    return stripped


def document_form(text: str) -> str:
    """The form in which all writings of one number are equal; "" for "".

    Brackets of any kind around the year, half and full width, blanks, 第 before the number, a missing 号 after it, the
    year in Chinese numerals, hyphens of any kind, spreadsheet guards and lower case make no difference.
    """
    if not text or _USUAL.fullmatch(text):
        return text
    form = compared_name(unguarded(text))
    form = _YEAR_WORDS.sub(lambda found: f"({found[1].translate(_DIGITS)})", form)
    form = _YEAR.sub(r"〔\1〕", form)
    form = _NUMBER.sub(r"\1", form)
    form = _NUMBER_WORDS.sub(lambda found: f"{_value(found[1])}号", form)
    form = form.strip(".。,;:、")
    if "〔" in form and form[-1:].isdigit():
        form += "号"
    return form


def _value(words: str) -> str:
    """A number in Chinese numerals, digit by digit (一〇一) or with powers (一百零一), as digits."""
    if not any(power in words for power in "十百千"):
        return words.translate(_DIGITS)
    total = digit = 0
    for char in words:
        if char in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1_000}[char]
            digit = 0
        else:
            digit = int(char.translate(_DIGITS))
    return str(total + digit)


def signed_by_agency(form: str) -> bool:
    """True for a number that carries the sign of the agency that gave it, so that no other agency gives the same."""
    return (
        re.search(r"[\u3400-\u9fff]{2}.*〔\d{4}〕", form) is not None
        or re.search(r"〔\d{4}〕[\u3400-\u9fff]", form) is not None
    )

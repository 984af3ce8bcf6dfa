"""What inputs of mutations have in common, checked in one place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from schema.errors import LimitExceeded, UsageError
from schema.identifiers import normalise_code, uscc_fault
from schema.ports import Asking, PersonTokens

LONGEST = 2000
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def usable_code(raw: str) -> str:
    """A unified social credit code in its normal form. Raises UsageError."""
    code, _ = normalise_code(raw)
    fault = uscc_fault(code)
    if fault:
        raise UsageError(
            f"{raw[:40]!r} is not a unified social credit code ({fault})",
            hint="check its 18 characters; both check digits of GB 32100 must hold 请检查代码",
            message_zh="统一社会信用代码校验不通过",
        )
    return code


def one_of_subject_and_person(given: Mapping[str, Any]) -> None:
    """Raises UsageError unless exactly one is given."""
    if bool(given.get("subject")) == bool(given.get("person")):
        raise UsageError(
            "give exactly one of subject and person",
            hint="a subject by its code, a person by Person.token 请只填写其中一个",
            message_zh="subject 与 person 须且只能填写一个",
        )


def own_person(persons: PersonTokens, shown: str, asking: Asking) -> str:
    """The hub's own token of a person, from what this client sees. Raises UsageError."""
    return persons.from_client(str(shown), asking.caller.client_id)


def plain_text(name: str, value: str | None, longest: int = LONGEST) -> str:
    """A text of people without control or direction characters, trimmed; "" for none. Raises UsageError."""
    text = unicodedata.normalize("NFC", value or "").strip()
    if len(text) > longest:
        raise LimitExceeded(
            f"{name} is longer than {longest} characters", hint="shorten it 请缩短文本", message_zh="文本过长"
        )
    for character in text:
        unseen = unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and character not in "\n\t"
        if unseen or character in _BIDI:
            raise UsageError(
                f"{name} holds a character that is not to be shown (U+{ord(character):04X})",
                hint="leave control and direction characters out 请删除控制字符",
                message_zh="文本含不可显示字符",
            )
    return text


def needed_text(name: str, value: str | None, longest: int = LONGEST) -> str:
    """A plain text that may not be blank. Raises UsageError."""
    text = plain_text(name, value, longest)
    if not text:
        raise UsageError(f"{name} is blank", hint=f"give {name} 请填写", message_zh="缺少必填内容")
    return text


def texts(name: str, values: Sequence[str] | None, most: int = 20, longest: int = 500) -> list[str]:
    """Plain texts without the blank ones. Raises UsageError, LimitExceeded for too many."""
    given = list(values or ())
    if len(given) > most:
        raise LimitExceeded(
            f"{name} takes at most {most} texts", hint="put them together 请合并", message_zh="条目过多"
        )
    return [text for text in (plain_text(name, value, longest) for value in given) if text]

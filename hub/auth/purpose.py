"""``Credit-Purpose`` and ``Credit-Case``: what an authenticated request is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from hub.auth.challenge import forbidden
from schema.caller import Caller
from schema.errors import UsageError

MAX_CASE = 128  # characters after decoding
_ENCODED = re.compile(rb"(?:[!-$&-~]|%[0-9A-Fa-f]{2})+")


def narrow(caller: Caller, headers: Sequence[tuple[bytes, bytes]], *, realm: str) -> Caller:
    """The caller with its purpose and case.

    Raises Forbidden (403) for a purpose that the token does not list, UsageError (400) for a malformed header.
    """
    purpose, case = _one(headers, b"credit-purpose"), _one(headers, b"credit-case")
    if purpose is None and case is None:
        return caller
    named = None if purpose is None else purpose.decode("latin-1")
    if named is not None and named not in caller.purposes:
        raise forbidden(
            realm,
            "the token does not list this Credit-Purpose",
            f"allowed for this token: {' '.join(sorted(caller.purposes)) or 'none'}",
            "令牌不含该用途",
        )
    return replace(caller, purpose=named, case=None if case is None else decode_case(case))


def decode_case(value: bytes) -> str:
    """A case number: percent-encoded UTF-8. Raises UsageError."""
    try:
        text = unquote_to_bytes(value).decode("utf-8") if _ENCODED.fullmatch(value) else ""
    except UnicodeDecodeError:
        text = ""
    if not 0 < len(text) <= MAX_CASE or not text.isprintable() or not text.strip():
        raise UsageError(
            "Credit-Case is not a case number",
            hint=f"percent-encoded UTF-8, 1 to {MAX_CASE} printable characters",
            message_zh="案号格式不正确",
        )
    return text


def _one(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    values = [value for key, value in headers if key.lower() == name]
    if len(values) > 1:
        raise UsageError(f"{name.decode()} is there twice", hint="send it once", message_zh="请求头重复")
    return values[0] if values else None

"""Mutations over HTTP: one field a document, under an ``Idempotency-Key``
(draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import hashlib
import re

from hub.graphql.answers import NOTHING, Further
from hub.graphql.plan import Plan
from hub.graphql.requests import RawHeaders
from hub.signing import content_digest
from schema.caller import Caller
from schema.errors import KeyRequired, UsageError
from schema.ports import Performing

_KEY = re.compile(r'"((?:[!#-\[\]-~]|\\["\\]){1,128})"')  # a string of RFC 9651, without blanks
_PLAIN = re.compile(r"[!-~]{1,128}")
REPLAYED = (("Idempotency-Replayed", "true"),)


def reading(headers: RawHeaders, body: bytes, caller: Caller, target: str) -> Performing:
    """What a request brings for an act; its key is "" where it has none that can be used."""
    values = [value.decode("latin-1").strip() for name, value in headers if name.lower() == b"idempotency-key"]
    parts = (body, (caller.purpose or "").encode(), (caller.case or "").encode(), (caller.on_behalf_of or "").encode())
    content = hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()
    return Performing(_key(values[0]) if len(values) == 1 else "", content, content_digest(body), target=target)


def _key(value: str) -> str:
    quoted = _KEY.fullmatch(value)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    return value if _PLAIN.fullmatch(value) and not value.startswith('"') else ""


def check(plan: Plan, performing: Performing) -> None:
    """Raises KeyRequired, and UsageError for a document that asks for more or less than one act."""
    fields = [root for root in plan.roots if root.constant is None]
    if len(fields) != 1:
        raise UsageError(
            f"a document performs one mutation, not {len(fields)}",
            hint="send one mutation field in each document, each under its own key 每次只提交一个变更",
            message_zh="一个文档只能有一个变更字段",
        )
    if not performing.key:
        raise KeyRequired(
            "a mutation needs one Idempotency-Key header of 1 to 128 visible characters",
            hint='send Idempotency-Key: "…" with a new value for each act, and the same one to repeat it 请提供幂等键',
            message_zh="缺少幂等键",
        )


def told(performing: Performing | None) -> Further:
    """What the answer says of how the act was done."""
    if performing is None or performing.receipt is None:
        return NOTHING
    return Further({"pending": True} if performing.pending else {}, REPLAYED if performing.replayed else ())

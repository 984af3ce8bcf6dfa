"""The past must not undo the law: what has ended is not opened again by asking about an earlier day.

Repaired means that it is published, shared and used no more; expired, corrected and revoked things have ended as well.
So for scopes that do not open ended adverse records, a question about another day (``asOf``) or an earlier knowledge
(``knownAt``) shows a fact only where it is shown **today, by what is known now**, too: both conditions stand in the
statement, so that lists, pages, cursors, counts and existence follow. A credit:self token sees its own subject's past
as it was. Everything of the reader that depends on this asks here; the scopes are ``schema.visibility``'s.

``$as_of`` and ``$known`` are the times asked about, ``$today`` and ``$now`` those of the question itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graph_loaders.reader.composer import Composer
from graph_loaders.reader.fragments import fragment
from graph_loaders.reader.reading import Reading
from schema.ports import Asking
from schema.times import OPEN_INSTANT
from schema.visibility import past_is_open

ALL_KNOWN = OPEN_INSTANT - 1
"""``$now``: by all that is held."""
_THEN = {"as_of": "today", "known": "now"}
_ON_A_DAY = ("pierced", "holding", "reporting")
_NOW = {**_THEN, **{name: f"{name}_now" for name in _ON_A_DAY}}
_TIMES = re.compile(r"\$(" + "|".join(_NOW) + r")\b")


def closes_the_past(scopes: frozenset[str]) -> bool:
    """Whether questions about the past need the second condition under these scopes."""
    return not past_is_open(scopes)


def is_past(values: Mapping[str, Any], asking: Asking) -> bool:
    """Whether a question's times are others than today and all that is known. A later day counts, too."""
    return (values["as_of"], values["known"]) != (asking.as_of, ALL_KNOWN)


def at_present(expression: str) -> str:
    """The same expression about today, by what is known now. It is made of pieces of this package, never of a text of
    a client."""
    return _TIMES.sub(lambda found: f"${_NOW[found[1]]}", expression)


def is_own(composer: Composer, code: str) -> str:
    """Whether a subject's code is the one that a credit:self token is bound to."""
    return f"({code} = {composer.parameter('own_subject', _own_subject)})"


def unless_own(composer: Composer, code: str, condition: str) -> str:
    """A condition that holds for everybody but the subject of a credit:self token, which sees its past."""
    if composer.bound_rows is None:
        return condition
    return f"CASE WHEN {is_own(composer, code)} THEN true ELSE {condition} END"


def still_held(composer: Composer, label: str, fact: str, in_force: str = "") -> str:
    """Whether a commitment or rating shown of the past is held now, in this version or another of the same key.
    ``in_force`` is a piece about the fact that must hold today. Begins with AND; "" where the past is open."""
    if not composer.past:
        return ""

    def force(variable: str) -> str:
        return f"AND {at_present(fragment(in_force, 0, node=variable))}" if in_force else ""

    number = composer.number()
    now = fragment("held/still", number, node=fact, label=label, same=force(fact), other=force(f"now{number}"))
    return f"AND {unless_own(composer, f'{fact}.code', now)}"


def _own_subject(reading: Reading) -> str:
    return reading.asking.caller.subject or ""

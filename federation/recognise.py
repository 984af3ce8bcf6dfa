"""The federated answer: city by city what is held, what it means here and under which agreement; never merged.

One element for each fact, in order of region and of the city's own order; exactly one element where a city holds
nothing or gave no answer that counts. An unreachable city is never "good".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

ANSWERED = "ANSWERED"
NOT_RECOGNISED = "NOT_RECOGNISED"
NOTHING_HELD = "NOTHING_HELD"
LIVE, DIGEST, COPY = "LIVE", "DIGEST", "COPY"


class Judge(Protocol):
    """What a foreign fact means here. Implemented over ``policies.recognition``."""

    def __call__(self, fact: Mapping[str, Any], of: str, at: str, day: str) -> Mapping[str, Any]:
        """``{recognised, mappedValue, mappingRule, agreement, reason, measures}``."""


@dataclass(frozen=True, slots=True)
class CityAnswer:
    """What one city said about one subject. ``facts`` None: no answer that counts, ``status`` and ``reason`` say why.

    ``receipts``: the JWS for each fact (feed entries) or one for all; ``as_of`` is the instant (RFC 3339, UTC) or day
    that the answer speaks for.
    """

    region: str
    name: str
    facts: Sequence[Mapping[str, Any]] | None
    status: str = ANSWERED
    basis: str | None = LIVE
    reason: str | None = None
    receipt: str | None = None
    receipts: Sequence[str | None] | None = None
    as_of: str | None = None
    evidence: str | None = None


def elements(answer: CityAnswer, *, here: str, day: str, judge: Judge) -> list[dict[str, Any]]:
    """The ``RecognisedAnswer`` values of one city, full and keyed by field names."""
    if answer.facts is None:
        return [_element(answer, status=answer.status, basis=None, reason=answer.reason)]
    if not answer.facts:
        return [_element(answer, status=NOTHING_HELD, basis=answer.basis, receipt=answer.receipt)]
    found = []
    for place, fact in enumerate(answer.facts):
        receipt = answer.receipts[place] if answer.receipts is not None else answer.receipt
        authority = fact.get("authority") or fact.get("issuer") or answer.name
        element = _element(answer, status=ANSWERED, basis=answer.basis, receipt=receipt, authority=authority)
        element["value"] = fact
        if answer.region != here:
            verdict = judge(fact, answer.region, here, day)
            element["status"] = ANSWERED if verdict["recognised"] else NOT_RECOGNISED
            for name in ("mappedValue", "mappingRule", "agreement", "reason", "measures"):
                element[name] = verdict[name]
        found.append(element)
    return found


def _element(
    answer: CityAnswer,
    *,
    status: str,
    basis: str | None,
    reason: str | None = None,
    receipt: str | None = None,
    authority: str | None = None,
) -> dict[str, Any]:
    return {
        "__typename": "RecognisedAnswer",
        "authority": authority or answer.name,
        "region": answer.region,
        "status": status,
        "basis": basis,
        "value": None,
        "mappedValue": None,
        "mappingRule": None,
        "agreement": None,
        "reason": reason,
        "measures": [],
        "asOf": answer.as_of,
        "receipt": receipt,
        "evidence": answer.evidence,
    }

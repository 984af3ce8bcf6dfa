"""Asking all peers at once what they hold of some subjects: one request a peer, one deadline, never merged.

A fresh membership digest spares the question where a peer certainly holds nothing. A local copy that is young enough
stands in for a peer that gives no whole answer; never for one that answers wrongly.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation.digest import FRESH_SECONDS
from federation.documents import HELD
from federation.errors import BadSignature, PeerFault, PeerRefused, PeerUnreachable
from federation.feed.copies import Copies
from federation.feed.follow import Follower
from federation.peer import Peer, PeerAnswer
from federation.ports import Asker
from federation.recognise import COPY, DIGEST, LIVE, CityAnswer
from schema import times

log = logging.getLogger(__name__)
MARGIN = 0.05  # seconds of the deadline kept for putting the answer together
PROVING = 3.0  # seconds more for evidence, where it is asked for: witnesses see a checkpoint before it is shown
ADVERSE = ("PENALTY", "LIST_ENTRY")
Prove = Callable[[PeerAnswer, float], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Question:
    """``codes`` are valid USCCs, each once; ``as_of`` an ISO date; copies may speak when it is ``today``."""

    codes: tuple[str, ...]
    as_of: str
    today: str
    asker: Asker
    deadline: float  # seconds for all peers together
    copy_max_age: float  # seconds
    prove: Prove | None = None


async def ask_peer(peer: Peer, follower: Follower, copies: Copies, question: Question) -> dict[str, CityAnswer]:
    """What one peer says of each code. Never raises a PeerFault: a fault is an answer too."""
    absent = _certainly_absent(follower, question)
    asked = [code for code in question.codes if code not in absent]
    answers = {code: absent[code] for code in question.codes if code in absent}
    if asked:
        try:
            answers |= await _asked(peer, copies, asked, question)
        except Exception:  # one city's trouble never costs the others their part
            log.exception("a peer's answer could not be read", extra={"fields": {"peer": peer.hub.region}})
            answers |= {code: _fault(peer, PeerUnreachable("internal")) for code in asked}
    return answers


async def _asked(peer: Peer, copies: Copies, codes: Sequence[str], question: Question) -> dict[str, CityAnswer]:
    try:
        return await _live(peer, codes, question)
    except PeerUnreachable as fault:
        return await _stand_in(peer, copies, codes, question, fault)
    except PeerFault as fault:
        return {code: _fault(peer, fault) for code in codes}


def _certainly_absent(follower: Follower, question: Question) -> dict[str, CityAnswer]:
    found, hub = follower.digest, follower.peer.hub
    said_at = follower.digest_time
    if found is None or time.time() - said_at > FRESH_SECONDS:
        return {}
    said = times.us_to_iso(int(said_at * 1_000_000))
    return {
        code: CityAnswer(hub.region, hub.name, (), basis=DIGEST, receipt=follower.digest_statement, as_of=said)
        for code in question.codes
        if not found.may_hold(code)
    }


async def _live(peer: Peer, codes: Sequence[str], question: Question) -> dict[str, CityAnswer]:
    deadline = asyncio.get_running_loop().time() + question.deadline - MARGIN
    variables = {"codes": list(codes), "asOf": question.as_of}
    answer = await peer.query(HELD, variables, asker=question.asker, deadline=deadline)
    held = held_of(answer.data, codes, peer.hub.region)
    evidence = await question.prove(answer, deadline + PROVING) if question.prove else None
    now = times.us_to_iso(times.now_us())
    return {
        code: CityAnswer(
            peer.hub.region,
            peer.hub.name,
            held[code],
            basis=LIVE,
            receipt=answer.receipt_id,
            as_of=now,
            evidence=evidence,
        )
        for code in codes
    }


def held_of(data: Mapping[str, Any], codes: Sequence[str], region: str) -> dict[str, list[Mapping[str, Any]]]:
    """Raises BadSignature for another region's word, PeerRefused unless each code is answered once, in order, with
    facts about it (the form was checked before: ``federation/asked.py``)."""
    rows = data["held"] or ()
    if any(row["region"] != region for row in rows if row):
        raise BadSignature("region", "the answer speaks for another region")
    if [row and row["code"] for row in rows] != list(codes):
        raise PeerRefused("not as asked")
    if not all(row["facts"] is not None and all(_about(fact, row["code"]) for fact in row["facts"]) for row in rows):
        raise PeerRefused("not as asked")
    return {row["code"]: row["facts"] for row in rows}


def _about(fact: Mapping[str, Any] | None, code: str) -> bool:
    if fact is None:
        return False
    return fact["__typename"] == "Rating" or (fact["subject"] is not None and fact["subject"]["code"] == code)


async def _stand_in(
    peer: Peer, copies: Copies, codes: Sequence[str], question: Question, fault: PeerFault
) -> dict[str, CityAnswer]:
    """The copy speaks for today only: what a state was on another day it does not know."""
    region = peer.hub.region
    position = await asyncio.to_thread(copies.position, region) if question.as_of == question.today else None
    age = (times.now_us() - position.synced_us) / 1_000_000 if position else 0.0
    if position is None or age > question.copy_max_age:
        return {code: _fault(peer, fault) for code in codes}
    held = await asyncio.to_thread(copies.held, region, codes)
    digest = await asyncio.to_thread(copies.digest, region)
    said = times.us_to_iso(position.synced_us)
    found = {}
    for code in codes:
        facts = [(fact, item.jws) for item in held[code] if (fact := as_it_stands(item.fact, question.as_of))]
        found[code] = CityAnswer(
            region,
            peer.hub.name,
            [fact for fact, _ in facts],
            basis=COPY,
            receipt=digest[0] if digest else None,
            receipts=[jws for _, jws in facts],
            as_of=said,
        )
    return found


def as_it_stands(fact: Mapping[str, Any], day: str) -> Mapping[str, Any] | None:
    """A copied fact as its city would tell it on a later day: adverse ones are told no longer than they are in force,
    others go on as expired ones."""
    last = fact.get("lastDay") or fact.get("validTo")
    if last is None or str(last) >= day:
        return fact
    if fact.get("__typename") == "Rating" or fact.get("kind") in ADVERSE:
        return None
    return {**fact, "state": "EXPIRED"} if fact.get("state") == "ACTIVE" else fact


def _fault(peer: Peer, fault: PeerFault) -> CityAnswer:
    return CityAnswer(peer.hub.region, peer.hub.name, None, status=fault.peer_status, basis=None, reason=fault.reason)

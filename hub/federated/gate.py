"""The one gate for neighbouring hubs: what each of them may ask, for what purpose, under which agreement.

A neighbour is a client with an agreement, not a friend. Its token and signature say who it is; what is open to it is in
``DOORS`` and nowhere else: a root field or path that is not named there is closed to every hub, whatever its scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.recognition import Fact
from policies.sharing import Sharing
from schema.caller import Caller
from schema.errors import NotAgreed

FOR_CASE = "investigation"


@dataclass(frozen=True, slots=True)
class Door:
    """What a question needs. ``agreed``: an agreement in force. ``client``: an end client, and its purpose among those
    of the agreement. ``adverse``, ``whole``: which kinds of fact the agreement must open."""

    agreed: bool = True
    client: bool = True
    adverse: bool = False
    whole: bool = False


DOORS: Mapping[str, Door] = {
    "__typename": Door(agreed=False, client=False),
    "held": Door(),
    "peerPersons": Door(adverse=True),
    "peerPenetration": Door(adverse=True),
    "/federation/persons": Door(adverse=True),
    "/federation/witness": Door(client=False),
    "/federation/digest": Door(client=False, whole=True),
    "/feed": Door(client=False, whole=True),
}


class NotOpen(NotAgreed):
    """Closed to this neighbour: 403."""

    def __init__(self, why: str, message_zh: str = "协议未开放") -> None:
        super().__init__(why, hint="what a neighbour may ask: docs/federation.md", message_zh=message_zh)


def refusal(name: str, caller: Caller, found: Sharing) -> NotOpen | None:
    """Why a neighbour may not come through this door; None where it may."""
    door = DOORS.get(name)
    if door is None:
        return NotOpen(f"{name} is not open to hubs of the directory", "该查询不对邻市枢纽开放")
    if door.agreed and not found.agreements:
        return NotOpen(f"no agreement in force with {caller.peer_region}", "两地无有效协议")
    if door.client:
        if caller.on_behalf_of is None:
            return NotOpen("no end client is named: send Credit-On-Behalf-Of", "未注明最终查询方")
        if caller.purpose not in found.purposes:
            named = caller.purpose or "no purpose"
            return NotOpen(f"{named}: the agreement opens {' '.join(sorted(found.purposes))}", "协议不含该用途")
        if caller.purpose == FOR_CASE and not caller.case:
            return NotOpen("an investigation needs its case: send Credit-Case", "缺少案号")
    if (door.whole and not found.whole) or (door.adverse and not found.adverse):
        return NotOpen(f"the agreement does not open the kinds of fact that {name} tells of")
    return None


class Gate:
    """``sharing(region, day)``: what this hub tells that region about a day (None: today)."""

    def __init__(self, sharing: Callable[[str, str | None], Sharing]) -> None:
        self.sharing = sharing

    def admit(self, caller: Caller, names: Iterable[str]) -> None:
        """Raises NotOpen for a neighbour where any door is closed to it; other clients have their scopes."""
        if caller.peer_region is None:
            return
        found = self.sharing(caller.peer_region, None)
        for name in names:
            fault = refusal(name, caller, found)
            if fault is not None:
                raise fault

    def opened(self, caller: Caller, day: str) -> Callable[[Mapping[str, Any]], bool] | None:
        """Which facts (records and ratings in the form of ``federation/documents.py``) may be told to this caller of a
        day; None: all. Raises NotOpen for a day on which no agreement was in force."""
        if caller.peer_region is None:
            return None
        found = self.sharing(caller.peer_region, day)
        if not found.agreements:
            raise NotOpen(f"no agreement in force with {caller.peer_region} on {day}", "两地当日无有效协议")
        return lambda fact: found.opens(as_fact(fact))


def as_fact(fact: Mapping[str, Any]) -> Fact:
    """A record or rating of an answer as the agreements look at it."""
    rating = fact.get("__typename") == "Rating"
    return Fact(
        kind="RATING" if rating else str(fact.get("kind")),
        list_type=str(fact.get("listType") or ""),
        authority=str(fact.get("authority") or ""),
        basis=str(fact.get("legalBasis") or ""),
        scale=str(fact.get("scale") or ""),
        grade=str(fact.get("grade") or ""),
    )

"""What answering would come to at most, known before anything is read: ten for an object, one for a value.

A page multiplies what it holds by ``first``, a batch by its codes, a list without a page by a guess. The sum is over
the selection, so it is linear in the (already limited) document whatever the numbers multiply to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.graphql.told import KEY
from schema.selection import Select

OBJECT = 10
VALUE = 1
PAGE = 20
_LISTS: dict[str, int] = {
    "Subject.representatives": 2,
    "Subject.commitments": 10,
    "Subject.ratings": 10,
    "Subject.effects": 10,
    "Person.effects": 10,
    "Penetration.reached": 50,
    "Penetration.notReached": 50,
    "Effect.roles": 2,
    "Effect.path": 4,
    "Effect.reportedOn": 5,
    "EffectRole.path": 4,
    "Contract.parties": 2,
    "Contract.milestones": 5,
    "Query.path": 5,
    "Query.recognised": 20,
    "RecognisedResult.answers": 4,
    "RecognisedAnswer.measures": 1,
    "HeldFacts.facts": 5,
    "PeerPenetration.reached": 50,
    "PeerPenetration.notReached": 50,
    "Effect.receipts": 5,
    "Penetration.regions": 5,
    "LoadRun.reasons": 10,
    "LoadRun.warnings": 10,
}
BATCHES = ("codes", "subjects", "tokens", "representations")
_EVIDENCE = 4
"""A bundle has the city's whole answer, so its size grows with the subjects asked about together."""
_PERSONS = 16
"""Persons a neighbour asks about for one who has effects; how many it may name is limited where they are answered."""
_DATA_QUALITY = 50
_HOPS = 7
# What finding comes to where it is more than what is found: relations that are followed, names that are looked through.
_PATH = (1_000, 2_000, 6_000, 20_000, 60_000, 180_000)
_AROUND = (1_000, 10_000, 60_000)
_SEARCHES = {"searchSubjects": 5_000, "dataQuality": 50_000}


def cost(roots: list[Select], arguments: Mapping[int, Mapping[str, Any]]) -> int:
    """The most that these root fields may come to with these arguments."""
    return sum(_search(root, arguments.get(root.index, {})) + _cost(root, 1, 1, arguments) for root in roots)


def _search(root: Select, given: Mapping[str, Any]) -> int:
    """Work of a root field that its answer may not show: a path that is not there costs the most."""
    if root.name == "path":
        return _PATH[_within(given.get("maxHops"), 4, len(_PATH)) - 1]
    if root.name == "neighbourhood":
        return _AROUND[_within(given.get("depth"), 1, len(_AROUND)) - 1]
    return _SEARCHES.get(root.name, 0)


def _within(value: Any, default: int, most: int) -> int:
    return max(1, min(default if value is None else int(value), most))


def _cost(select: Select, times: int, page: int, arguments: Mapping[int, Mapping[str, Any]]) -> int:
    if select.key == KEY:
        return 0  # what the log wants to know is not what the client asked for
    if not select.children:
        bundle = select.name == "evidence" and select.parent == "RecognisedAnswer"
        return times * (_EVIDENCE * page if bundle else VALUE)
    given = arguments.get(select.index, {})
    many, inner_page = _many(select, page, given)
    times *= many
    return times * OBJECT + sum(_cost(child, times, inner_page, arguments) for child in select.children)


def _many(select: Select, page: int, given: Mapping[str, Any]) -> tuple[int, int]:
    """How many objects stand at a field for one parent, and the page size that holds below it."""
    if select.type.endswith("Connection"):
        first = given.get("first")
        return 1, PAGE if first is None else int(first)
    if select.parent.endswith("Connection"):
        return (1 if select.name == "pageInfo" else page), 1
    if select.parent == "Mutation":
        given = given.get("input") or {}
        batch = next((given[name] for name in BATCHES if given.get(name)), None)
        return (1, 1) if batch is None else (len(batch), len(batch))
    if select.parent == "Query" and select.name != "path":
        batch = next((given[name] for name in BATCHES if name in given), None)
        if batch is not None and select.name == "peerPersons":
            return -(-len(batch) // _PERSONS), 1
        if batch is not None:
            return len(batch), len(batch)
    if select.parent == "RecognisedResult":
        return _LISTS.get("RecognisedResult.answers", 1) if select.name == "answers" else 1, page
    if select.name == "neighbourhood":
        limit = given.get("limit")
        return 1, 100 if limit is None else int(limit)
    if select.parent == "Neighbourhood":
        return page, 1
    if select.parent == "Path":
        return _HOPS, 1
    if select.parent == "DataQuality":
        return _DATA_QUALITY, 1
    return _LISTS.get(f"{select.parent}.{select.name}", 1), 1
